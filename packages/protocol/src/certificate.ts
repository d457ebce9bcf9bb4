import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { writeU16, writeU32, writeU64 } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import { signingDigest } from '@iotw/kernel/signing';
import { AssignedType } from './assigned.js';
import { DOMAIN } from './domains.js';
import { MAX_ATTEMPT_ANSWERS, MAX_BODY_BYTES, MAX_INCOHERENT_ATTEMPTS, MAX_TRUST_NODES } from './limits.js';
import { Bytes32, Bytes64, bytesUpTo, decodeSsz, U8, U16, U32, U64 } from './ssz.js';

/** A trust node's witness vote: for ever one hash per (lane, incarnation, height). */
export const VoteType = new ContainerType(
  { lane: U16, incarnation: U32, height: U64, hash: Bytes32, witness: U16, signature: Bytes64 },
  { typeName: 'Vote' },
);
export type Vote = ValueOf<typeof VoteType>;

/** Where a statement about a device that did not answer belongs. */
const UNANSWERED = {
  lane: U16,
  incarnation: U32,
  height: U64,
  attempt: U8,
  rank: U16,
  device: U32,
  host: U16,
};

/**
 * What the device's host says. hard: it did not answer within answerTimeoutMs, or was not there, and answers for
 * it with its reputation; soft: it has not answered yet, the next rank may take the place (spec: clause 8.15).
 */
export const MISS_KIND = { hard: 0, soft: 1 } as const;
const MissContentType = new ContainerType({ ...UNANSWERED, kind: U8 }, { typeName: 'MissContent' });
export const MissType = new ContainerType(
  { ...MissContentType.fields, signature: Bytes64 },
  { typeName: 'Miss' },
);
export type Miss = ValueOf<typeof MissType>;

/**
 * A trust node says of the host of the device at a rank: I asked it on the lane's behalf, and it gave me neither
 * an answer nor a miss within its time. One per (lane, incarnation, height, attempt, rank) and witness.
 */
const SilenceContentType = new ContainerType({ ...UNANSWERED, witness: U16 }, { typeName: 'SilenceContent' });
export const SilenceType = new ContainerType(
  { ...SilenceContentType.fields, signature: Bytes64 },
  { typeName: 'Silence' },
);
export type Silence = ValueOf<typeof SilenceType>;

/**
 * Stands in for the miss of a host that can't be reached: the statements of floor(2n/3)+1 other trust nodes.
 * Lane, incarnation, height and attempt are those of the attempt it is part of.
 */
const ThresholdMissType = new ContainerType(
  {
    rank: U16,
    device: U32,
    host: U16,
    statements: new ListCompositeType(
      new ContainerType({ witness: U16, signature: Bytes64 }, { typeName: 'SilenceSignature' }),
      MAX_TRUST_NODES,
    ),
  },
  { typeName: 'ThresholdMiss' },
);
export type ThresholdMiss = ValueOf<typeof ThresholdMissType>;

/** SSZ form of attestation.ts' Attestation; the bytes are the same. */
export const AttestationType = new ContainerType(
  {
    lane: U16,
    incarnation: U32,
    height: U64,
    attempt: U8,
    rank: U16,
    cited: Bytes32,
    hash: Bytes32,
    device: U32,
    boot: U32,
    counter: U32,
    head: Bytes32,
    signature: Bytes64,
  },
  { typeName: 'Attestation' },
);

const Attestations = new ListCompositeType(AttestationType, MAX_ATTEMPT_ANSWERS);
const Misses = new ListCompositeType(MissType, MAX_ATTEMPT_ANSWERS);
const ThresholdMisses = new ListCompositeType(ThresholdMissType, MAX_ATTEMPT_ANSWERS);

/** An attempt whose answers disagreed: attached so that the ledger can tell the liars from the rest. */
export const IncoherentAttemptType = new ContainerType(
  { attempt: U8, attestations: Attestations, misses: Misses, thresholdMisses: ThresholdMisses },
  { typeName: 'IncoherentAttempt' },
);
export type IncoherentAttempt = ValueOf<typeof IncoherentAttemptType>;

export const CERTIFICATE_MODE = {
  /** A device committee answered. */
  devices: 0,
  /** The frozen pool has no device this lane may ask: trust nodes alone, said in every receipt. */
  noDevices: 1,
  /** Every rank of the attempt missed: trust nodes alone, unpaid, for at most 1% of a lane's blocks. */
  allMissed: 2,
} as const;

/** What makes a block certified (spec: clause 9). Malleable: the block hash is the block's identity. */
export const CertificateType = new ContainerType(
  {
    attempt: U8,
    mode: U8,
    attestations: Attestations,
    misses: Misses,
    thresholdMisses: ThresholdMisses,
    votes: new ListCompositeType(VoteType, MAX_TRUST_NODES),
    incoherent: new ListCompositeType(IncoherentAttemptType, MAX_INCOHERENT_ATTEMPTS),
    /** By whom each attempt was assigned, ascending; one that is not here was assigned by the lane's trust node. */
    assigned: new ListCompositeType(AssignedType, MAX_INCOHERENT_ATTEMPTS + 1),
  },
  { typeName: 'Certificate' },
);
export type Certificate = ValueOf<typeof CertificateType>;

export const HeaderType = new ContainerType(
  {
    lane: U16,
    incarnation: U32,
    height: U64,
    previous: Bytes32,
    root: Bytes32,
    count: U16,
    timeMs: U64,
    epoch: U32,
    refRound: U64,
  },
  { typeName: 'BlockHeader' },
);

/** A certified block as it travels and is stored; `body` is the encoding of body.ts. */
export const CertifiedBlockType = new ContainerType(
  { header: HeaderType, signature: Bytes64, certificate: CertificateType, body: bytesUpTo(MAX_BODY_BYTES) },
  { typeName: 'CertifiedBlock' },
);
export type CertifiedBlock = ValueOf<typeof CertifiedBlockType>;

export function encodeCertifiedBlock(block: CertifiedBlock): Uint8Array {
  return CertifiedBlockType.serialize(block);
}

/** Errors: `malformed`. */
export function decodeCertifiedBlock(bytes: Uint8Array): Result<CertifiedBlock> {
  return decodeSsz(CertifiedBlockType, bytes, 'certified block');
}

const voteContent = new Uint8Array(48);

export function voteDigest(network: Uint8Array, vote: Omit<Vote, 'signature'>): Uint8Array {
  // VoteType without its signature, written in place: votes are made and checked many times a block.
  writeU16(voteContent, 0, vote.lane);
  writeU32(voteContent, 2, vote.incarnation);
  writeU64(voteContent, 6, vote.height);
  voteContent.set(vote.hash, 14);
  writeU16(voteContent, 46, vote.witness);
  return signingDigest(DOMAIN.vote, network, voteContent);
}

export function missDigest(network: Uint8Array, miss: Omit<Miss, 'signature'>): Uint8Array {
  return signingDigest(DOMAIN.miss, network, MissContentType.serialize(miss));
}

export function silenceDigest(network: Uint8Array, silence: Omit<Silence, 'signature'>): Uint8Array {
  return signingDigest(DOMAIN.silence, network, SilenceContentType.serialize(silence));
}

/** floor(2n/3)+1: with less than a third corrupt, they can neither forge nor stall (spec: clause 8). */
export function trustThreshold(trustNodes: number): number {
  return Math.floor((2 * trustNodes) / 3) + 1;
}
