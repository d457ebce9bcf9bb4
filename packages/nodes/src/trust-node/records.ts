import { concatBytes, readU32, writeU32 } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import { type BlockBody, readBody } from '@iotw/protocol/body';
import {
  decodeSignedHeader,
  encodeSignedHeader,
  SIGNED_HEADER_BYTES,
  type SignedHeader,
} from '@iotw/protocol/evidence';

/** What a trust node keeps on disk: its blocks above the cursor, and its votes above each lane's cursor. */

export interface BlockRecord extends SignedHeader {
  readonly body: BlockBody;
}

export interface VoteRecord {
  readonly lane: number;
  readonly height: number;
  readonly incarnation: number;
  readonly hash: Uint8Array;
}

export function blockTable(trustNode: number): string {
  return `trust-${trustNode}-blocks`;
}

export function voteTable(trustNode: number): string {
  return `trust-${trustNode}-votes`;
}

/** Big-endian, so that the store's order is the height's. */
export function heightKey(height: number): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, BigInt(height));
  return key;
}

function voteKey(lane: number, height: number): Uint8Array {
  return concatBytes(Uint8Array.of(lane >>> 8, lane & 0xff), heightKey(height));
}

export function blockWrite(trustNode: number, record: BlockRecord): Write {
  return {
    table: blockTable(trustNode),
    key: heightKey(record.header.height),
    value: concatBytes(encodeSignedHeader(record), record.body.bytes),
  };
}

export function blockErase(trustNode: number, height: number): Write {
  return { table: blockTable(trustNode), key: heightKey(height), value: undefined };
}

/** `undefined` where the record is damaged. */
export function readBlockRecord(value: Uint8Array): BlockRecord | undefined {
  const signed = decodeSignedHeader(value.subarray(0, SIGNED_HEADER_BYTES));
  const body = readBody(value.slice(SIGNED_HEADER_BYTES));
  return signed.ok && body.ok ? { ...signed.value, body: body.value } : undefined;
}

export function voteWrite(trustNode: number, record: VoteRecord): Write {
  const incarnation = new Uint8Array(4);
  writeU32(incarnation, 0, record.incarnation);
  return {
    table: voteTable(trustNode),
    key: voteKey(record.lane, record.height),
    value: concatBytes(incarnation, record.hash),
  };
}

export function voteErase(trustNode: number, lane: number, height: number): Write {
  return { table: voteTable(trustNode), key: voteKey(lane, height), value: undefined };
}

/** `undefined` where the record is damaged. */
export function readVoteRecord(key: Uint8Array, value: Uint8Array): VoteRecord | undefined {
  if (key.length !== 10 || value.length !== 36) return undefined;
  const height = Number(new DataView(key.buffer, key.byteOffset + 2, 8).getBigUint64(0));
  return { lane: (key[0]! << 8) | key[1]!, height, incarnation: readU32(value, 0), hash: value.slice(4) };
}
