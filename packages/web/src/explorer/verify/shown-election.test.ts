import { answersByRank } from '@iotw/assignment/election-answers';
import { CheckList } from '@iotw/sdk/verify/checks';
import { TestLedger } from '@iotw/sdk/verify/test-ledger';
import { expect, it } from 'vitest';
import type { ShownElection } from './report.ts';
import { checkElection } from './shown-election.ts';

const l = new TestLedger();
const { header, certificate } = l.block();
const proven = { network: l.network, snapshot: l.pool, header, certificate };

function honest(): ShownElection {
  const ranks = [...answersByRank(certificate, l.pool.parameters)].map(([rank, answer]) => {
    const { device, host, maker, region, owner } = l.draw.at(rank)!;
    return { rank, device, host, maker, region, owner, answer: answer as string };
  });
  const distinct = (name: 'owner' | 'maker' | 'region' | 'host') =>
    new Set(ranks.map((row) => row[name])).size;
  const diversity = {
    ...{ seats: ranks.length, owners: distinct('owner'), makers: distinct('maker') },
    ...{ regions: distinct('region'), hosts: distinct('host') },
  };
  return { eligible: l.draw.eligible, diversity, ranks };
}

function stateOf(shown: ShownElection | undefined, known: typeof proven | undefined = proven) {
  const list = new CheckList();
  checkElection(list, shown, known);
  expect(list.checks.map(({ name }) => name)).toEqual(['shown-committee']);
  return list.checks[0]!.state;
}

const changed = (at: number, change: Partial<ShownElection['ranks'][number]>): ShownElection => {
  const whole = honest();
  return { ...whole, ranks: whole.ranks.map((row, n) => (n === at ? { ...row, ...change } : row)) };
};

it('the committee that was drawn is what a page may show', () => {
  expect(stateOf(honest())).toBe('pass');
});

it.each<[string, ShownElection]>([
  ['another device', changed(0, { device: 99 })],
  ['another owner', changed(1, { owner: 99 })],
  ['another maker', changed(1, { maker: 99 })],
  ['another region', changed(2, { region: 99 })],
  ['another host', changed(3, { host: 99 })],
  ['a miner as a witness', changed(0, { answer: 'witness' })],
  ['somebody who answered as missed', changed(3, { answer: 'missed' })],
  ['somebody who answered as removed', changed(3, { answer: 'removed' })],
  ['one fewer', { ...honest(), ranks: honest().ranks.slice(1) }],
  ['one twice', { ...honest(), ranks: [...honest().ranks, honest().ranks[0]!] }],
  [
    'one more, who did not answer',
    { ...honest(), ranks: [...honest().ranks, { ...changed(0, {}).ranks[0]!, rank: 4 }] },
  ],
  ['nobody', { ...honest(), ranks: [] }],
  ['more owners than there are', { ...honest(), diversity: { ...honest().diversity, owners: 99 } }],
  ['more to draw from', { ...honest(), eligible: 99 }],
])('a page that shows %s is found out', (_, shown) => {
  expect(stateOf(shown)).toBe('fail');
});

it('what was not given, or not proven, is left open', () => {
  expect(stateOf(undefined)).toBe('unchecked');
  const list = new CheckList();
  checkElection(list, honest(), undefined);
  expect(list.checks[0]!.state).toBe('unchecked');
});
