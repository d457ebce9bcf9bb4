import { concatBytes, readU16, readU32, writeU16, writeU32 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { ASSIGNED_BYTES, type Assigned, decodeAssigned, encodeAssigned } from './assigned.js';
import { type BlockHeader, decodeHeader, encodeHeader, HEADER_BYTES } from './header.js';

/** What a device gets on its `assign` topic: the signed header and the transaction ids (spec: clause 11). */
export interface Assignment {
  readonly header: BlockHeader;
  /** The lane's trust node's signature over the block hash. */
  readonly signature: Uint8Array;
  readonly attempt: number;
  readonly rank: number;
  /** The device's number on the ledger. */
  readonly device: number;
  /** Transaction ids, 32 bytes each, in block order. */
  readonly ids: Uint8Array;
  /** The assigner's statement; absent: the lane's trust node assigns, by its signature of the header. */
  readonly assigned?: Omit<Assigned, 'attempt'>;
}

/** header 100, signature 64, attempt 1, rank 2, device 4, offset 4, then perhaps the assigner's statement (67), then the ids. */
export const ASSIGNMENT_FIXED_BYTES = HEADER_BYTES + 64 + 1 + 2 + 4 + 4;

export function encodeAssignment(a: Assignment): Uint8Array {
  const statement = a.assigned === undefined ? new Uint8Array(0) : encodeAssigned(a.assigned);
  const fixed = new Uint8Array(ASSIGNMENT_FIXED_BYTES);
  fixed.set(encodeHeader(a.header), 0);
  fixed.set(a.signature, 100);
  fixed[164] = a.attempt;
  writeU16(fixed, 165, a.rank);
  writeU32(fixed, 167, a.device);
  writeU32(fixed, 171, ASSIGNMENT_FIXED_BYTES + statement.length);
  return concatBytes(fixed, statement, a.ids);
}

/** Errors: `malformed` (length, offset, ids that don't match the header's count). */
export function decodeAssignment(b: Uint8Array): Result<Assignment> {
  if (b.length < ASSIGNMENT_FIXED_BYTES) return fail('malformed', 'An assignment is cut short.');
  const header = decodeHeader(b.subarray(0, HEADER_BYTES));
  if (!header.ok) return header;
  const offset = readU32(b, 171);
  const stated = offset === ASSIGNMENT_FIXED_BYTES + ASSIGNED_BYTES;
  if (!stated && offset !== ASSIGNMENT_FIXED_BYTES)
    return fail('malformed', 'An assignment has a wrong offset.');
  if (b.length !== offset + 32 * header.value.count) {
    return fail('malformed', 'An assignment does not hold as many transaction ids as its header counts.');
  }
  return ok({
    header: header.value,
    signature: b.slice(100, 164),
    attempt: b[164]!,
    rank: readU16(b, 165),
    device: readU32(b, 167),
    ids: b.slice(offset),
    ...(stated ? { assigned: decodeAssigned(b.subarray(ASSIGNMENT_FIXED_BYTES, offset)) } : {}),
  });
}
