import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import type { Failure } from '@iotw/kernel/result';
import { encodeAddress } from '@iotw/protocol/address';
import { buildSigned } from '@iotw/sdk/transaction/build';
import { transfer } from '@iotw/sdk/transaction/money-operations';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createNetwork } from './new-network.js';
import { type NodeConfig, nodeConfigSchema, readConfigFile } from './node-config.js';
import { type RunningNode, runNode } from './run-node.js';

const alice = keyPairFromSeed(new Uint8Array(32).fill(1));
const bobKey = keyPairFromSeed(new Uint8Array(32).fill(2)).publicKey;
const bob = encodeAddress('tiotw', 0, bobKey);
/** So many transfers in each transaction, that the little room is used up soon. */
const TRANSFERS = 800;

let dir: string;
let config: NodeConfig;
const faults: Failure[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-full-'));
  const accounts = [{ key: alice.publicKey, amount: 1_000_000_000 }];
  const made = await createNetwork({ dir, name: 'full', trustNodes: 1, apiPort: 0, mqttPort: 0, accounts });
  expect(made.ok).toBe(true);
  const read = await readConfigFile(join(dir, 'node.json'), nodeConfigSchema);
  if (!read.ok) throw new Error(read.error.message);
  config = read.value;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function start(storeBytes: number | undefined): Promise<RunningNode> {
  const node = await runNode({ ...config, ...(storeBytes === undefined ? {} : { storeBytes }) }, (fault) =>
    faults.push(fault),
  );
  if (!node.ok) throw new Error(`${node.error.code}: ${node.error.message}`);
  return node.value;
}

const signed = new Map<number, { readonly id: Uint8Array; readonly envelope: Uint8Array }>();

/** The transaction of a sequence: the same bytes each time. */
function signedAs(network: Uint8Array, sequence: number) {
  const known = signed.get(sequence);
  if (known !== undefined) return known;
  const operations = Array.from({ length: TRANSFERS }, () => transfer(bob, 1, 'tiotw'));
  const built = buildSigned(network, alice, { sequence, operations });
  if (!built.ok) throw new Error(built.error.message);
  signed.set(sequence, built.value);
  return built.value;
}

/** Hands one transaction in and waits until it is final: its code, and what the node says of it. */
async function send(
  node: RunningNode,
  sequence: number,
): Promise<{ id: string; code: string; detail: string }> {
  const { id, envelope } = signedAs(node.network, sequence);
  const response = await fetch(`${node.apiUrl}/v1/transactions?wait=final`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ envelope: toHex(envelope) }),
  });
  const answer = JSON.parse(await response.text());
  return { id: toHex(id), code: answer.code ?? answer.status, detail: answer.detail ?? '' };
}

it('a full store: the node says so by its code and stops; what was final is there with more room, and it goes on', async () => {
  const small = await start(1_048_576);
  const finals: string[] = [];
  let refused: Awaited<ReturnType<typeof send>> | undefined;
  for (let sequence = 1; refused === undefined && sequence < 500; sequence++) {
    const sent = await send(small, sequence);
    if (sent.code === 'ok') finals.push(sent.id);
    else refused = sent;
  }
  expect(finals.length).toBeGreaterThan(3);
  expect(refused?.code).toBe('store-full');
  expect(refused?.detail.length).toBeGreaterThan(40);
  // Readers are served still.
  expect((await fetch(`${small.apiUrl}/v1/transactions/${finals[0]}`)).status).toBe(200);
  const again = await send(small, finals.length + 2);
  expect(again.code).toBe('store-full');
  // Those who wait are answered first; then the process is told to end.
  await vi.waitFor(() => expect(faults.map(({ code }) => code)).toEqual(['store-full']), { timeout: 10_000 });
  await small.stop();

  const large = await start(undefined);
  for (const id of finals) {
    const found = await fetch(`${large.apiUrl}/v1/transactions/${id}`);
    expect(found.status).toBe(200);
  }
  const { ledger } = large.process;
  const before = ledger.accounts.balance(ledger.accounts.find(bobKey));
  // What was refused may have been on disk as the lane's block: it is applied by now, or comes in now; once.
  expect((await send(large, finals.length + 1)).code).toBe('ok');
  expect((await send(large, finals.length + 2)).code).toBe('ok');
  const after = ledger.accounts.balance(ledger.accounts.find(bobKey));
  expect(before).toBeLessThanOrEqual(TRANSFERS * (finals.length + 1));
  expect(after).toBe(TRANSFERS * (finals.length + 2));
  expect(ledger.countSupply()).toBe(ledger.chain.supply);
  await large.stop();
});
