import { ContainerType } from '@chainsafe/ssz';
import { equalBytes } from '@iotw/kernel/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATION_NAMES, OperationUnion } from './operations.js';
import { Bytes64, decodeSsz } from './ssz.js';
import { envelopes, operations, RUNS, signatures, spoilt, transactions } from './test-arbitrary.js';
import {
  checkEnvelopeFrame,
  decodeEnvelope,
  decodeOperation,
  ENVELOPE,
  encodeEnvelope,
  encodeTransaction,
  TransactionType,
} from './transaction.js';

/** The definition that the frame check and the in-place readers are measured against. */
const EnvelopeType = new ContainerType({ transaction: TransactionType, signature: Bytes64 });

describe('envelopes', () => {
  /** Strict SSZ says yes, and there is an operation. */
  const strict = (b: Uint8Array) => {
    const decoded = decodeSsz(EnvelopeType, b, 'envelope');
    return decoded.ok && decoded.value.transaction.operations.length > 0;
  };

  it('are the SSZ container of transaction and signature', () => {
    fc.assert(
      fc.property(transactions, signatures, (tx, signature) => {
        const envelope = encodeEnvelope(encodeTransaction(tx), signature);
        expect(strict(envelope)).toBe(true);
        expect(checkEnvelopeFrame(envelope)).toEqual({ ok: true, value: { count: tx.operations.length } });
        expect(decodeEnvelope(envelope)).toEqual({ ok: true, value: { transaction: tx, signature } });
      }),
      RUNS,
    );
  });

  it('the frame check accepts whatever strict decoding accepts, and both decoders agree', () => {
    let accepted = 0;
    fc.assert(
      fc.property(spoilt(envelopes), (b) => {
        const decoded = decodeEnvelope(b);
        expect(decoded.ok).toBe(strict(b));
        if (decoded.ok) accepted++;
        if (strict(b)) expect(checkEnvelopeFrame(b).ok).toBe(true);
        if (decoded.ok) {
          const again = encodeEnvelope(encodeTransaction(decoded.value.transaction), decoded.value.signature);
          expect(equalBytes(again, b)).toBe(true);
        } else expect(decoded.error.code).toBe('transaction-malformed');
      }),
      { numRuns: 1500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('an operation in place decodes to what whole decoding gives', () => {
    fc.assert(
      fc.property(operations, (operation) => {
        const bytes = OperationUnion.serialize({
          selector: OPERATION_NAMES.indexOf(operation.type),
          value: operation,
        } as never);
        expect(decodeOperation(bytes)).toEqual({ ok: true, value: operation });
      }),
      RUNS,
    );
    expect(decodeOperation(new Uint8Array(0)).ok).toBe(false);
    expect(decodeOperation(Uint8Array.of(14)).ok).toBe(false);
    expect(decodeOperation(Uint8Array.of(0, 1)).ok).toBe(false);
  });

  it.each([
    ['no bytes', 0],
    ['a byte short of the smallest frame', ENVELOPE.operations + 3],
  ])('refuse %s', (_what, length) => {
    expect(checkEnvelopeFrame(new Uint8Array(length)).ok).toBe(false);
  });

  /** One transfer and a memo of n bytes: frame 124, offset table 4, operation 13, memo. */
  const framed = (memo: number) =>
    encodeEnvelope(
      encodeTransaction({
        sender: new Uint8Array(32),
        sequence: 1,
        expiryMs: 1,
        operations: [
          { type: 'transfer', to: 1, amount: 1 },
          { type: 'transfer', to: 2, amount: 2 },
        ],
        memo: new Uint8Array(memo),
      }),
      new Uint8Array(64),
    );
  const patched = (bytes: Uint8Array, at: number, value: number) => {
    const out = bytes.slice();
    out[at] = value;
    return out;
  };

  it.each<[string, Uint8Array]>([
    ['whose transaction does not follow the signature', patched(framed(0), 0, 64)],
    ['whose operations do not follow the fixed fields', patched(framed(0), ENVELOPE.operationsOffset, 60)],
    ['whose memo begins before the operations end', patched(framed(0), ENVELOPE.memoOffset, 59)],
    ['whose memo begins behind the end', patched(framed(0), ENVELOPE.memoOffset, 200)],
    ['with a memo of 257 bytes', Uint8Array.of(...framed(256), 0)],
    ['whose offset table is no whole number of offsets', patched(framed(0), ENVELOPE.operations, 9)],
    ['whose offset table is empty', patched(framed(0), ENVELOPE.operations, 0)],
    ['whose offset table reaches behind the end', patched(framed(0), ENVELOPE.operations, 64)],
    ['with an empty operation', patched(framed(0), ENVELOPE.operations + 4, 8)],
    ['with an operation behind the end', patched(framed(0), ENVELOPE.operations + 4, 99)],
    ['with an unknown operation', patched(framed(0), ENVELOPE.operations + 8, OPERATION_NAMES.length)],
  ])('the frame check alone refuses one %s', (_what, bytes) => {
    expect(checkEnvelopeFrame(bytes)).toMatchObject({ ok: false, error: { code: 'transaction-malformed' } });
  });

  it('may have a memo of 256 bytes', () => {
    expect(decodeEnvelope(framed(256)).ok).toBe(true);
    expect(checkEnvelopeFrame(framed(256))).toEqual({ ok: true, value: { count: 2 } });
  });

  it('refuse more than 131,072 bytes before anything else', () => {
    expect(checkEnvelopeFrame(new Uint8Array(131_073))).toMatchObject({
      ok: false,
      error: { code: 'transaction-too-large' },
    });
  });

  it('hold 1 to 1,024 operations', () => {
    const make = (n: number) =>
      encodeEnvelope(
        encodeTransaction({
          sender: new Uint8Array(32),
          sequence: 1,
          expiryMs: 1,
          operations: Array.from({ length: n }, () => ({ type: 'transfer', to: 1, amount: 1 }) as const),
          memo: new Uint8Array(0),
        }),
        new Uint8Array(64),
      );
    expect(checkEnvelopeFrame(make(1024))).toEqual({ ok: true, value: { count: 1024 } });
    expect(decodeEnvelope(make(0)).ok).toBe(false);
    const many = make(1024);
    // One entry more in the offset table, as a foreign encoder would write it.
    const bad = new Uint8Array(many.length + 4);
    bad.set(many.subarray(0, ENVELOPE.operations));
    bad.set(many.subarray(ENVELOPE.operations), ENVELOPE.operations + 4);
    bad.set([4, 0x10, 0, 0], ENVELOPE.operations);
    expect(decodeEnvelope(bad)).toMatchObject({ ok: false, error: { code: 'transaction-malformed' } });
  });
});
