import { utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { MISBEHAVIOUR_HOURS } from '@iotw/protocol/limits';
import { type Parameters, SEED_SOURCE } from '@iotw/protocol/parameters';
import { resultCodeName } from '@iotw/protocol/result';
import { MISBEHAVIOUR_KIND, type Misbehaviour } from '@iotw/protocol/round';
import { describe, expect, it } from 'vitest';
import { publicKey, START_MS, TestNetwork, testGenesis } from './test-network.js';
import { adopt, of } from './test-proposals.js';

const act = (server: number, fields: Partial<Misbehaviour> = {}): Misbehaviour => ({
  ...{ server, kind: MISBEHAVIOUR_KIND.doubleVote, height: 7, timeMs: START_MS + 10 },
  ...fields,
});

/** Three ledger servers and a committee, an epoch later. */
function network(parameters: Partial<Parameters> = {}): TestNetwork {
  const { accounts, ledgerServers } = testGenesis();
  const t = new TestNetwork({
    parameters,
    genesis: {
      accounts: [
        ...accounts,
        ...['member0', 'member1'].map((name) => ({ key: publicKey(name), amount: 1_000_000 })),
      ],
      ledgerServers: [0, 1, 2].map((i) => ({
        ...ledgerServers[0]!,
        key: publicKey(`ledger${i}`),
        linkKey: publicKey(`ledger-link${i}`),
        vrfKey: vrfKeyPairFromSeed(sha256(utf8(`vrf${i}`))).publicKey,
      })),
    },
  });
  t.round([], { timeMs: START_MS + 1_000 });
  return t;
}

const standing = (t: TestNetwork) => ({
  voting: t.ledger.ledgerServers.voting(),
  serving: t.ledger.ledgerServers.serving(),
});
const code = (t: TestNetwork, ...misbehaviours: Misbehaviour[]): string => {
  const checked = t.validate([], { misbehaviours });
  return checked.ok ? 'ok' : checked.error.code;
};

describe('an act of a ledger server that the engine proved', () => {
  it('costs its vote on rounds at once, and not its turn at seeds, until a vote reinstates it', () => {
    const t = network();
    const { round } = t.ledger;
    t.round([], { misbehaviours: [act(1)] });
    expect(standing(t)).toEqual({ voting: [0, 2], serving: [0, 1, 2] });
    expect(t.ledger.misbehaviours.of(1)).toEqual([{ ...act(1), round: round + 1, suspended: true }]);
    expect(t.ledger.misbehaviours.of(0)).toEqual([]);
    t.endEpoch();
    expect(standing(t)).toEqual({ voting: [0, 2], serving: [0, 1, 2] });
    adopt(t, of('ledgerServerReinstate', { index: 1 }));
    t.endEpoch();
    expect(standing(t)).toEqual({ voting: [0, 1, 2], serving: [0, 1, 2] });
  });

  it.each<[what: string, act: Misbehaviour, code: string]>([
    ['of nobody', act(3), 'misbehaviour-unknown'],
    ['of no known kind', act(1, { kind: 2 }), 'misbehaviour-unknown'],
    ['still to come', act(1, { timeMs: START_MS + 10_000_000 }), 'misbehaviour-time'],
    ['a light client attack', act(1, { kind: MISBEHAVIOUR_KIND.lightClientAttack }), 'ok'],
  ])('%s: %o gives %s', (_, one, expected) => {
    expect(code(network(), one)).toBe(expected);
  });

  it('counts for as many hours as the network’s rule says, to the millisecond', () => {
    const t = network();
    const hours = MISBEHAVIOUR_HOURS * 3_600_000;
    t.round([], { timeMs: START_MS + 10 + hours });
    expect(code(t, act(1))).toBe('ok');
    t.round([], { timeMs: START_MS + 11 + hours });
    expect(code(t, act(1))).toBe('misbehaviour-time');
  });

  it('is taken up once: not again, nor another one, before a vote; and none from before the vote after it', () => {
    const t = network();
    t.round([], { misbehaviours: [act(1)] });
    const later = act(1, { height: 8, timeMs: t.ledger.timeMs });
    expect(code(t, act(1))).toBe('misbehaviour-known');
    expect(code(t, later)).toBe('misbehaviour-known');
    adopt(t, of('ledgerServerReinstate', { index: 1 }));
    t.endEpoch();
    expect(code(t, act(1))).toBe('misbehaviour-known');
    expect(code(t, later)).toBe('misbehaviour-known');
    const reinstatedMs = t.ledger.timeMs;
    t.round([], { timeMs: reinstatedMs + 1 });
    expect(code(t, act(1, { timeMs: reinstatedMs }))).toBe('misbehaviour-known');
    expect(code(t, act(1, { timeMs: reinstatedMs + 1 }))).toBe('ok');
  });

  it('stands once for each server, in their order', () => {
    const t = network();
    expect(code(t, act(0), act(1))).toBe('ok');
    expect(code(t, act(1), act(0))).toBe('misbehaviour-order');
    expect(code(t, act(1), act(1, { height: 8 }))).toBe('misbehaviour-order');
  });

  it('of a server that a vote has suspended keeps it out, and is on record', () => {
    const t = network();
    adopt(t, of('ledgerServerSuspend', { index: 1 }));
    t.endEpoch();
    t.round([], { misbehaviours: [act(1)] });
    expect(t.ledger.misbehaviours.of(1)).toMatchObject([{ suspended: true }]);
    expect(standing(t)).toEqual({ voting: [0, 2], serving: [0, 2] });
    expect(code(t, act(1))).toBe('misbehaviour-known');
  });

  it('leaves a vote to take its seeds too, and a vote on another its bound', () => {
    const t = network({ beaconThreshold: 2 });
    adopt(t, of('ledgerServerSuspend', { index: 0 }));
    t.round([], { misbehaviours: [act(1)] });
    adopt(t, of('ledgerServerSuspend', { index: 1 }));
    t.endEpoch();
    const codes = [0, 1].map((number) => resultCodeName(t.ledger.proposals.read(number)!.code));
    expect(codes).toEqual(['proposal-undecidable', 'ok']);
    expect(standing(t)).toEqual({ voting: [0, 2], serving: [0, 2] });
  });
});

describe('where the network could not go on without the server', () => {
  it.each([
    ['the last one of all', {}, [2]],
    ['too few for the threshold', { beaconThreshold: 2 }, [1, 2]],
    // The quorum of three is two.
    ['too few for the shared key', { seedSource: SEED_SOURCE.threshold }, [1, 2]],
  ] as const)('%s: the act is on record alone, once, and the committee decides', (_, parameters, voting) => {
    const t = network(parameters);
    t.round([], { misbehaviours: [act(0), act(1), act(2)] });
    expect(t.ledger.ledgerServers.voting()).toEqual(voting);
    expect([0, 1, 2].filter((server) => !t.ledger.misbehaviours.of(server)[0]!.suspended)).toEqual(voting);
    for (const server of voting) {
      expect(code(t, act(server))).toBe('misbehaviour-known');
      t.round([], { timeMs: t.ledger.timeMs + 1_000 });
      expect(code(t, act(server, { timeMs: t.ledger.timeMs }))).toBe('ok');
    }
  });
});
