import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { signingDigest } from '@iotw/kernel/signing';
import { BeaconMessageType } from './beacon.js';
import { CertifiedBlockType } from './certificate.js';
import { DOMAIN } from './domains.js';
import { MAX_LEDGER_SERVERS, MAX_ROUND_BLOCKS, MAX_SEED_PROOF_BYTES, MAX_TRUST_NODES } from './limits.js';
import { Bytes32, Bytes48, Bytes64, bytesUpTo, U8, U16, U32, U64 } from './ssz.js';

export const RESET_REASON = { lane: 0, stalled: 1 } as const;

/** Voids everything above the lane's cursor and raises its incarnation (spec: clause 5). */
const LaneResetContentType = new ContainerType(
  { lane: U16, incarnation: U32, reason: U8 },
  { typeName: 'LaneResetContent' },
);
/** `incarnation` is the one that ends; signed by the lane's trust node, zeros where reason = stalled. */
export const LaneResetType = new ContainerType(
  { ...LaneResetContentType.fields, signature: Bytes64 },
  { typeName: 'LaneReset' },
);
export type LaneReset = ValueOf<typeof LaneResetType>;

/** A trust node confirms the pool root and seed of an epoch. */
const EpochVoteContentType = new ContainerType(
  { epoch: U32, poolRoot: Bytes32, seed: Bytes32, witness: U16 },
  { typeName: 'EpochVoteContent' },
);
export const EpochVoteType = new ContainerType(
  { ...EpochVoteContentType.fields, signature: Bytes64 },
  { typeName: 'EpochVote' },
);
export type EpochVote = ValueOf<typeof EpochVoteType>;

/** What the engine found a ledger server to have done, by two votes or in two blocks of one height (spec: clause 9.14). */
export const MISBEHAVIOUR_KIND = { doubleVote: 0, lightClientAttack: 1 } as const;

/** An act that the engine proved: which ledger server, what, at which height of the engine and that height's agreed time. */
export const MisbehaviourType = new ContainerType(
  { server: U16, kind: U8, height: U64, timeMs: U64 },
  { typeName: 'Misbehaviour' },
);
export type Misbehaviour = ValueOf<typeof MisbehaviourType>;

/** What the engine orders: everything a ledger server needs to apply one round. */
export const RoundInputType = new ContainerType(
  {
    number: U64,
    /** Agreed time, ms; never below the previous round's. */
    timeMs: U64,
    /**
     * Empty, or what opens the next epoch: VRF proof (80 bytes), the group's signature (96), a public beacon's
     * value (48; 128 or 192 where chained).
     */
    seedProof: bytesUpTo(MAX_SEED_PROOF_BYTES),
    resets: new ListCompositeType(LaneResetType, MAX_TRUST_NODES),
    epochVotes: new ListCompositeType(EpochVoteType, MAX_TRUST_NODES),
    /** Words of a key ceremony. */
    beacon: new ListCompositeType(BeaconMessageType, MAX_LEDGER_SERVERS),
    blocks: new ListCompositeType(CertifiedBlockType, MAX_ROUND_BLOCKS),
    /** Acts that the engine proved with the block that holds this round, ascending by server. */
    misbehaviours: new ListCompositeType(MisbehaviourType, MAX_LEDGER_SERVERS),
  },
  { typeName: 'RoundInput' },
);
export type RoundInput = ValueOf<typeof RoundInputType>;

/** What a round decided; ledger servers sign its hash (spec: clause 9). */
export const RoundHeaderType = new ContainerType(
  {
    /** Of the protocol; first, so that whoever does not know what follows can tell. */
    version: U16,
    number: U64,
    timeMs: U64,
    /** Epoch after this round's edge, if it is one. */
    epoch: U32,
    /** Round hash of the round before (zeros at round 1). */
    previous: Bytes32,
    /** Seed and frozen-pool root of that epoch. */
    seed: Bytes32,
    /** What made that seed (SEED_ORIGIN), and the key to check it by (seed-origin). */
    seedSource: U8,
    seedKey: Bytes48,
    poolRoot: Bytes32,
    /** Merkle root of the hashes of the blocks, in the order applied. */
    blocksRoot: Bytes32,
    /** Merkle root of the results, in the order applied. */
    resultsRoot: Bytes32,
    /** Running hash of the whole state. */
    stateHash: Bytes32,
  },
  { typeName: 'RoundHeader' },
);
export type RoundHeader = ValueOf<typeof RoundHeaderType>;

export const RoundSignatureType = new ContainerType(
  { server: U16, signature: Bytes64 },
  { typeName: 'RoundSignature' },
);
export type RoundSignature = ValueOf<typeof RoundSignatureType>;

export function roundHash(network: Uint8Array, header: RoundHeader): Uint8Array {
  return signingDigest(DOMAIN.round, network, RoundHeaderType.serialize(header));
}

export function laneResetDigest(network: Uint8Array, reset: Omit<LaneReset, 'signature'>): Uint8Array {
  return signingDigest(DOMAIN.laneReset, network, LaneResetContentType.serialize(reset));
}

export function epochVoteDigest(network: Uint8Array, vote: Omit<EpochVote, 'signature'>): Uint8Array {
  return signingDigest(DOMAIN.epochVote, network, EpochVoteContentType.serialize(vote));
}
