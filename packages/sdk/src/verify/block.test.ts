import { testKeys } from '@iotw/assignment/test-network';
import type { CertifiedBlock } from '@iotw/protocol/certificate';
import { describe, expect, it } from 'vitest';
import { type BlockReport, verifyBlock } from './block.js';
import { flipped, swapped, TestLedger } from './test-ledger.js';
import { type Trust, trustFromGenesis } from './trust.js';

const l = new TestLedger();
const base = trustFromGenesis(l.genesis);
if (!base.ok) throw new Error(base.error.code);
const trust: Trust = { ...base.value, pool: l.pool, removed: () => false };
const rounds = [l.receipt().round];
const failing = (report: BlockReport) =>
  report.checks.filter(({ state }) => state === 'fail').map(({ name }) => name);

describe('a certified block', () => {
  it('passes with its body, certificate and committee', () => {
    const report = verifyBlock(l.block(), trust, rounds);
    expect(report.checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      ...['body pass', 'root pass', 'lane-signature pass', 'votes pass', 'coherence pass'],
      ...['pool-root pass', 'pool-mode pass', 'pool-anchor pass', 'committee pass'],
    ]);
    expect(report).toMatchObject({ genuine: true, invalid: [] });
    expect(report.ids).toEqual(l.transactions.map(({ id }) => id));
    expect(report.committee?.paid).toHaveLength(4);
  });

  it('may hold transactions that are not signed: they cost the lane, never the block', () => {
    const transactions = swapped(l.transactions, 3, l.transaction(4, 10_000, testKeys('thief', 0)));
    expect(verifyBlock(l.block({ transactions }), trust, rounds)).toMatchObject({
      genuine: true,
      invalid: [3],
    });
  });

  it.each([
    ['one person in its seat', [1], 'pass'],
    ['a person beyond the seats', [1, 2], 'certificate-rank'],
  ])('with %s', (_, ranks, outcome) => {
    const people = new TestLedger(
      1,
      ranks.map((rank) => l.draw.at(rank)!.device),
    );
    const known = trustFromGenesis(people.genesis);
    if (!known.ok) throw new Error(known.error.code);
    const report = verifyBlock(people.block(), { ...known.value, pool: people.pool, removed: () => false }, [
      people.receipt().round,
    ]);
    const committee = report.checks.find(({ name }) => name === 'committee')!;
    expect(committee.code ?? committee.state).toBe(outcome);
    expect(report.genuine).toBe(outcome === 'pass');
  });

  const good = l.block();
  const rows: readonly [title: string, block: CertifiedBlock, failing: string[]][] = [
    ['a changed body', { ...good, body: flipped(good.body, 100) }, ['root']],
    ['a body that can not be read', { ...good, body: new Uint8Array(3) }, ['body']],
    [
      'one transaction less',
      { ...good, body: l.block({ transactions: l.transactions.slice(1) }).body },
      ['root'],
    ],
    ['a count that is wrong', l.block({ header: { count: 9 } }), ['root']],
    ['another signature', { ...good, signature: flipped(good.signature) }, ['lane-signature']],
    ['no votes', { ...good, certificate: { ...good.certificate, votes: [] } }, ['votes']],
  ];
  it.each(rows)('with %s is refused', (_, block, names) => {
    const report = verifyBlock(block, trust, rounds);
    expect(failing(report)).toEqual(names);
    expect(report.genuine).toBe(false);
  });
});
