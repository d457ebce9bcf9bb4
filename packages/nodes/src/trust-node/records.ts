import { concatBytes, readU32, writeU32 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { type BlockBody, readBody } from '@iotw/protocol/body';
import { decodeSignedHeader, encodeSignedHeader, type SignedHeader } from '@iotw/protocol/evidence';
import type { BlockHeader } from '@iotw/protocol/header';
import { bodyErase, bodyWrite, storedBody } from '../body-record.js';

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

/** The block's signed header and, under a key of its own, its body. */
export function blockWrites(trustNode: number, record: BlockRecord): Write[] {
  const { header, body } = record;
  const value = encodeSignedHeader(record);
  return [
    bodyWrite(header, body.bytes),
    { table: blockTable(trustNode), key: heightKey(header.height), value },
  ];
}

/** A block that left its lane. */
export interface LeftBlock {
  readonly header: BlockHeader;
  /** For certain no round holds it, now or ever. */
  readonly isVoid: boolean;
}

/** `keptByRounds`: this disk holds the rounds too, which need the bodies of the blocks they hold. */
export function blockErases(trustNode: number, left: LeftBlock, keptByRounds: boolean): Write[] {
  const { header, isVoid } = left;
  const writes: Write[] = [{ table: blockTable(trustNode), key: heightKey(header.height), value: undefined }];
  if (isVoid || !keptByRounds) writes.push(bodyErase(header));
  return writes;
}

/** `undefined` where the record is damaged or its body is gone. */
export function readBlockRecord(store: Pick<Store, 'get'>, value: Uint8Array): BlockRecord | undefined {
  const signed = decodeSignedHeader(value);
  if (!signed.ok) return undefined;
  const bytes = storedBody(store, signed.value.header);
  const body = bytes === undefined ? undefined : readBody(bytes);
  return body?.ok ? { ...signed.value, body: body.value } : undefined;
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
