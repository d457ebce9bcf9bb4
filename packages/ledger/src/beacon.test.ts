import {
  commitmentsOf,
  isShare,
  type Polynomial,
  polynomialFrom,
  publicShare,
  sharePlace,
  valueAt,
} from '@iotw/assignment/shared-key';
import { BLS_ORDER, g1Base, scalarBytes } from '@iotw/kernel/bls-group';
import { concatBytes, utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import {
  BEACON_KIND,
  type BeaconMessage,
  beaconDigest,
  encodeAccused,
  encodeOpenShares,
} from '@iotw/protocol/beacon';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { beforeEach, describe, expect, it } from 'vitest';
import { publicKey, signAs, TestNetwork, testGenesis } from './test-network.js';

const SERVERS = 3;
const STEP_MS = 1_000;

class Ceremony extends TestNetwork {
  readonly polynomials: Polynomial[] = [0, 1, 2].map((i) => polynomialFrom(sha256(utf8(`dealer ${i}`)), 2));

  constructor() {
    const [first] = testGenesis().ledgerServers;
    super({
      parameters: { seedSource: SEED_SOURCE.threshold, beaconThreshold: 2, beaconStepMs: STEP_MS },
      genesis: {
        ledgerServers: Array.from({ length: SERVERS }, (_, i) => ({
          ...first!,
          key: publicKey(`ledger${i}`),
          linkKey: publicKey(`ledger-link${i}`),
          vrfKey: vrfKeyPairFromSeed(sha256(utf8(`vrf${i}`))).publicKey,
        })),
      },
    });
  }

  word(server: number, kind: keyof typeof BEACON_KIND, body: Uint8Array, more: Partial<BeaconMessage> = {}) {
    const content = { ceremony: 1, server, kind: BEACON_KIND[kind], body, ...more };
    return { ...content, signature: signAs(`ledger${server}`, beaconDigest(this.network, content)) };
  }

  join(server: number, more: Partial<BeaconMessage> = {}) {
    return this.word(server, 'join', new Uint8Array(32).fill(server + 1), more);
  }

  deal(server: number, polynomial = this.polynomials[server]!) {
    return this.word(server, 'deal', concatBytes(commitmentsOf(polynomial), new Uint8Array(48 * SERVERS)));
  }

  say(...beacon: BeaconMessage[]): void {
    this.round([], { beacon });
  }

  wait(ms = STEP_MS): void {
    this.round([], { timeMs: this.ledger.timeMs + ms });
  }

  code(message: BeaconMessage): string {
    const checked = this.ledger.checkBeaconMessage(message, this.ledger.timeMs);
    return checked.ok ? 'ok' : checked.error.code;
  }

  get phase(): string {
    return this.ledger.beacon.phase;
  }
}

let t: Ceremony;
beforeEach(() => {
  t = new Ceremony();
});

describe('a key ceremony', () => {
  it('goes on as soon as all have spoken, and ends with the key of all dealers', () => {
    t.say(t.join(0), t.join(1));
    expect(t.phase).toBe('join');
    t.say(t.join(2));
    expect(t.phase).toBe('deal');
    t.say(t.deal(0), t.deal(1), t.deal(2));
    expect(t.phase).toBe('check');
    t.say(...[0, 1, 2].map((s) => t.word(s, 'check', encodeAccused([]))));
    expect(t.phase).toBe('idle');
    const { beacon } = t.ledger;
    const sum = t.polynomials.reduce((total, p) => total + p[0]!, 0n) % BLS_ORDER;
    expect(beacon.groupKey).toEqual(g1Base(sum));
    expect([beacon.generation, beacon.groupThreshold, beacon.holders()]).toEqual([1, 2, [0, 1, 2]]);
    const share = t.polynomials.reduce((total, p) => total + valueAt(p, sharePlace(2)), 0n) % BLS_ORDER;
    expect(isShare(beacon.group, sharePlace(2), scalarBytes(share))).toBe(true);
  });

  it('goes on after its step without those that are away, and waits with too few', () => {
    t.say(t.join(0));
    t.wait();
    expect(t.phase).toBe('join');
    t.say(t.join(2));
    expect(t.phase).toBe('deal');
    t.wait(STEP_MS - 1);
    expect(t.phase).toBe('deal');
    // Nobody dealt: the next attempt begins, with other numbers.
    t.wait(1);
    expect([t.phase, t.ledger.beacon.ceremony]).toEqual(['join', 2]);
  });

  it('keeps a suspended server out, and does not wait for it', () => {
    t.ledger.ledgerServers.set('suspended', 2, 3);
    expect(t.code(t.join(2))).toBe('beacon-member');
    t.say(t.join(2), t.join(0));
    expect(t.ledger.beacon.joined()).toEqual([0]);
    t.say(t.join(1));
    expect([t.phase, t.ledger.beacon.joined()]).toEqual(['deal', [0, 1]]);
  });

  it('throws out a dealer that does not meet an accusation, and keeps one that does', () => {
    t.say(...[0, 1, 2].map((s) => t.join(s)));
    t.say(...[0, 1, 2].map((s) => t.deal(s)));
    t.say(
      t.word(0, 'check', encodeAccused([1, 2])),
      ...[1, 2].map((s) => t.word(s, 'check', encodeAccused([]))),
    );
    expect(t.phase).toBe('justify');
    const share = scalarBytes(valueAt(t.polynomials[1]!, sharePlace(0)));
    t.say(t.word(1, 'justify', encodeOpenShares([{ server: 0, share }])));
    expect(t.phase).toBe('justify');
    t.wait();
    const { beacon } = t.ledger;
    expect([t.phase, beacon.qualified()]).toEqual(['idle', [0, 1]]);
    expect(beacon.members.opened(1, 0)).toEqual(share);
    const sum = (t.polynomials[0]![0]! + t.polynomials[1]![0]!) % BLS_ORDER;
    expect(beacon.groupKey).toEqual(g1Base(sum));
  });

  it('begins anew where too few dealers are left', () => {
    t.say(...[0, 1, 2].map((s) => t.join(s)));
    t.say(...[0, 1, 2].map((s) => t.deal(s)));
    t.say(...[0, 1, 2].map((s) => t.word(s, 'check', encodeAccused([0, 1]))));
    t.wait();
    expect([t.phase, t.ledger.beacon.ceremony, t.ledger.beacon.groupKey]).toEqual(['join', 2, undefined]);
  });

  it('outlives a dealer whose share for somebody is zero: it can be accused, and can not justify itself', () => {
    // f(x) = x - 1: the member at place 1 gets nothing that could be a share.
    const zeroAtFirst: Polynomial = [BLS_ORDER - 1n, 1n];
    t.say(...[0, 1, 2].map((s) => t.join(s)));
    t.say(t.deal(0), t.deal(1), t.deal(2, zeroAtFirst));
    t.say(
      t.word(0, 'check', encodeAccused([2])),
      ...[1, 2].map((s) => t.word(s, 'check', encodeAccused([]))),
    );
    const share = scalarBytes(7n);
    expect(t.code(t.word(2, 'justify', encodeOpenShares([{ server: 0, share }])))).toBe('beacon-malformed');
    t.wait();
    expect([t.phase, t.ledger.beacon.qualified()]).toEqual(['idle', [0, 1]]);
  });

  it('begins anew where the dealers together made a key that is none', () => {
    const [a, b] = t.polynomials as [Polynomial, Polynomial];
    const less = (k: number) => BLS_ORDER - ((a[k]! + b[k]!) % BLS_ORDER);
    for (const last of [
      [less(0), 5n],
      [5n, less(1)],
    ]) {
      t = new Ceremony();
      t.say(...[0, 1, 2].map((s) => t.join(s)));
      t.say(t.deal(0), t.deal(1), t.deal(2, last));
      t.say(...[0, 1, 2].map((s) => t.word(s, 'check', encodeAccused([]))));
      expect([t.phase, t.ledger.beacon.groupKey]).toEqual(['join', undefined]);
    }
  });

  const begin = (ceremony: number) => {
    t.round([], { timeMs: t.ledger.timeMs + 4 * STEP_MS });
    t.say(...[0, 1, 2].map((s) => t.join(s, { ceremony })));
    expect(t.phase).toBe('deal');
  };
  const deal = (ceremony: number, server: number, polynomial: Polynomial) =>
    t.word(server, 'deal', concatBytes(commitmentsOf(polynomial), new Uint8Array(48 * SERVERS)), {
      ceremony,
    });
  const end = (ceremony: number, polynomials: readonly Polynomial[]) => {
    t.say(...polynomials.map((polynomial, server) => deal(ceremony, server, polynomial)));
    t.say(...[0, 1, 2].map((s) => t.word(s, 'check', encodeAccused([]), { ceremony })));
    expect([t.phase, t.ledger.beacon.generation]).toEqual(['idle', ceremony]);
  };
  /** Each hands on the share that it has of the first key. */
  const renewed = () =>
    [0, 1, 2].map((server) => {
      const own = t.polynomials.reduce((total, p) => total + valueAt(p, sharePlace(server)), 0n) % BLS_ORDER;
      return polynomialFrom(sha256(utf8(`again ${server}`)), 2, own);
    });

  it('hands the key on: a dealer deals its own share or nothing', () => {
    begin(1);
    end(1, t.polynomials);
    const { groupKey, group } = t.ledger.beacon;
    expect(t.code(t.join(1, { ceremony: 2 }))).toBe('beacon-stale');
    begin(2);
    expect(t.code(deal(2, 0, t.polynomials[0]!))).toBe('beacon-malformed');
    end(2, renewed());
    const { beacon } = t.ledger;
    expect(beacon.groupKey).toEqual(groupKey);
    expect(publicShare(beacon.group, 1)).not.toEqual(publicShare(group, 1));
  });

  it('makes another key where a vote gave it up, and not before the next that begins to deal', () => {
    begin(1);
    end(1, t.polynomials);
    const { groupKey } = t.ledger.beacon;
    begin(2);
    t.ledger.beacon.set('lost', 0, 1);
    end(2, renewed());
    expect([t.ledger.beacon.groupKey, t.ledger.beacon.lost]).toEqual([groupKey, true]);
    begin(3);
    const others = [0, 1, 2].map((server) => polynomialFrom(sha256(utf8(`anew ${server}`)), 2));
    end(3, others);
    const sum = others.reduce((total, p) => total + p[0]!, 0n) % BLS_ORDER;
    expect([t.ledger.beacon.groupKey, t.ledger.beacon.lost]).toEqual([g1Base(sum), false]);
  });

  it('opens no epoch before there is a key', () => {
    const input = { timeMs: t.ledger.timeMs + 10_000, seedProof: new Uint8Array(96) };
    const checked = t.validate([], input);
    expect(checked.ok ? 'ok' : checked.error.code).toBe('seed-key-missing');
  });
});

describe('a word that does not count', () => {
  const joined = () => t.say(...[0, 1, 2].map((s) => t.join(s)));
  const dealt = () => {
    joined();
    t.say(...[0, 1, 2].map((s) => t.deal(s)));
  };
  const accused = () => {
    dealt();
    t.say(...[0, 1, 2].map((s) => t.word(s, 'check', encodeAccused(s === 0 ? [1] : []))));
  };
  const share = (value: bigint, server = 0) => encodeOpenShares([{ server, share: scalarBytes(value) }]);
  const none = () => {};
  const two = () => {
    t.say(t.join(0), t.join(1));
    t.wait();
  };
  const check = (server: number, ...dealers: number[]) => t.word(server, 'check', encodeAccused(dealers));
  const ROWS: readonly (readonly [
    what: string,
    code: string,
    before: () => void,
    make: () => BeaconMessage,
  ])[] = [
    ['of no server', 'beacon-member', none, () => t.join(3)],
    ['of an unknown kind', 'beacon-malformed', none, () => ({ ...t.join(0), kind: 9 })],
    ['signed by another', 'beacon-signature', none, () => ({ ...t.join(0), signature: t.join(1).signature })],
    ['of another ceremony', 'beacon-stale', none, () => t.join(0, { ceremony: 2 })],
    ['join with another length', 'beacon-malformed', none, () => t.word(0, 'join', new Uint8Array(31))],
    ['join twice', 'beacon-stale', () => t.say(t.join(0)), () => t.join(0)],
    ['deal before its step', 'beacon-stale', none, () => t.deal(0)],
    ['deal of one that has not joined', 'beacon-member', two, () => t.deal(2)],
    ['deal of another degree', 'beacon-malformed', joined, () => t.deal(0, [5n])],
    [
      'deal with a commitment that is no point',
      'beacon-malformed',
      joined,
      () => t.word(0, 'deal', new Uint8Array(5 * 48)),
    ],
    ['check before its step', 'beacon-stale', joined, () => check(0)],
    ['check of a server that dealt nothing', 'beacon-malformed', dealt, () => check(0, 7)],
    ['check out of order', 'beacon-malformed', dealt, () => check(0, 2, 1)],
    ['justification of a wrong share', 'beacon-malformed', accused, () => t.word(1, 'justify', share(5n))],
    [
      'justification to one that accuses nobody',
      'beacon-malformed',
      accused,
      () => t.word(1, 'justify', share(valueAt(t.polynomials[1]!, sharePlace(2)), 2)),
    ],
  ];
  it.each(ROWS)('%s', (_, code, before, make) => {
    before();
    const message = make();
    expect(t.code(message)).toBe(code);
    // It voids no round and changes nothing.
    const stands = () =>
      [t.ledger.beacon, t.ledger.beacon.members].map((table) => {
        const page = new Uint8Array(table.pageBytes(0));
        table.packPage(0, page, 0);
        return page;
      });
    const stood = stands();
    t.say(message);
    expect(stands()).toEqual(stood);
  });

  it('a second deal that contradicts the first', () => {
    joined();
    t.say(t.deal(0));
    const other = t.deal(0, t.polynomials[1]!);
    expect(t.code(other)).toBe('beacon-stale');
    t.say(other);
    expect(t.ledger.beacon.members.commitments(0, 2)).toEqual(commitmentsOf(t.polynomials[0]!));
  });
});
