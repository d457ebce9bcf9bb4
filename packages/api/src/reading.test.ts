/** What a running API server answers to readers. */
import { RankedDraw } from '@iotw/assignment/draw';
import { toHex } from '@iotw/kernel/bytes';
import { verifyMerklePath } from '@iotw/kernel/merkle';
import { attestation, keys, publicKey } from '@iotw/ledger/test-network';
import { refundOp, tradeOp, transferOp, transferToKeyOp } from '@iotw/ledger/test-operations';
import { CERTIFICATE_MODE, CertifiedBlockType, MISS_KIND } from '@iotw/protocol/certificate';
import { GenesisType, networkId } from '@iotw/protocol/genesis';
import { blockHash } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS, MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { poolRoot } from '@iotw/protocol/pool';
import { ReceiptType } from '@iotw/protocol/receipt';
import { receiptFromJson } from '@iotw/protocol/receipt-json';
import { MAX_ROUND_RESULTS, resultLeaf } from '@iotw/protocol/result';
import type { SignedTransaction } from '@iotw/protocol/transaction';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { address, getJson, startedApi } from './test-server.js';

const node = new TestNode();
const { t } = node;
let api: ApiServer;
let trade: SignedTransaction;

const get = (path: string, headers?: Record<string, string>) => getJson(api, path, headers);

async function getBytes(path: string) {
  const response = await fetch(api.url + path, { headers: { accept: 'application/octet-stream' } });
  expect(response.headers.get('content-type')).toBe('application/octet-stream');
  return new Uint8Array(await response.arrayBuffer());
}

beforeAll(async () => {
  trade = t.transaction('alice', [tradeOp('bob', 5_000)]);
  node.send(0, trade);
  // A block with a real draw: ranks 0 and 2 answered, rank 1 missed.
  const pool = t.ledger.snapshotOf(0)!;
  const draw = new RankedDraw(pool, node.network, 1, 1, { committeeSize: 4, excludeHost: 1 });
  const member = (rank: number) => attestation(draw.at(rank)!.device, { lane: 1, rank });
  const miss = {
    lane: 1,
    incarnation: 0,
    height: 1,
    attempt: 0,
    rank: 1,
    device: draw.at(1)!.device,
    host: draw.at(1)!.host,
    kind: MISS_KIND.hard,
    signature: new Uint8Array(64),
  };
  const mined = t.block(1, [t.transaction('bob', [transferOp(t.account('alice'), 7)])], {
    committee: {
      mode: CERTIFICATE_MODE.devices,
      paid: [
        { device: draw.at(0)!.device, rank: 0, role: 'miner', attestation: member(0) },
        { device: draw.at(2)!.device, rank: 2, role: 'witness', attestation: member(2) },
      ],
      misses: [miss],
    },
    certificate: { attestations: [member(0), member(2)], misses: [miss] },
  });
  node.apply([mined, t.block(2, [t.transaction('bob', [refundOp(trade.id, 0, 1_000)])])]);
  node.endEpoch();
  node.send(
    0,
    t.transaction('alice', [transferToKeyOp('dave', 100)]),
    t.transaction('carol', [transferOp(0, 1)]),
  );
  api = await startedApi({ backend: node, faucet: { keys: keys('operator0'), amount: 1_000 } });
  await api.index.caughtUp();
});

afterAll(() => api.close());

