import { concatBytes, writeU32 } from '@iotw/kernel/bytes';
import { decodeEnvelope } from '@iotw/protocol/transaction';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvelopeReader } from './envelope-reader.js';
import { TestNetwork } from './test-network.js';
import {
  headerEvidence,
  makerProposal,
  presenceOp,
  proposeOp,
  refundOp,
  registerOp,
  tradeOp,
  transferOp,
  transferToKeyOp,
  voteOp,
  ZEROS,
} from './test-operations.js';

const t = new TestNetwork();
const OPERATIONS = [
  transferOp(1, 7),
  transferToKeyOp('dora', 7),
  tradeOp('bob', 700),
  tradeOp('bob', 700, { data: new Uint8Array(256), countersignature: new Uint8Array(64) }),
  refundOp(ZEROS, 1, 2),
  proposeOp(makerProposal(7)),
  voteOp(3),
  registerOp(t, 'new'),
  presenceOp(t, 'device1'),
  headerEvidence(t),
];

/** What both readers say of the bytes, standing somewhere inside others. */
function both(bytes: Uint8Array): { reader: boolean; decoder: boolean; count: number } {
  const reader = new EnvelopeReader();
  const room = concatBytes(new Uint8Array(5).fill(0xaa), bytes, new Uint8Array(9).fill(0xff));
  const read = reader.read(room, 5, 5 + bytes.length);
  return { reader: read, decoder: decodeEnvelope(bytes).ok, count: reader.count };
}

describe('reading an envelope in place', () => {
  it('accepts every operation', () => {
    const { envelope } = t.transaction('alice', OPERATIONS);
    expect(both(envelope)).toEqual({ reader: true, decoder: true, count: OPERATIONS.length });
  });

  it('adds up what the operations take from the sender', () => {
    const spends = (...operations: Parameters<typeof t.transaction>[1]) => {
      const { envelope } = t.transaction('alice', operations);
      const reader = new EnvelopeReader();
      expect(reader.read(envelope, 0, envelope.length)).toBe(true);
      return reader.spends;
    };
    expect(spends(...OPERATIONS)).toBe(7 + 7 + 700 + 700 + 2);
    expect(spends(tradeOp('bob', 700, { side: 1 }))).toBe(0);
    expect(spends({ type: 'laneFund', lane: 0, credit: 3, bond: 4 })).toBe(7);
    const most = Number.MAX_SAFE_INTEGER;
    expect(spends(transferOp(1, most), transferOp(1, most), tradeOp('bob', most))).toBe(most);
  });

  it('agrees with the decoder whatever is changed', () => {
    const pick = fc.subarray(OPERATIONS, { minLength: 1 });
    const change = fc.tuple(fc.nat(), fc.constantFrom('flip', 'set', 'cut', 'insert'), fc.nat(255));
    fc.assert(
      fc.property(pick, fc.array(change, { maxLength: 3 }), (operations, changes) => {
        let bytes: Uint8Array = t.transaction('alice', operations, { sequence: 1 }).envelope.slice();
        for (const [place, what, value] of changes) {
          const at = place % bytes.length;
          if (what === 'flip') bytes[at] = bytes[at]! ^ (1 << (value & 7));
          else if (what === 'set') bytes[at] = value;
          else if (what === 'cut') bytes = bytes.slice(0, Math.max(1, at));
          else bytes = concatBytes(bytes.subarray(0, at), Uint8Array.of(value), bytes.subarray(at));
        }
        const { reader, decoder } = both(bytes);
        expect(reader).toBe(decoder);
      }),
      { numRuns: 400 },
    );
  });

  it('agrees with the decoder on offsets and lengths at their edges', () => {
    const { envelope } = t.transaction('alice', [tradeOp('bob', 700), transferOp(1, 2)], { sequence: 1 });
    for (let at = 0; at + 4 <= envelope.length; at++) {
      for (const value of [0, 1, 4, 8, 56, 68, 99, 100, 0xffff_ffff]) {
        const bytes = envelope.slice();
        writeU32(bytes, at, value);
        const { reader, decoder } = both(bytes);
        expect({ at, value, ok: reader }).toEqual({ at, value, ok: decoder });
      }
    }
  });
});
