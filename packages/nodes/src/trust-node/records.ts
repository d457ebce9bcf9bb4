import { concatBytes, readU32, writeU32 } from '@iotw/kernel/bytes';
import type { Range, Store, Write } from '@iotw/kernel/ports/store';
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

/**
 * One table of each kind for all trust nodes of a disk, their keys behind the node's number: every table that a commit
 * touches costs it scattered pages.
 */
export const BLOCK_TABLE = 'trust-blocks';
export const VOTE_TABLE = 'trust-votes';

/** The keys of one trust node in either table. */
export function nodeRange(trustNode: number): Range {
  return { from: nodePrefix(trustNode), to: nodePrefix(trustNode + 1) };
}

function nodePrefix(trustNode: number): Uint8Array {
  return Uint8Array.of(trustNode >>> 8, trustNode & 0xff);
}

/** Big-endian, so that the store's order is the node's, the lane's and the height's. */
function blockKey(trustNode: number, height: number): Uint8Array {
  const key = new Uint8Array(10);
  const view = new DataView(key.buffer);
  view.setUint16(0, trustNode);
  view.setBigUint64(2, BigInt(height));
  return key;
}

function voteKey(trustNode: number, lane: number, height: number): Uint8Array {
  const key = new Uint8Array(VOTE_KEY_BYTES);
  const view = new DataView(key.buffer);
  view.setUint16(0, trustNode);
  view.setUint16(2, lane);
  view.setBigUint64(4, BigInt(height));
  return key;
}

const VOTE_KEY_BYTES = 12;

/** The block's signed header and, under a key of its own, its body. */
export function blockWrites(trustNode: number, record: BlockRecord): Write[] {
  const { header, body } = record;
  const value = encodeSignedHeader(record);
  return [
    bodyWrite(header, body.bytes),
    { table: BLOCK_TABLE, key: blockKey(trustNode, header.height), value },
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
  const writes: Write[] = [{ table: BLOCK_TABLE, key: blockKey(trustNode, header.height), value: undefined }];
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
    table: VOTE_TABLE,
    key: voteKey(trustNode, record.lane, record.height),
    value: concatBytes(incarnation, record.hash),
  };
}

export function voteErase(trustNode: number, lane: number, height: number): Write {
  return { table: VOTE_TABLE, key: voteKey(trustNode, lane, height), value: undefined };
}

/** `undefined` where the record is damaged. */
export function readVoteRecord(key: Uint8Array, value: Uint8Array): VoteRecord | undefined {
  if (key.length !== VOTE_KEY_BYTES || value.length !== 36) return undefined;
  const view = new DataView(key.buffer, key.byteOffset);
  const height = Number(view.getBigUint64(4));
  return { lane: view.getUint16(2), height, incarnation: readU32(value, 0), hash: value.slice(4) };
}
