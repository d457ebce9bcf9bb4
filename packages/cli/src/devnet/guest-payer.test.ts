/** Who pays for a guest's device, against the real API over a real ledger. */
import type { ApiServer } from '@iotw/api/server';
import { TestNode } from '@iotw/api/test-node';
import { startedApi } from '@iotw/api/test-server';
import { keys } from '@iotw/ledger/test-network';
import { connect } from '@iotw/sdk/client/connection';
import { afterEach, expect, it } from 'vitest';
import { devnetKeys } from './devnet-keys.js';
import { guestPayer } from './guest-payer.js';

const SEED = new Uint8Array(32).fill(5);
const GIVEN = 2_000;
let api: ApiServer;
afterEach(() => api.close());

it('asks the faucet once, and never signs with its key', async () => {
  const node = new TestNode();
  api = await startedApi({ backend: node, faucet: { keys: keys('operator0'), amount: GIVEN } });
  const server = connect({ url: api.url });
  const payer = devnetKeys(SEED, 'guest-payer');
  const { accounts } = node.ledger;
  for (let n = 0; n < 2; n += 1) {
    expect(await guestPayer(server, SEED)).toEqual({ ok: true, value: payer });
    expect(accounts.balance(accounts.find(payer.publicKey))).toBe(GIVEN);
  }
  expect(payer.publicKey).not.toEqual(devnetKeys(SEED, 'faucet').publicKey);
});

it('says how to name a payer where no faucet gives', async () => {
  api = await startedApi({ backend: new TestNode() });
  const answer = await guestPayer(connect({ url: api.url }), SEED);
  expect(answer).toMatchObject({ ok: false, error: { code: 'device-payer' } });
  expect(answer.ok || answer.error.message).toMatch(/--wallet or --signer-key-file/);
});
