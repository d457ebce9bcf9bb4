import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { readU16 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import type { Result } from '@iotw/kernel/result';
import { MAX_BLOCK_TRANSACTIONS, MAX_LEDGER_SERVERS, MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { type RoundHeader, RoundHeaderType, RoundInputType, RoundSignatureType } from '@iotw/protocol/round';
import { bytesUpTo, decodeSsz } from '@iotw/protocol/ssz';
import { bodyErase, bodyWrite, storedBody } from '../body-record.js';

const MAX_RESULTS = MAX_ROUND_BLOCKS * MAX_BLOCK_TRANSACTIONS;

/**
 * A round on disk: what was ordered, what came of it, and what was found out about its transactions, so that
 * a restart neither hashes nor verifies them again (spec: clause 9). One value a round; the bodies of its
 * blocks lie beside it, each under its own key (see body-record).
 */
export const RoundRecordType = new ContainerType(
  {
    header: RoundHeaderType,
    signatures: new ListCompositeType(RoundSignatureType, MAX_LEDGER_SERVERS),
    input: RoundInputType,
    /** Places in `input.blocks` of the blocks that were applied, in that order; u16 each. */
    order: bytesUpTo(2 * MAX_ROUND_BLOCKS),
    /** Of every block of the input, in input order: 32 bytes and 1 byte for each transaction. */
    ids: bytesUpTo(32 * MAX_RESULTS),
    valid: bytesUpTo(MAX_RESULTS),
    /** In the order applied: u16 and u64 for each transaction. */
    codes: bytesUpTo(2 * MAX_RESULTS),
    fees: bytesUpTo(8 * MAX_RESULTS),
  },
  { typeName: 'RoundRecord' },
);
export type RoundRecord = ValueOf<typeof RoundRecordType>;

export const ROUND_TABLE = 'rounds';

/** Big-endian, so that the store's order is the rounds'. */
export function roundKey(number: number): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, BigInt(number));
  return key;
}

export function roundNumber(key: Uint8Array): number {
  return Number(new DataView(key.buffer, key.byteOffset, key.length).getBigUint64(0));
}

const NO_BODY = new Uint8Array(0);

/** The whole record, bodies included, as it goes to another machine. */
export function encodeRound(record: RoundRecord): Uint8Array {
  return RoundRecordType.serialize(record);
}

/** The reverse, of bytes that anybody may have made: in canonical form, nothing in them is believed. Errors: `malformed`. */
export function decodeRound(bytes: Uint8Array): Result<RoundRecord> {
  return decodeSsz(RoundRecordType, bytes, 'The round');
}

/**
 * Last the record itself, before it the bodies of its blocks. A block that came again and was skipped keeps its body in the
 * record: under the body's key it belongs to the round that applied it, and goes with that one (see prune).
 */
export function roundWrites(record: RoundRecord): Write[] {
  const applied = appliedPlaces(record);
  const writes = record.input.blocks.flatMap(({ header, body }, place) =>
    applied.has(place) ? [bodyWrite(header, body)] : [],
  );
  const blocks = record.input.blocks.map((block, place) =>
    applied.has(place) ? { ...block, body: NO_BODY } : block,
  );
  const value = RoundRecordType.serialize({ ...record, input: { ...record.input, blocks } });
  writes.push({ table: ROUND_TABLE, key: roundKey(record.header.number), value });
  return writes;
}

/** Places in the input of the blocks that were applied. */
function appliedPlaces({ order }: RoundRecord): Set<number> {
  return new Set(Array.from({ length: order.length / 2 }, (_, i) => readU16(order, 2 * i)));
}

/**
 * The bytes come from our own disk and carry the store's checksum: canonical form is not checked again. A block
 * whose body is gone has an empty one, which nobody takes for a body.
 */
function readRecord(store: Pick<Store, 'get'>, value: Uint8Array): RoundRecord {
  const record = RoundRecordType.deserialize(value);
  const blocks = record.input.blocks.map((block) =>
    block.body.length > 0 ? block : { ...block, body: storedBody(store, block.header) ?? NO_BODY },
  );
  return { ...record, input: { ...record.input, blocks } };
}

/** The header of a round on disk; undefined: it is not there. */
export function storedHeader(store: Pick<Store, 'get'>, number: number): RoundHeader | undefined {
  const value = store.get(ROUND_TABLE, roundKey(number));
  return value && RoundHeaderType.deserialize(value.subarray(0, RoundHeaderType.fixedSize!));
}

/** What goes with a stored round: its record, and the bodies of the blocks that it applied. */
export function roundErases(value: Uint8Array): Write[] {
  const record = RoundRecordType.deserialize(value);
  const bodies = [...appliedPlaces(record)].map((place) => bodyErase(record.input.blocks[place]!.header));
  return [{ table: ROUND_TABLE, key: roundKey(record.header.number), value: undefined }, ...bodies];
}

/** undefined: it is not on this disk. */
export function storedRound(store: Pick<Store, 'get'>, number: number): RoundRecord | undefined {
  const value = store.get(ROUND_TABLE, roundKey(number));
  return value === undefined ? undefined : readRecord(store, value);
}

/** The rounds on disk in order, from number `from` on. */
export function* storedRounds(store: Pick<Store, 'get' | 'range'>, from = 1): Iterable<RoundRecord> {
  for (const [, value] of store.range(ROUND_TABLE, { from: roundKey(from) })) yield readRecord(store, value);
}
