import { BLS_SIGNATURE_BYTES } from '@iotw/kernel/bls';
import { concatBytes, readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { ASSIGNED_BYTES, AssignedType } from '@iotw/protocol/assigned';
import { ASSIGNMENT_FIXED_BYTES } from '@iotw/protocol/assignment';
import { decodeAttestation, encodeAttestation } from '@iotw/protocol/attestation';
import { BeaconMessageType } from '@iotw/protocol/beacon';
import { bodyCount, readBody } from '@iotw/protocol/body';
import {
  decodeCertifiedBlock,
  encodeCertifiedBlock,
  type Miss,
  MissType,
  type Silence,
  SilenceType,
} from '@iotw/protocol/certificate';
import {
  decodeSignedHeader,
  decodeVote,
  encodeSignedHeader,
  encodeVote,
  SIGNED_HEADER_BYTES,
} from '@iotw/protocol/evidence';
import { blockHash } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS } from '@iotw/protocol/limits';
import { EpochVoteType, LaneResetType } from '@iotw/protocol/round';
import { decodeSsz } from '@iotw/protocol/ssz';
import type { AnswerSlot, MessageKind, PeerMessage } from './messages.js';
import { decodeNotice, decodeView, encodeNotice, encodeView } from './notice-codec.js';
import { idsOfBody } from './trust-node/transaction-ids.js';

/** First byte of a message between nodes: append only. */
const KIND = {
  submit: 1,
  propose: 2,
  vote: 3,
  assign: 4,
  answer: 5,
  miss: 6,
  certified: 7,
  reset: 8,
  'epoch-vote': 9,
  'seed-proof': 10,
  notice: 11,
  'view-request': 12,
  view: 13,
  relay: 14,
  silence: 15,
  beacon: 16,
  'seed-share': 17,
  'assign-request': 18,
  assigned: 19,
} as const satisfies Record<MessageKind, number>;

/** lane u16, incarnation u32, height u64, attempt u8, rank u16, device u32. */
const SLOT_BYTES = 21;
const MAX_ASSIGNMENT_BYTES = ASSIGNMENT_FIXED_BYTES + ASSIGNED_BYTES + 32 * MAX_BLOCK_TRANSACTIONS;
const SEED_PROOF_BYTES = 80;
const SEED_SHARE_BYTES = 10 + BLS_SIGNATURE_BYTES;

type Of<K extends MessageKind> = Extract<PeerMessage, { readonly kind: K }>;

/** One kind: its encoding without the kind byte, and the strict way back. */
interface Codec<K extends MessageKind> {
  readonly encode: (message: Of<K>) => Uint8Array;
  readonly decode: (network: Uint8Array, bytes: Uint8Array) => Result<Of<K>>;
}

function malformed(what: string): Result<never> {
  return fail('malformed', `The message can't be read: ${what}.`);
}

function map<A, B>(result: Result<A>, to: (value: A) => B): Result<B> {
  return result.ok ? ok(to(result.value)) : result;
}

const submit: Codec<'submit'> = {
  encode: ({ envelopes }) => envelopes.bytes,
  decode: (_, b) => map(readBody(b), (envelopes) => ({ kind: 'submit', envelopes })),
};

/** Header 100, signature 64, body. Hash and ids are computed here, never taken from the wire. */
const propose: Codec<'propose'> = {
  encode: ({ block }) => concatBytes(encodeSignedHeader(block), block.body.bytes),
  decode: (network, b) => {
    const signed = decodeSignedHeader(b.subarray(0, SIGNED_HEADER_BYTES));
    if (!signed.ok) return signed;
    const body = readBody(b.subarray(SIGNED_HEADER_BYTES));
    if (!body.ok) return body;
    const { header, signature } = signed.value;
    if (bodyCount(body.value) !== header.count) return malformed('the body is not the header’s');
    const derived = { hash: blockHash(network, header), ids: idsOfBody(network, body.value) };
    return ok({ kind: 'propose', block: { header, signature, body: body.value, ...derived } });
  },
};

const vote: Codec<'vote'> = {
  encode: (message) => encodeVote(message.vote),
  decode: (_, b) => map(decodeVote(b), (value) => ({ kind: 'vote', vote: value })),
};

function writeSlot(b: Uint8Array, slot: AnswerSlot): void {
  writeU16(b, 0, slot.lane);
  writeU32(b, 2, slot.incarnation);
  writeU64(b, 6, slot.height);
  b[14] = slot.attempt;
  writeU16(b, 15, slot.rank);
  writeU32(b, 17, slot.device);
}

