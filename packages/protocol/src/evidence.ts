import { concatBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type Vote, VoteType } from './certificate.js';
import { type BlockHeader, decodeHeader, encodeHeader, HEADER_BYTES } from './header.js';
import { decodeSsz } from './ssz.js';

/** A header with its trust node's signature: what evidence of header equivocation is made of. */
export interface SignedHeader {
  readonly header: BlockHeader;
  readonly signature: Uint8Array;
}

export const SIGNED_HEADER_BYTES = HEADER_BYTES + 64;

export function encodeSignedHeader(s: SignedHeader): Uint8Array {
  return concatBytes(encodeHeader(s.header), s.signature);
}

/** Errors: `malformed`. */
export function decodeSignedHeader(b: Uint8Array): Result<SignedHeader> {
  if (b.length !== SIGNED_HEADER_BYTES)
    return fail('malformed', `A signed header has ${SIGNED_HEADER_BYTES} bytes.`);
  const header = decodeHeader(b.subarray(0, HEADER_BYTES));
  return header.ok ? ok({ header: header.value, signature: b.slice(HEADER_BYTES) }) : header;
}

export function encodeVote(v: Vote): Uint8Array {
  return VoteType.serialize(v);
}

/** Errors: `malformed`. */
export function decodeVote(b: Uint8Array): Result<Vote> {
  return decodeSsz(VoteType, b, 'vote');
}
