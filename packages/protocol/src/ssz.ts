import './ssz-in-browsers.js';
import { ByteListType, ByteVectorType, type Type, UintNumberType } from '@chainsafe/ssz';
import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';

/** @public uint64 limited to exact safe integers: an amount, a height or a time above 2^53-1 is malformed. */
export class SafeUint64 extends UintNumberType {
  constructor() {
    super(8);
  }
  override value_deserializeFromBytes(
    data: Parameters<UintNumberType['value_deserializeFromBytes']>[0],
    start: number,
    end: number,
  ): number {
    const value = super.value_deserializeFromBytes(data, start, end);
    if (!Number.isSafeInteger(value)) throw new Error('uint64 above 2^53-1');
    return value;
  }
}

export const U8 = new UintNumberType(1);
export const U16 = new UintNumberType(2);
export const U32 = new UintNumberType(4);
export const U64 = new SafeUint64();
export const Bytes32 = new ByteVectorType(32);
export const Bytes48 = new ByteVectorType(48);
export const Bytes64 = new ByteVectorType(64);
export const bytesUpTo = (limit: number) => new ByteListType(limit);

/**
 * Strict decoding: the bytes must be exactly the canonical encoding of the value.
 * Errors: `malformed`.
 */
export function decodeSsz<T>(type: Type<T>, bytes: Uint8Array, what: string): Result<T> {
  let value: T;
  try {
    value = type.deserialize(bytes);
    if (!equalBytes(type.serialize(value), bytes)) {
      return fail('malformed', `${what} is not in canonical form: re-encode it as SSZ per spec clause 2.`);
    }
  } catch (error) {
    return fail(
      'malformed',
      `${what} can't be decoded: ${error instanceof Error ? error.message : 'bad bytes'}.`,
    );
  }
  return ok(value);
}
