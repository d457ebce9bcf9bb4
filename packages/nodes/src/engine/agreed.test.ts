import { Ledger } from '@iotw/ledger/ledger';
import { NO_MORE_ACTS } from '@iotw/ledger/tables/nodes';
import { testGenesis } from '@iotw/ledger/test-network';
import type { Misbehaviour, RoundInput } from '@iotw/protocol/round';
import { describe, expect, it } from 'vitest';
import { checkAgreed, misbehavioursDue } from './agreed.js';

const { ledgerServers } = Ledger.genesis(testGenesis());
const input = (timeMs: number, ...misbehaviours: Misbehaviour[]): RoundInput => ({
  ...{ number: 1, timeMs, seedProof: new Uint8Array(0), resets: [], epochVotes: [], beacon: [], blocks: [] },
  misbehaviours,
});
const code = (...[ledger, round, agreed]: Parameters<typeof checkAgreed>): string => {
  const verdict = checkAgreed(ledger, round, agreed);
  return verdict.ok ? 'ok' : verdict.error.code;
};

it.each([
  ['the agreed time', 100, 100, 90, true],
  ['the last round’s, where that is later', 90, 80, 90, true],
  ['an earlier one', 99, 100, 90, false],
  ['a later one', 101, 100, 90, false],
  ['the agreed one though the last round’s is later', 80, 80, 90, false],
  ['any, with an engine that agrees on none', 7, undefined, 90, true],
])('a round with %s is judged by what is agreed', (_, timeMs, agreedMs, lastRoundMs, good) => {
  const agreed = agreedMs === undefined ? undefined : { timeMs: agreedMs, misbehaviours: [] };
  expect(code({ ledgerServers, timeMs: lastRoundMs }, input(timeMs), agreed)).toBe(
    good ? 'ok' : 'round-time',
  );
});

const act = (server: number, height = 7, fields: Partial<Misbehaviour> = {}): Misbehaviour => ({
  ...{ server, kind: 0, height, timeMs: 50 },
  ...fields,
});

describe('acts that an engine proved', () => {
  const ledger = { ledgerServers, timeMs: 90 };

  it.each<[what: string, named: Misbehaviour[] | undefined, proven: Misbehaviour[], good: boolean]>([
    ['named as it was proven', [act(0)], [act(0)], true],
    ['left out of the round', [], [act(0)], false],
    ['in a block without a round', undefined, [act(0)], false],
    ['invented', [act(0)], [], false],
    ['of another server than proven', [act(1)], [act(0)], false],
    ['of another height', [act(0, 8)], [act(0)], false],
    ['of another kind', [act(0, 7, { kind: 1 })], [act(0)], false],
    ['of another time', [act(0, 7, { timeMs: 51 })], [act(0)], false],
    ['one of two left out', [act(0)], [act(0), act(1)], false],
    ['none, and none proven', undefined, [], true],
    ['unknown, and in no round', undefined, [act(9)], true],
    ['too old, and in no round', [], [act(0, 7, { timeMs: 101 })], true],
  ])('%s: judged so', (_, named, proven, good) => {
    const round = named && input(100, ...named);
    const verdict = code(ledger, round, { timeMs: 100, misbehaviours: proven });
    expect(verdict).toBe(good ? 'ok' : 'misbehaviour-differs');
  });

  it('the oldest of each server is due, in the order of the servers; none of a server that has been punished', () => {
    const proven = [act(1, 9), act(0, 8), act(1, 5), act(0, 8, { kind: 1 }), act(7)];
    expect(misbehavioursDue(ledger, proven, 100)).toEqual([act(0, 8), act(1, 5)]);
    const after = Ledger.genesis(testGenesis()).ledgerServers;
    after.set('actsAfterMs', 1, NO_MORE_ACTS);
    expect(misbehavioursDue({ ledgerServers: after }, proven, 100)).toEqual([act(0, 8)]);
  });
});
