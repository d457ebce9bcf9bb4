import { concatBytes, readU32, writeU32 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { MAX_BLOCK_TRANSACTIONS, MAX_BODY_BYTES } from './limits.js';

/** A block body: SSZ list of envelopes (offset table, then the envelopes), kept as one run of bytes. */
export interface BlockBody {
  readonly bytes: Uint8Array;
  /** Start of each envelope in `bytes`; offsets[count] is the end. */
  readonly offsets: Uint32Array;
}

export function encodeBody(envelopes: readonly Uint8Array[]): BlockBody {
  const table = new Uint8Array(4 * envelopes.length);
  const offsets = new Uint32Array(envelopes.length + 1);
  let at = table.length;
  for (let i = 0; i < envelopes.length; i++) {
    offsets[i] = at;
    writeU32(table, 4 * i, at);
    at += envelopes[i]!.length;
  }
  offsets[envelopes.length] = at;
  return { bytes: concatBytes(table, ...envelopes), offsets };
}

/** Reads the offset table. Errors: `malformed`. The envelopes themselves are not looked into. */
export function readBody(bytes: Uint8Array): Result<BlockBody> {
  if (bytes.length < 4 || bytes.length > MAX_BODY_BYTES)
    return fail('malformed', 'A block body has 4 bytes to 2 MiB.');
  const first = readU32(bytes, 0);
  const count = first / 4;
  if (first % 4 !== 0 || count < 1 || count > MAX_BLOCK_TRANSACTIONS || first > bytes.length) {
    return fail('malformed', `A block body holds 1..${MAX_BLOCK_TRANSACTIONS} transactions.`);
  }
  const offsets = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) {
    const at = readU32(bytes, 4 * i);
    if (i > 0 && at <= offsets[i - 1]!) return fail('malformed', 'A block body has offsets out of order.');
    offsets[i] = at;
  }
  if (offsets[count - 1]! >= bytes.length) return fail('malformed', 'A block body is cut short.');
  offsets[count] = bytes.length;
  return ok({ bytes, offsets });
}

export function envelopeAt(body: BlockBody, index: number): Uint8Array {
  return body.bytes.subarray(body.offsets[index]!, body.offsets[index + 1]!);
}

export function bodyCount(body: BlockBody): number {
  return body.offsets.length - 1;
}