describe('reading', () => {
  it('an account by address, key and number is one', async () => {
    const byAddress = await get(`/v1/accounts/${address('alice')}`);
    expect(byAddress).toMatchObject({
      status: 200,
      body: {
        number: t.account('alice'),
        address: address('alice'),
        balance: t.balance('alice'),
        nextSequence: 3,
      },
    });
    expect((await get(`/v1/accounts/${toHex(publicKey('alice'))}`)).body).toEqual(byAddress.body);
    expect((await get(`/v1/accounts/${t.account('alice')}`)).body).toEqual(byAddress.body);
  });

  it('history, newest first, in pages that growth does not move', async () => {
    const all = await get(`/v1/accounts/${address('bob')}/transactions`);
    expect(all.body.items.map((i: { round: number }) => i.round)).toEqual([2, 2, 1]);
    expect(all.body.index).toMatchObject({ state: 'current' });
    const first = await get(`/v1/accounts/${address('alice')}/transactions?limit=1`);
    expect(first.body.items[0].transaction.operations[0].type).toBe('transferToKey');
    const second = await get(
      `/v1/accounts/${address('alice')}/transactions?limit=5&cursor=${first.body.next}`,
    );
    // The refund of her trade and the transfer of bob, then her trade: each once.
    expect(second.body.items.map((i: { round: number }) => i.round)).toEqual([2, 2, 1]);
    expect(second.body.next).toBeNull();
  });

  it('several balances of one state, with its round', async () => {
    const one = async (name: string) => (await get(`/v1/accounts/${address(name)}`)).body.balance;
    const { body } = await get(`/v1/balances?accounts=${address('bob')},${address('alice')}`);
    expect(body).toEqual({ round: node.ledger.round, balances: [await one('bob'), await one('alice')] });
    const unknown = await get(`/v1/balances?accounts=${address('bob')},4000000000`);
    expect(unknown.body.code).toBe('account-not-found');
    const many = await get(`/v1/balances?accounts=${'1,'.repeat(256)}1`);
    expect(many.body.code).toBe('too-many-accounts');
  });

  it('a refused transaction is in the history of its sender alone', async () => {
    const carol = await get(`/v1/accounts/${address('carol')}/transactions`);
    expect(carol.body.items).toMatchObject([{ status: 'failed', code: 'fee-unpaid', round: 4 }]);
  });

  it('a transaction, its receipt in both forms, every path good', async () => {
    const id = toHex(trade.id);
    const view = await get(`/v1/transactions/${id}`);
    expect(view.body).toMatchObject({
      id,
      status: 'final',
      code: 'ok',
      round: 1,
      block: { lane: 0, height: 1 },
    });
    const read = receiptFromJson((await get(`/v1/transactions/${id}/receipt`)).body);
    if (!read.ok) throw new Error(read.error.message);
    const receipt = read.value;
    expect(
      ReceiptType.equals(receipt, ReceiptType.deserialize(await getBytes(`/v1/transactions/${id}/receipt`))),
    ).toBe(true);
    expect(receipt.envelope).toEqual(trade.envelope);
    const { path, index, header, round, blockPath, blockIndex, resultPath, resultIndex, code, fee } = receipt;
    expect(verifyMerklePath(header.root, trade.id, index, path, MAX_BLOCK_TRANSACTIONS)).toBe(true);
    const hash = blockHash(node.network, header);
    expect(verifyMerklePath(round.blocksRoot, hash, blockIndex, blockPath, MAX_ROUND_BLOCKS)).toBe(true);
    const leaf = resultLeaf({ id: trade.id, code, fee });
    expect(verifyMerklePath(round.resultsRoot, leaf, resultIndex, resultPath, MAX_ROUND_RESULTS)).toBe(true);
  });

  it('a block by place and hash, and its bytes', async () => {
    const block = await get('/v1/blocks/1/1');
    expect(block.body).toMatchObject({
      round: 2,
      header: { lane: 1, height: 1 },
      transactions: [{ code: 'ok' }],
    });
    expect((await get(`/v1/blocks/${block.body.hash}`)).body).toEqual(block.body);
    const decoded = CertifiedBlockType.deserialize(await getBytes('/v1/blocks/1/1'));
    expect(toHex(blockHash(node.network, decoded.header))).toBe(block.body.hash);
  });

  it('an election: the draw again, beside the answers', async () => {
    const { body } = await get('/v1/elections/1/1');
    expect(body).toMatchObject({
      lane: 1,
      height: 1,
      certificateMode: 'devices',
      excludedHost: 1,
      mode: 'random',
    });
    expect(body.ranks.slice(0, 3).map((r: { answer: string }) => r.answer)).toEqual([
      'miner',
      'missed',
      'witness',
    ]);
    expect(body.ranks.every((r: { host: number }) => r.host !== 1)).toBe(true);
    expect(body.eligible).toBe(body.ranks.length);
  });

  it('rounds and lanes', async () => {
    const rounds = await get('/v1/rounds?limit=2');
    expect(rounds.body.items.map((r: { number: number }) => r.number)).toEqual([4, 3]);
    const rest = await get(`/v1/rounds?cursor=${rounds.body.next}`);
    expect(rest.body.items.map((r: { number: number }) => r.number)).toEqual([2, 1]);
    const third = await get('/v1/rounds/3');
    expect(third.body).toMatchObject({ opensEpoch: true, epoch: 1, transactions: 0 });
    expect((await get('/v1/lanes')).body.items).toHaveLength(3);
    expect((await get('/v1/lanes/0')).body).toMatchObject({ lane: 0, height: 2, suspended: false });
  });

  it('devices, why one was paid, makers', async () => {
    const list = await get('/v1/devices?limit=3');
    expect(list.body.items.map((d: { device: number }) => d.device)).toEqual([0, 1, 2]);
    const owned = await get(`/v1/devices?owner=${address('alice')}`);
    expect(owned.body.items).toMatchObject([{ device: 0, owner: address('alice') }]);
    expect((await get(`/v1/devices/${toHex(publicKey('device0'))}`)).body).toEqual(owned.body.items[0]);
    const miner = (await get('/v1/elections/1/1')).body.ranks[0].device;
    const why = await get(`/v1/devices/${miner}/why?epoch=0`);
    expect(why.body).toMatchObject({ inPool: true, present: true, mined: 1 });
    expect(why.body.reasons.join(' ')).toContain('mined 1');
    expect((await get(`/v1/devices/${miner}/why`)).body).toEqual(why.body);
    const { minerAmount, witnessAmount, account } = why.body;
    expect((await get(`/v1/devices/${miner}/earnings`)).body).toEqual({
      items: [{ epoch: 0, startMs: node.genesis.timeMs, account, minerAmount, witnessAmount }],
      next: null,
    });
    expect((await get(`/v1/devices/${miner}/earnings?cursor=x`)).body.code).toBe('cursor-invalid');
    expect((await get('/v1/devices/99/earnings')).body.code).toBe('device-unknown');
    const blocks = await get(`/v1/devices/${miner}/blocks`);
    expect(blocks.body).toMatchObject({ items: [{ round: 2, lane: 1, height: 1 }], next: null });
    expect((await get('/v1/devices/99/blocks')).body.code).toBe('device-unknown');
    expect((await get(`/v1/devices/${miner}/blocks?cursor=x`)).body.code).toBe('cursor-invalid');
    expect((await get('/v1/makers')).body.items).toMatchObject([{ maker: 1, name: 'One' }, { maker: 2 }]);
  });

  it('epochs, pools that give their root, rewards', async () => {
    const epochs = await get('/v1/epochs');
    expect(epochs.body.items).toMatchObject([
      { epoch: 1, state: 'running', settlement: null, randomness: 'vrf' },
      { epoch: 0, state: 'ended', poolDevices: 8, settlement: { present: 2 }, randomness: 'genesis' },
    ]);
    expect((await get('/v1/epochs/0')).body).toEqual(epochs.body.items[1]);
    expect((await get('/v1/epochs/0')).body.stateRoot).toBe(toHex(node.history.stateRoot(0)!));
    expect((await get('/v1/epochs/1')).body.stateRoot).toBeNull();
    expect((await get('/v1/epochs/0/pool?limit=3')).body.items).toHaveLength(3);
    expect((await getBytes('/v1/epochs/0/pool')).length).toBe(8 * 50);
    expect(toHex(poolRoot(t.ledger.snapshotOf(1)!))).toBe(epochs.body.items[0].poolRoot);
    const rewards = await get('/v1/rewards');
    expect(rewards.body.epoch).toBe(0);
    const paid = rewards.body.payments.items.reduce(
      (sum: number, p: { minerAmount: number; witnessAmount: number }) =>
        sum + p.minerAmount + p.witnessAmount,
      0,
    );
    expect(paid).toBeGreaterThan(0);
    expect(paid).toBeLessThanOrEqual(rewards.body.settlement.paid);
    expect((await get('/v1/rewards?epoch=0')).body).toEqual(rewards.body);
  });

  it('the farm report: shares of the pool by owner, batch, maker and host, in pages', async () => {
    const owners = (await get('/v1/farms')).body;
    expect(owners).toMatchObject({ epoch: 0, devices: 8, by: 'owner', threshold: 100_000 });
    expect(owners.farms.items).toHaveLength(8);
    const earners = owners.farms.items.filter(({ earnedPpm }: { earnedPpm: number }) => earnedPpm > 0);
    expect(earners).toHaveLength(2);
    expect(earners[0]).toMatchObject({ devices: 1, poolPpm: 125_000, weightPpm: 125_000, answers: 1 });
    const alice = address('alice');
    expect(owners.farms.items.map(({ name }: { name: string }) => name)).toContain(alice);
    const flagged = (await get('/v1/farms?flagged=true&threshold=300000')).body;
    expect(
      flagged.farms.items.every(({ flags }: { flags: string[] }) => flags.includes('concentrated')),
    ).toBe(true);
    expect(flagged.farms.items.length).toBeLessThan(8);
    expect((await get('/v1/farms?by=batch')).body.farms.items).toMatchObject([
      { name: '1/1', devices: 8, poolPpm: 1_000_000, hosts: 3 },
    ]);
    expect((await get('/v1/farms?by=maker')).body.farms.items).toMatchObject([{ name: '1', devices: 8 }]);
    expect((await get('/v1/farms?by=host')).body.farms.items).toHaveLength(3);
    expect((await get('/v1/farms?by=cohort')).body.farms).toEqual({ items: [], next: null });
    const first = (await get('/v1/farms?limit=5&epoch=0')).body.farms;
    const second = (await get(`/v1/farms?limit=5&epoch=0&cursor=${first.next}`)).body.farms;
    expect([...first.items, ...second.items]).toEqual(owners.farms.items);
    expect(second.next).toBeNull();
    expect((await get('/v1/farms?epoch=1')).body.code).toBe('epoch-not-ended');
    expect((await get(`/v1/farms?by=host&cursor=${first.next}`)).body.code).toBe('cursor-invalid');
    expect((await get('/v1/farms?by=colour')).body.code).toBe('request-invalid');
  });

  it('the network, its genesis and who runs it', async () => {
    const network = await get('/v1/network');
    expect(network.body).toMatchObject({
      network: toHex(node.network),
      addressPrefix: 'tiotw',
      epoch: 1,
      committeeSize: 4,
      trustThreshold: 3,
    });
    expect(network.body.laneKeys).toEqual(t.ledger.trustNodes.keys().map(toHex));
    expect(networkId(GenesisType.deserialize(await getBytes('/v1/genesis')))).toEqual(node.network);
    expect((await get('/v1/genesis')).body.name).toBe('test');
    expect((await get('/v1/parameters')).body).toMatchObject({ electionMode: 'random', miners: 1 });
    const trust = await get('/v1/trust-nodes');
    expect(trust.body.items).toMatchObject([
      { operator: 'trust 0', live: { pending: 2 } },
      { live: null },
      {},
    ]);
    expect((await get('/v1/ledger-servers')).body.items).toMatchObject([
      { suspended: null, misbehaviours: [] },
      { suspended: null, misbehaviours: [] },
    ]);
    const status = await get('/v1/status');
    expect(status.body).toMatchObject({ round: t.ledger.round, ready: true, index: { lagRounds: 0 } });
  });

  it.each<[string, () => string, string[]]>([
    ['transaction id', () => toHex(trade.id), ['transaction']],
    ['account key', () => toHex(publicKey('alice')), ['account']],
    // An unclaimed device that was paid has an account of its own key.
    ['device key', () => toHex(publicKey('device5')), ['account', 'device']],
    ['number', () => '1', ['round', 'account', 'device', 'epoch', 'lane', 'trust-node', 'maker']],
    ['lane and height', () => '1:1', ['block']],
    ['address', () => address('bob'), ['account']],
    ['name', () => 'one', ['maker']],
    ['nothing', () => 'nobody-has-this', []],
    ['round hash', () => toHex(t.ledger.roundHash), ['round']],
  ])('search finds by %s', async (_what, q, kinds) => {
    if (_what === 'round hash') await api.index.caughtUp();
    const { body } = await get(`/v1/search?q=${encodeURIComponent(q())}`);
    expect(body.items.map((hit: { kind: string }) => hit.kind)).toEqual(kinds);
    for (const hit of body.items) expect((await get(hit.path)).status).toBe(200);
  });

  it('health, readiness, metrics without ids, the reference without third parties', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
    node.ready = false;
    expect(await get('/readyz')).toMatchObject({ status: 503, body: { code: 'node-not-ready' } });
    node.ready = true;
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    expect(metrics).toContain(`iotw_round_number ${t.ledger.round}`);
    expect(metrics).not.toContain(address('alice'));
    for (const line of metrics.split('\n')) if (line && !line.startsWith('#')) expect(line).toMatch(/^iotw_/);
    const docs = await fetch(`${api.url}/docs`);
    expect(docs.status).toBe(200);
    const policy = docs.headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/https:|swagger\.io|upgrade-insecure|unsafe/);
  });
});
