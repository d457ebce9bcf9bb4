import { describe, expect, it } from 'vitest';
import { reinstateDevice } from './removal.js';
import { NO_TERM } from './tables/devices.js';
import { TestNetwork } from './test-network.js';
import { presenceOp } from './test-operations.js';
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

describe('reinstateDevice', () => {
  it('leaves no trace of the case', () => {
    const row: Record<string, number> = { removedFrom: 4, removedUntil: 0 };
    const changed: Record<string, unknown> = {};
    const reinstated = new Set<number>();
    const devices = {
      col: row,
      set: (column: string, _device: number, value: number) => {
        changed[column] = value;
      },
      setBytes: (column: string, _device: number, value: Uint8Array) => {
        changed[column] = value.length;
      },
    };
    reinstateDevice(
      { devices, round: 9, changes: { reinstated } } as unknown as Parameters<typeof reinstateDevice>[0],
      5,
    );
    expect(changed).toEqual({ blacklistedUntil: 0, blacklistReason: 0, blacklistCase: 32, removedUntil: 10 });
    expect([...reinstated]).toEqual([5]);
  });
});
