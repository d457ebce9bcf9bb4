/** Values of SSZ types for properties, and byte strings near good ones. */
import {
  ByteListType,
  ByteVectorType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  type Type,
  UintNumberType,
  UnionType,
} from '@chainsafe/ssz';
import fc from 'fast-check';
import { HeaderType } from './certificate.js';
import type { BlockHeader } from './header.js';
import { OPERATION_NAMES, type Operation, OperationUnion } from './operations.js';
import { Bytes32, Bytes64, U64 } from './ssz.js';
import { encodeEnvelope, encodeTransaction, type Transaction } from './transaction.js';

export const RUNS = { numRuns: 60 };

/** Values of an SSZ type with lists of up to three elements; integers lean to their edges. */
export function arbitraryOf(type: Type<unknown>): fc.Arbitrary<unknown> {
  if (type instanceof UintNumberType) {
    const max = type.byteLength === 8 ? Number.MAX_SAFE_INTEGER : 2 ** (8 * type.byteLength) - 1;
    return fc.oneof(fc.constantFrom(0, 1, max - 1, max), fc.integer({ min: 0, max }));
  }
  if (type instanceof ByteVectorType) {
    return fc.uint8Array({ minLength: type.lengthBytes, maxLength: type.lengthBytes });
  }
  if (type instanceof ByteListType) return fc.uint8Array({ maxLength: Math.min(type.limitBytes, 40) });
  if (type instanceof ListCompositeType || type instanceof ListBasicType) {
    return fc.array(arbitraryOf(type.elementType), { maxLength: Math.min(type.limit, 3) });
  }
  if (type instanceof UnionType) {
    return fc.oneof(
      ...(type.types as readonly Type<unknown>[]).map((inner, selector) =>
        arbitraryOf(inner).map((value) => ({ selector, value })),
      ),
    );
  }
  if (type instanceof ContainerType) {
    const fields = Object.entries(type.fields as Record<string, Type<unknown>>);
    return fc.record(Object.fromEntries(fields.map(([name, inner]) => [name, arbitraryOf(inner)])));
  }
  throw new Error(`no arbitrary for ${type.typeName}`);
}

export const operations: fc.Arbitrary<Operation> = arbitraryOf(OperationUnion).map((o) => {
  const { selector, value } = o as { selector: number; value: object };
  return { type: OPERATION_NAMES[selector]!, ...value } as Operation;
});
export const transactions: fc.Arbitrary<Transaction> = fc.record({
  sender: arbitraryOf(Bytes32) as fc.Arbitrary<Uint8Array>,
  sequence: arbitraryOf(U64) as fc.Arbitrary<number>,
  expiryMs: arbitraryOf(U64) as fc.Arbitrary<number>,
  operations: fc.array(operations, { minLength: 1, maxLength: 4 }),
  memo: fc.oneof(fc.uint8Array({ maxLength: 256 }), fc.constant(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))),
});
export const signatures = arbitraryOf(Bytes64) as fc.Arbitrary<Uint8Array>;
export const headers = (arbitraryOf(HeaderType) as fc.Arbitrary<BlockHeader>).chain((h) =>
  fc.integer({ min: 1, max: 1024 }).map((count) => ({ ...h, count })),
);
export const envelopes = fc
  .tuple(transactions, signatures)
  .map(([tx, s]) => encodeEnvelope(encodeTransaction(tx), s));

/** A foreign byte string near a good one: cut, lengthened or with bytes changed. */
export function spoilt(good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(good, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.integer({ min: -6, max: 6 }))
    .map(([bytes, edits, grow]) => {
      const out = new Uint8Array(Math.max(0, bytes.length + grow));
      out.set(bytes.subarray(0, out.length));
      for (const [at, value] of edits) if (out.length > 0) out[at % out.length] = value;
      return out;
    });
}
