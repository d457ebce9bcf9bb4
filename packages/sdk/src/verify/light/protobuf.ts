/** As much of protobuf's wire format as CometBFT hashes and signs: canonical, fields ascending, defaults left out. */
import { concatBytes } from '@iotw/kernel/bytes';

const NOTHING = new Uint8Array(0);
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

/** An unsigned integer up to 2^53 - 1 in groups of seven bits. */
function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) + 0x80);
  out.push(rest);
  return Uint8Array.from(out);
}

const tag = (field: number, wire: number): Uint8Array => Uint8Array.of(8 * field + wire);

/** A number; 0 is left out. */
export function numberField(field: number, value: number): Uint8Array {
  return value === 0 ? NOTHING : concatBytes(tag(field, VARINT), varint(value));
}

/** A number in eight bytes; 0 is left out. */
export function fixed64Field(field: number, value: number): Uint8Array {
  if (value === 0) return NOTHING;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return concatBytes(tag(field, FIXED64), bytes);
}

/** Bytes or text; empty ones are left out. */
export function bytesField(field: number, value: Uint8Array): Uint8Array {
  return value.length === 0 ? NOTHING : messageField(field, value);
}

/** A message that is there even where it is empty. */
export function messageField(field: number, message: Uint8Array): Uint8Array {
  return concatBytes(tag(field, BYTES), delimited(message));
}

/** Behind its length. */
export function delimited(message: Uint8Array): Uint8Array {
  return concatBytes(varint(message.length), message);
}

/** google.protobuf.Timestamp. */
export function timestamp({
  seconds,
  nanos,
}: {
  readonly seconds: number;
  readonly nanos: number;
}): Uint8Array {
  return concatBytes(numberField(1, seconds), numberField(2, nanos));
}
