import type { Operation } from '@iotw/protocol/operations';
import { describe, expect, it } from 'vitest';
import { NO_TERM } from './tables/devices.js';
import { publicKey, TestNetwork } from './test-network.js';
import { presenceOp, revokeOp } from './test-operations.js';
import { answerTo, appealOp, disagreed, FRAME } from './test-witness-rows.js';

const OTHER = new Uint8Array(32).fill(7);
const literal = () => new TestNetwork({ parameters: { adjudicate: 0 } });

describe('a committee that disagreed', () => {
  it('is out until the block is judged: right, lying and unproven devices part in one transition', () => {
    const t = new TestNetwork();
    disagreed(t, answerTo(t, 3, FRAME, { hash: OTHER }), answerTo(t, 4, FRAME));
    expect([3, 4].map((n) => t.ledger.devices.read(n)!.blacklistReason)).toEqual(['lie', 'unproven']);
    expect([3, 4].map((n) => t.ledger.removed(n, 1))).toEqual([true, true]);
  });

  it('by the literal rule is out as a whole, and who was right comes back on appeal', () => {
    const t = literal();
    const right = answerTo(t, 4, FRAME);
    disagreed(t, answerTo(t, 3, FRAME, { hash: OTHER }), right);
    expect([3, 4].map((n) => t.ledger.devices.read(n)!.blacklistReason)).toEqual(['lie', 'disagreement']);
    expect(t.send('bob', appealOp(t, right, FRAME)).code).toBe('ok');
    expect([3, 4].map((n) => t.ledger.devices.read(n)!.status)).toEqual(['blacklisted', 'active']);
    const { round } = t.ledger;
    expect([round, round + 1].map((at) => t.ledger.removed(4, at))).toEqual([true, false]);
  });
});

describe('a device that is removed again', () => {
  it('stays left out for the rounds in which it was, until no block can refer to them', () => {
    const t = literal();
    const first = answerTo(t, 4, FRAME);
    disagreed(t, answerTo(t, 3, FRAME, { hash: OTHER }), first);
    const from = t.ledger.round;
    expect(t.send('bob', appealOp(t, first, FRAME)).code).toBe('ok');
    const back = t.ledger.round + 1;
    t.round([]);
    disagreed(t, answerTo(t, 4, FRAME, { counter: 2 }));
    const again = t.ledger.round;
    const out = (ledger = t.ledger) =>
      Array.from({ length: again + 1 }, (_, at) => at).filter((at) => ledger.removed(4, at));
    const rounds = Array.from({ length: back - from }, (_, i) => from + i);
    expect(out()).toEqual([...rounds, again]);
    t.endEpoch();
    expect(out()).toEqual([...rounds, again]);
    t.endEpoch();
    expect(out()).toEqual([again]);
  });
});

describe('a blacklisted device', () => {
  it('is told as reinstated in the round of its appeal, and is present again in the same epoch', () => {
    const t = new TestNetwork();
    const answer = answerTo(t, 3, FRAME);
    disagreed(t, answer);
    expect(t.send('operator0', presenceOp(t, 'device3')).code).toBe('device-blacklisted');
    const { changes } = t.round([t.block(0, [t.transaction('alice', [appealOp(t, answer, FRAME)])])]);
    expect(changes.reinstated).toEqual([3]);
    expect(t.send('operator0', presenceOp(t, 'device3')).code).toBe('ok');
    expect(t.endEpoch().edge?.frozenNext.devices.map(({ device }) => device)).toContain(3);
  });

  it('without a term stays out until a vote', () => {
    const t = new TestNetwork({ parameters: { blacklistEpochs: 0 } });
    disagreed(t, answerTo(t, 3, FRAME, { hash: OTHER }));
    expect(t.ledger.devices.read(3)!.blacklistedUntil).toBe(NO_TERM);
    for (let epoch = 0; epoch < 5; epoch++) {
      expect(t.send('operator0', presenceOp(t, 'device3')).code).toBe('device-blacklisted');
      t.endEpoch();
    }
  });

  it('keeps its first case while it can appeal against it, and loses that by what its own signature proves', () => {
    const t = new TestNetwork();
    const first = answerTo(t, 3, FRAME);
    disagreed(t, first, answerTo(t, 3, FRAME, { counter: 2 }));
    expect(t.send('alice', appealOp(t, first, FRAME)).code).toBe('ok');
    disagreed(t, first, answerTo(t, 3, FRAME, { counter: 3, hash: OTHER }));
    expect(t.ledger.devices.read(3)!.blacklistReason).toBe('lie');
  });
});

describe('a device taken back', () => {
  it('leaves no trace of the case, and is drawn from the next round on', () => {
    const t = literal();
    const right = answerTo(t, 4, FRAME);
    disagreed(t, right);
    expect(t.send('bob', appealOp(t, right, FRAME)).code).toBe('ok');
    const { blacklistedUntil, blacklistReason } = t.ledger.devices.read(4)!;
    expect([blacklistedUntil, blacklistReason]).toEqual([0, 'none']);
    expect(t.ledger.devices.bytes('blacklistCase', 4)).toEqual(new Uint8Array(32));
    expect(t.ledger.removed(4, t.ledger.round + 1)).toBe(false);
  });

  it.each<[string, (t: TestNetwork) => Operation]>([
    ['itself', (t) => revokeOp(t, { device: publicKey('device4') })],
    ['with its batch', (t) => revokeOp(t, { kind: 1, batch: t.ledger.devices.read(4)!.batch })],
  ])('stays out of every draw where it was revoked %s', (_what, revoked) => {
    const t = literal();
    const right = answerTo(t, 4, FRAME);
    disagreed(t, right);
    expect(t.send('alice', revoked(t)).code).toBe('ok');
    const { changes } = t.round([t.block(0, [t.transaction('bob', [appealOp(t, right, FRAME)])])]);
    expect(t.ledger.devices.read(4)!.blacklistedUntil).toBe(0);
    expect(changes.reinstated).toEqual([]);
    expect(t.ledger.removed(4, t.ledger.round + 1)).toBe(true);
  });
});