function readSlot(b: Uint8Array): AnswerSlot | undefined {
  const height = readU64(b, 6);
  if (!Number.isSafeInteger(height)) return undefined;
  return {
    lane: readU16(b, 0),
    incarnation: readU32(b, 2),
    height,
    attempt: b[14]!,
    rank: readU16(b, 15),
    device: readU32(b, 17),
  };
}

/** Slot 21, device key 32, assignment. The assignment itself is the device's to read. */
const assign: Codec<'assign'> = {
  encode: ({ slot, key, assignment }) => {
    const fixed = new Uint8Array(SLOT_BYTES + 32);
    writeSlot(fixed, slot);
    fixed.set(key, SLOT_BYTES);
    return concatBytes(fixed, assignment);
  },
  decode: (_, b) => {
    const length = b.length - SLOT_BYTES - 32;
    if (length < ASSIGNMENT_FIXED_BYTES || length > MAX_ASSIGNMENT_BYTES)
      return malformed('an assignment has another length');
    const slot = readSlot(b);
    if (slot === undefined) return malformed('a height is above 2^53-1');
    const key = b.slice(SLOT_BYTES, SLOT_BYTES + 32);
    return ok({ kind: 'assign', slot, key, assignment: b.slice(SLOT_BYTES + 32) });
  },
};

const answer: Codec<'answer'> = {
  encode: ({ attestation }) => encodeAttestation(attestation),
  decode: (_, b) => map(decodeAttestation(b), (attestation) => ({ kind: 'answer', attestation })),
};

const miss: Codec<'miss'> = {
  encode: (message) => MissType.serialize(message.miss),
  decode: (_, b) => map(decodeSsz<Miss>(MissType, b, 'miss'), (value) => ({ kind: 'miss', miss: value })),
};

/** Host u16, then as `assign`. */
const relay: Codec<'relay'> = {
  encode: ({ slot, host, key, assignment }) => {
    const number = new Uint8Array(2);
    writeU16(number, 0, host);
    return concatBytes(number, assign.encode({ kind: 'assign', slot, key, assignment }));
  },
  decode: (network, b) => {
    if (b.length < 2) return malformed('a relay names no host');
    const host = readU16(b, 0);
    return map(assign.decode(network, b.subarray(2)), (question) => ({ ...question, kind: 'relay', host }));
  },
};

const silence: Codec<'silence'> = {
  encode: (message) => SilenceType.serialize(message.silence),
  decode: (_, b) =>
    map(decodeSsz<Silence>(SilenceType, b, 'statement of silence'), (value) => ({
      kind: 'silence',
      silence: value,
    })),
};

/** What one process has verified is no proof to another: `verified` stays behind. */
const certified: Codec<'certified'> = {
  encode: ({ block }) => encodeCertifiedBlock(block),
  decode: (_, b) => map(decodeCertifiedBlock(b), (block) => ({ kind: 'certified', block })),
};

const reset: Codec<'reset'> = {
  encode: (message) => LaneResetType.serialize(message.reset),
  decode: (_, b) =>
    map(decodeSsz(LaneResetType, b, 'lane reset'), (value) => ({ kind: 'reset', reset: value })),
};

const epochVote: Codec<'epoch-vote'> = {
  encode: (message) => EpochVoteType.serialize(message.vote),
  decode: (_, b) =>
    map(decodeSsz(EpochVoteType, b, 'epoch vote'), (value) => ({ kind: 'epoch-vote', vote: value })),
};

const seedProof: Codec<'seed-proof'> = {
  encode: ({ epoch, proof }) => {
    const number = new Uint8Array(4);
    writeU32(number, 0, epoch);
    return concatBytes(number, proof);
  },
  decode: (_, b) =>
    b.length === 4 + SEED_PROOF_BYTES
      ? ok({ kind: 'seed-proof', epoch: readU32(b, 0), proof: b.slice(4) })
      : malformed('a seed proof has another length'),
};

const beacon: Codec<'beacon'> = {
  encode: ({ message }) => BeaconMessageType.serialize(message),
  decode: (_, b) =>
    map(decodeSsz(BeaconMessageType, b, 'word of a key ceremony'), (message) => ({
      kind: 'beacon',
      message,
    })),
};

