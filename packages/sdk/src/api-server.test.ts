// The other end of the wire: the client against the real API server over a real ledger.
import type { ApiServer } from '@iotw/api/server';
import { TestNode } from '@iotw/api/test-node';
import { address, startedApi } from '@iotw/api/test-server';
import { toHex } from '@iotw/kernel/bytes';
import { keys, publicKey } from '@iotw/ledger/test-network';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, createClient } from './client.js';
import { buildSigned } from './transaction/build.js';
import { estimateFee } from './transaction/fee.js';
import { transfer } from './transaction/money-operations.js';
import { verifyElection } from './verify/election.js';
import { verifyReceipt } from './verify/receipt.js';
import { type Trust, trustFromGenesis } from './verify/trust.js';

const node = new TestNode();
let api: ApiServer;
let client: Client;

beforeAll(async () => {
  api = await startedApi({ backend: node, faucet: { keys: keys('operator0'), amount: 1_000 } });
  client = createClient({ url: api.url, network: node.network });
});
afterAll(() => api.close());

function value<T>(
  result: { ok: true; value: T } | { ok: false; error: { code: string; message: string } },
): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

async function pay(amount: number, sequence: number) {
  const expiryMs = node.ledger.timeMs + 60_000;
  const operations = [transfer(address('bob'), amount, 'tiotw')];
  return value(buildSigned(node.network, keys('alice'), { sequence, expiryMs, operations }));
}

it('builds, signs, submits, waits and verifies', async () => {
  const sequences = value(await client.sequencesOf(address('alice')));
  const before = value(await client.getAccount(address('bob'))).balance;
  const signed = await pay(5_000, value(sequences.next()));
  const submitted = value(await client.submit(signed, { wait: 'final' }));
  expect(submitted).toMatchObject({ id: toHex(signed.id), status: 'final', code: 'ok' });
  expect(value(await client.getAccount(publicKey('bob'))).balance).toBe(before + 5_000);
  expect(value(await client.submit(signed, { wait: 'final' }))).toMatchObject({
    status: 'final',
    code: 'ok',
  });

  const receipt = value(await client.waitForReceipt(signed.id));
  expect(receipt).toEqual(submitted.receipt);
  expect(receipt.fee).toBe(estimateFee(node.genesis.parameters, signed.transaction.operations).total);
  const genesis = value(await client.getGenesis());
  const pool = value(await client.getPool(receipt.header.epoch));
  // The test node's rounds carry the signature of one ledger server.
  const trust: Trust = { ...value(trustFromGenesis(genesis, node.network)), pool, ledgerThreshold: 1 };
  const report = verifyReceipt(receipt, trust, signed.id);
  const wrong = report.checks.filter(({ state }) => state === 'fail').map(({ name }) => name);
  // The test node orders blocks without asking trust nodes: nothing but their votes is missing.
  expect(wrong).toEqual(['votes']);
  expect(report.paid).toBe(false);
  expect(report.checks.filter(({ name }) => name.startsWith('pool')).map(({ state }) => state)).toEqual([
    ...['pass', 'pass', 'pass'],
  ]);

  const election = value(await client.getElection(receipt.header.lane, receipt.header.height));
  const ranked = election.ranks.map(({ device }) => device);
  const { lane, height } = receipt.header;
  const round = { header: receipt.round, signatures: receipt.signatures };
  const drawn = verifyElection({ snapshot: pool, lane, height, ranked, round }, trust);
  expect(drawn.genuine).toBe(true);
  expect(drawn.eligible).toBe(election.eligible);
});

it('reads every route', async () => {
  node.endEpoch();
  await api.index.caughtUp();
  const { number } = value(await client.getRound(1));
  expect(number).toBe(1);
  expect(value(await client.getNetwork()).network).toBe(toHex(node.network));
  expect(value(await client.getParameters())).toHaveProperty('epochMs');
  expect(value(await client.getStatus())).toHaveProperty('ready');
  expect(value(await client.getLanes()).length).toBe(node.ledger.lanes.rows);
  expect(value(await client.getEpoch(0)).state).toBe('ended');
  expect(value(await client.getDevice(0)).device).toBe(0);
  expect(value(await client.whyPaid(0, 0)).reasons.length).toBeGreaterThan(0);
  const listed: string[] = [];
  for await (const item of client.listAccountTransactions(address('alice'))) listed.push(value(item).id);
  const { id, block } = value(await client.getTransaction(listed[0]!));
  expect(id).toBe(listed[0]);
  expect(value(await client.getBlock(block.lane, block.height)).hash).toBe(block.hash);
  expect(value(await client.getCertifiedBlock(block.lane, block.height)).header.height).toBe(block.height);
  expect(await client.getTransaction(toHex(new Uint8Array(32)))).toMatchObject({
    error: { code: 'transaction-not-found', data: { status: 404 } },
  });
  expect(await client.getAccount('nobody')).toMatchObject({ error: { data: { status: 400 } } });
});

it('sends batches, asks the faucet, follows the stream', async () => {
  const stop = new AbortController();
  const rounds: unknown[] = [];
  const listening = (async () => {
    for await (const event of client.events({
      signal: stop.signal,
      account: address('bob'),
      lastEventId: '0',
    })) {
      rounds.push(value(event).data);
      if (rounds.length === 3) stop.abort();
    }
  })();
  const sequences = value(await client.sequencesOf(address('alice')));
  const batch = [await pay(1, value(sequences.next())), await pay(2, value(sequences.next()))];
  const outcome = value(await client.submitBatch(batch, { wait: 'final' }));
  expect(outcome).toEqual(batch.map(({ id }) => ({ id: toHex(id), code: 'ok' })));
  expect(value(await client.faucet(publicKey('dave')))).toMatchObject({ status: 'final', code: 'ok' });
  expect(value(await client.getAccount(address('dave'))).balance).toBe(1_000);
  await listening;
  expect(rounds).toMatchObject([{ code: 'ok' }, { id: toHex(batch[0]!.id) }, { id: toHex(batch[1]!.id) }]);

  const poor = await pay(9e15, value(sequences.next()));
  expect(value(await client.submit(poor, { wait: 'final' }))).toMatchObject({
    status: 'failed',
    code: 'balance-too-low',
  });
});
