import { ContainerType, type ValueOf } from '@chainsafe/ssz';
import { utf8 } from '@iotw/kernel/bytes';
import { Bytes32, U8, U64 } from '@iotw/protocol/ssz';

/**
 * A ledger as one file: 8 bytes that name the format, its version u32; then records, each its length u32 and its bytes: the
 * head; of a pruned ledger the metadata of a snapshot (spec: 9.12) and its chunks; the rounds in order (SSZ); then the length 0 and the SHA-256 of all that is before it. Numbers are
 * little-endian. Nothing follows.
 */
export const MAGIC = utf8('IOTWLEDG');
export const VERSION = 2;

export const LENGTH_BYTES = 4;
export const HASH_BYTES = 32;
/** A round's bodies, certificates, ids and results at their bounds, with room. */
export const MAX_RECORD_BYTES = 67_108_864;

/** What the file says of itself; the rounds in it prove it. */
export const LedgerFileHeadType = new ContainerType(
  {
    network: Bytes32,
    /** It holds the rounds `first` to this one. */
    round: U64,
    roundHash: Bytes32,
    /** Running hash of the state after that round, and the Merkle root over it. */
    stateHash: Bytes32,
    stateRoot: Bytes32,
    /** 1: several servers order it together from the next round on, those that it then has. */
    origin: U8,
    /** 1, or of a pruned ledger the first that was kept: then the state that the rounds lead on from stands before them. */
    first: U64,
  },
  { typeName: 'LedgerFileHead' },
);
export type LedgerFileHead = ValueOf<typeof LedgerFileHeadType>;
