import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import type { Write } from '@iotw/kernel/ports/store';
import { MAX_BLOCK_TRANSACTIONS, MAX_LEDGER_SERVERS, MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { RoundHeaderType, RoundInputType, RoundSignatureType } from '@iotw/protocol/round';
import { bytesUpTo } from '@iotw/protocol/ssz';

const MAX_RESULTS = MAX_ROUND_BLOCKS * MAX_BLOCK_TRANSACTIONS;

/**
 * A round on disk: what was ordered, what came of it, and what was found out about its transactions, so that
 * a restart neither hashes nor verifies them again (spec: clause 9). One value a round.
 */
const RoundRecordType = new ContainerType(
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

export function roundWrite(record: RoundRecord): Write {
  return {
    table: ROUND_TABLE,
    key: roundKey(record.header.number),
    value: RoundRecordType.serialize(record),
  };
}

/** The bytes come from our own disk and carry the store's checksum: canonical form is not checked again. */
export function readRoundRecord(value: Uint8Array): RoundRecord {
  return RoundRecordType.deserialize(value);
}