/** epoch u32, generation u32, server u16, signature 96. */
const seedShare: Codec<'seed-share'> = {
  encode: ({ share }) => {
    const fixed = new Uint8Array(SEED_SHARE_BYTES - BLS_SIGNATURE_BYTES);
    writeU32(fixed, 0, share.epoch);
    writeU32(fixed, 4, share.generation);
    writeU16(fixed, 8, share.server);
    return concatBytes(fixed, share.signature);
  },
  decode: (_, b) => {
    if (b.length !== SEED_SHARE_BYTES) return malformed('a seed share has another length');
    const share = {
      epoch: readU32(b, 0),
      generation: readU32(b, 4),
      server: readU16(b, 8),
      signature: b.slice(10),
    };
    return ok({ kind: 'seed-share', share });
  },
};

/** Header 100, signature 64, attempt u8. */
const assignRequest: Codec<'assign-request'> = {
  encode: ({ header, signature, attempt }) =>
    concatBytes(encodeSignedHeader({ header, signature }), Uint8Array.of(attempt)),
  decode: (_, b) => {
    if (b.length !== SIGNED_HEADER_BYTES + 1) return malformed('a request to assign has another length');
    const attempt = b[SIGNED_HEADER_BYTES]!;
    return map(decodeSignedHeader(b.subarray(0, SIGNED_HEADER_BYTES)), (signed) => ({
      kind: 'assign-request',
      ...signed,
      attempt,
    }));
  },
};

/** lane u16, incarnation u32, height u64, then the statement. */
const assigned: Codec<'assigned'> = {
  encode: (message) => {
    const place = new Uint8Array(14);
    writeU16(place, 0, message.lane);
    writeU32(place, 2, message.incarnation);
    writeU64(place, 6, message.height);
    return concatBytes(place, AssignedType.serialize(message.assigned));
  },
  decode: (_, b) => {
    const height = b.length < 14 ? Number.NaN : readU64(b, 6);
    if (!Number.isSafeInteger(height)) return malformed('a statement of an assigner has no place');
    const place = { lane: readU16(b, 0), incarnation: readU32(b, 2), height };
    return map(decodeSsz(AssignedType, b.subarray(14), "assigner's statement"), (value) => ({
      kind: 'assigned',
      ...place,
      assigned: value,
    }));
  },
};

const notice: Codec<'notice'> = {
  encode: (message) => encodeNotice(message.notice),
  decode: (_, b) => map(decodeNotice(b), (value) => ({ kind: 'notice', notice: value })),
};

const viewRequest: Codec<'view-request'> = {
  encode: ({ after }) => {
    const b = new Uint8Array(8);
    writeU64(b, 0, after);
    return b;
  },
  decode: (_, b) => {
    const after = b.length === 8 ? readU64(b, 0) : Number.NaN;
    return Number.isSafeInteger(after)
      ? ok({ kind: 'view-request', after })
      : malformed('a view request holds one round number');
  },
};

const view: Codec<'view'> = {
  encode: (message) => encodeView(message.view),
  decode: (_, b) => map(decodeView(b), (value) => ({ kind: 'view', view: value })),
};

const CODECS: { readonly [K in MessageKind]: Codec<K> } = {
  submit,
  propose,
  vote,
  assign,
  answer,
  miss,
  certified,
  reset,
  'epoch-vote': epochVote,
  'seed-proof': seedProof,
  notice,
  'view-request': viewRequest,
  view,
  relay,
  silence,
  beacon,
  'seed-share': seedShare,
  'assign-request': assignRequest,
  assigned,
};

const BY_BYTE = new Map(Object.entries(KIND).map(([kind, byte]) => [byte as number, kind as MessageKind]));

/** A message as it crosses a link between processes: kind byte, then the kind's encoding (spec: clause 10). */
export function encodeMessage(message: PeerMessage): Uint8Array {
  const { encode } = CODECS[message.kind] as Codec<MessageKind>;
  return concatBytes(Uint8Array.of(KIND[message.kind]), encode(message));
}

/**
 * Reads what a peer sent: strict (one encoding per message) and bounded by protocol/limits. Parts of the
 * message may share memory with `bytes`, so these must not change afterwards. Errors: `malformed`.
 */
export function decodeMessage(network: Uint8Array, bytes: Uint8Array): Result<PeerMessage> {
  const kind = BY_BYTE.get(bytes[0] ?? 0);
  if (kind === undefined) return malformed('its kind is unknown');
  return CODECS[kind].decode(network, bytes.subarray(1));
}
