/** Verification from a real node, from files alone, and from files that somebody changed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotw, iotwJson } from '../test-io.js';
import { ALICE, address, OneNode, SHOP } from './test-one-node.js';

const node = new OneNode();
const { as, call, endedEpoch, file, genesis, refused } = node;
beforeAll(async () => {
  await node.start();
  await endedEpoch(3);
});
afterAll(() => node.remove());

describe('verify', () => {
  it('a receipt by file needs no server, by id it is fetched', async () => {
    const { id } = await call('send', address(SHOP), '1', ...as(ALICE));
    for (const name of ['receipt.json', 'receipt.ssz']) {
      await call('tx', 'show', id, '--receipt', file(name));
      const words = ['verify', 'receipt', file(name), '--genesis', genesis(), '--network', node.network];
      const offline = await iotwJson([...words, '--api', 'http://127.0.0.1:1']);
      expect(offline).toMatchObject({
        code: 0,
        value: {
          paid: true,
          genuine: true,
          id,
          randomness: expect.stringMatching(/^(genesis|operator-trusted)$/),
        },
      });
    }
    const fetched = await call('verify', 'receipt', id, '--network', node.network);
    expect(fetched.checks.map((check: { state: string }) => check.state)).not.toContain('fail');
    const { out } = await iotw(['verify', 'receipt', id, '--api', node.api]);
    expect(out).toMatch(/^pass +envelope /m);
    expect(out).toMatch(/^verdict +the transaction took effect$/m);
  });

  it('a changed receipt is not genuine, one without effect says so', async () => {
    const text = readFileSync(file('receipt.json'), 'utf8');
    writeFileSync(file('forged.json'), JSON.stringify({ ...JSON.parse(text), fee: 1 }));
    const forged = await iotw(['verify', 'receipt', file('forged.json'), '--genesis', genesis()]);
    expect(forged.code).toBe(1);
    expect(forged.out).toMatch(/^FAIL +result-path /m);
    expect(forged.err).toMatch(/^receipt-not-genuine: /);
    const { value } = await iotwJson(['send', address(SHOP), '9000', ...as(ALICE), '--api', node.api]);
    expect(await refused('verify', 'receipt', String(value.id))).toBe('receipt-no-effect');
  });

  it('a block by place', async () => {
    const sent = await call('send', address(SHOP), '1', ...as(ALICE));
    const { block } = await call('tx', 'show', sent.id);
    const place = `${block.lane}/${block.height}`;
    expect(await call('verify', 'block', place)).toMatchObject({
      genuine: true,
      hash: block.hash,
      transactions: [{ id: sent.id, result: 'ok' }],
    });
    expect(await call('block', 'show', place, '--election')).toMatchObject({
      hash: block.hash,
      election: { lane: block.lane },
    });
  });

  it('an election, a committee, a beacon: from the server, and from what it said alone', async () => {
    const sent = await call('send', address(SHOP), '1', ...as(ALICE));
    const { block } = await call('tx', 'show', sent.id);
    const place = `${block.lane}/${block.height}`;
    const save = ['--save', file('public.json'), '--network', node.network];
    const election = await call('verify', 'election', place, ...save);
    expect(election).toMatchObject({ genuine: true, eligible: 0, ranks: [] });
    const named = election.checks.map((check: { name: string }) => check.name);
    for (const name of [
      'seed-chain',
      'pool-root',
      'round-signatures',
      'committee',
      'block-path',
      'results',
    ]) {
      expect(named).toContain(name);
    }
    const offline = ['--from', file('public.json'), '--genesis', genesis(), '--network', node.network];
    const alone = await iotwJson(['verify', 'committee', place, ...offline, '--api', 'http://127.0.0.1:1']);
    expect(alone).toMatchObject({
      code: 0,
      value: { genuine: true, mode: 'noDevices', members: [], votes: [0] },
    });
    const { out } = await iotw(['verify', 'block', place, ...offline]);
    expect(out).toMatch(/^pass +block \S+ +results +/m);
    expect(out).toMatch(/^verdict +nothing is wrong; \d+ checks lack what they take$/m);
    const seed = await call('verify', 'beacon', '1', '--network', node.network);
    expect(seed).toMatchObject({ genuine: true, epoch: 1, server: 0, randomness: 'operator-trusted' });
    expect(await call('verify', 'beacon', '2', '--seed-epoch', '1', '--seed', seed.seed)).toMatchObject({
      genuine: true,
    });
    const wrong = await iotwJson([
      'verify',
      'beacon',
      '2',
      '--seed-epoch',
      '1',
      '--seed',
      '00'.repeat(32),
      '--api',
      node.api,
    ]);
    expect(wrong).toMatchObject({ code: 1, value: { error: { code: 'public-data-not-genuine' } } });
  });

  it('says which check a changed file fails, what was expected and what came', async () => {
    const whole = JSON.parse(readFileSync(file('public.json'), 'utf8'));
    const epochs = whole.epochs.map((epoch: object) => ({ ...epoch, poolRoot: 'ab'.repeat(32) }));
    writeFileSync(file('changed.json'), JSON.stringify({ ...whole, epochs }));
    const { code, out, err } = await iotw(['verify', 'data', file('changed.json'), '--genesis', genesis()]);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL +epoch \d+ +pool-root +/m);
    expect(out).toMatch(/^ +expected abab\S+, found [0-9a-f]{64}$/m);
    expect(err).toMatch(/^public-data-not-genuine: epoch \d+: the check pool-root fails/);
  });

  const bad: [name: string, words: () => string[], code: string][] = [
    [
      'a place that public data lacks',
      () => ['election', '0/999999', '--from', file('public.json'), '--genesis', genesis()],
      'public-data-lacks',
    ],
    ['an epoch by name', () => ['beacon', 'first'], 'epoch-number'],
    ['a seed without its epoch', () => ['beacon', '1', '--seed', '00'.repeat(32)], 'verify-seed'],
    [
      'public data that is none',
      () => ['data', file('receipt.json'), '--genesis', genesis()],
      'public-data-json',
    ],
    ['a file that is not there', () => ['receipt', file('none.json')], 'file-unreadable'],
    ['a file that is no receipt', () => ['receipt', file('9.key'), '--genesis', genesis()], 'malformed'],
    [
      'a genesis of another network',
      () => ['receipt', file('receipt.json'), '--genesis', genesis(), '--network', '00'.repeat(32)],
      'trust-network',
    ],
    ['a block that is no block', () => ['block', file('9.key'), '--genesis', genesis()], 'malformed'],
  ];
  for (const [name, words, code] of bad) {
    it(`refuses ${name}`, async () => expect(await refused('verify', ...words())).toBe(code));
  }
});
