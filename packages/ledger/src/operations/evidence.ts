import { concatBytes, equalBytes, writeU16, writeU32, writeU64 } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { mulDivFloor } from '@iotw/kernel/wide';
import { type Attestation, attestationDigest, decodeAttestation } from '@iotw/protocol/attestation';
import { voteDigest } from '@iotw/protocol/certificate';
import { decodeSignedHeader, decodeVote, type SignedHeader } from '@iotw/protocol/evidence';
import { blockHash } from '@iotw/protocol/header';
import { EVIDENCE_KIND, type Evidence, NODE_ROLE } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { blacklistDevice } from '../removal.js';
import type { State } from '../state.js';
import { BLACKLIST_REASON } from '../tables/devices.js';
import { SUSPENDED } from '../tables/nodes.js';

const MALFORMED = RESULT_CODES['evidence-malformed'];
const NOT_PROOF = RESULT_CODES['evidence-not-proof'];
const BAD_SIGNATURE = RESULT_CODES['evidence-signature'];
const REPEATED = RESULT_CODES['evidence-repeated'];

/**
 * Proof of misbehaviour and its penalty. A trust node that equivocates: its lane is suspended and
 * slashBps of its bond go to the reward pool. A device that equivocates or lies: blacklisted.
 * Each act (kind, offender, position) is punished once; any key the node ever had convicts it.
 * Codes: `evidence-kind`, `evidence-malformed`, `evidence-not-proof`, `lane-unknown`, `node-unknown`,
 * `device-unknown`, `evidence-signature`, `evidence-repeated`.
 */
export function evidence(state: State, operation: Evidence): number {
  switch (operation.kind) {
    case EVIDENCE_KIND.headerEquivocation:
      return headerEquivocation(state, operation);
    case EVIDENCE_KIND.voteEquivocation:
      return voteEquivocation(state, operation);
    case EVIDENCE_KIND.deviceEquivocation:
      return deviceEquivocation(state, operation);
    case EVIDENCE_KIND.falseAttestation:
      return falseAttestation(state, operation);
    default:
      return RESULT_CODES['evidence-kind'];
  }
}

function headerEquivocation(state: State, operation: Evidence): number {
  const parts = both(decodeSignedHeader, operation);
  if (parts === undefined) return MALFORMED;
  const [first, second] = parts;
  const a = first.header;
  const b = second.header;
  if (!samePosition(a, b)) return NOT_PROOF;
  if (equalBytes(blockHash(state.network, a), blockHash(state.network, b))) return NOT_PROOF;
  if (a.lane >= state.trustNodes.rows) return RESULT_CODES['lane-unknown'];
  if (!signedHeader(state, first) || !signedHeader(state, second)) return BAD_SIGNATURE;
  return punishTrustNode(state, operation.kind, a.lane, a.lane, a.incarnation, a.height);
}

function voteEquivocation(state: State, operation: Evidence): number {
  const parts = both(decodeVote, operation);
  if (parts === undefined) return MALFORMED;
  const [a, b] = parts;
  if (!samePosition(a, b) || a.witness !== b.witness || equalBytes(a.hash, b.hash)) return NOT_PROOF;
  if (a.witness >= state.trustNodes.rows) return RESULT_CODES['node-unknown'];
  for (const vote of parts) {
    if (!nodeSigned(state, a.witness, vote.signature, voteDigest(state.network, vote))) return BAD_SIGNATURE;
  }
  return punishTrustNode(state, operation.kind, a.witness, a.lane, a.incarnation, a.height);
}

function deviceEquivocation(state: State, operation: Evidence): number {
  const parts = both(decodeAttestation, operation);
  if (parts === undefined) return MALFORMED;
  const [a, b] = parts;
  const digestA = attestationDigest(state.network, a);
  const digestB = attestationDigest(state.network, b);
  if (a.device !== b.device || a.boot !== b.boot || a.counter !== b.counter) return NOT_PROOF;
  if (equalBytes(digestA, digestB)) return NOT_PROOF;
  if (a.device >= state.devices.rows) return RESULT_CODES['device-unknown'];
  const key = state.devices.key(a.device);
  if (!state.checker.verify(a.signature, digestA, key) || !state.checker.verify(b.signature, digestB, key)) {
    return BAD_SIGNATURE;
  }
  return punishDevice(state, operation.kind, a);
}

function falseAttestation(state: State, operation: Evidence): number {
  const first = decodeAttestation(operation.first);
  const second = decodeSignedHeader(operation.second);
  if (!first.ok || !second.ok) return MALFORMED;
  const a = first.value;
  const { header } = second.value;
  if (!equalBytes(a.cited, blockHash(state.network, header)) || equalBytes(a.hash, a.cited)) return NOT_PROOF;
  if (a.device >= state.devices.rows) return RESULT_CODES['device-unknown'];
  if (header.lane >= state.trustNodes.rows) return RESULT_CODES['lane-unknown'];
  const digest = attestationDigest(state.network, a);
  if (!state.checker.verify(a.signature, digest, state.devices.key(a.device))) return BAD_SIGNATURE;
  if (!signedHeader(state, second.value)) return BAD_SIGNATURE;
  return punishDevice(state, operation.kind, a);
}

function both<T>(decode: (b: Uint8Array) => Result<T>, operation: Evidence): [T, T] | undefined {
  const first = decode(operation.first);
  const second = decode(operation.second);
  return first.ok && second.ok ? [first.value, second.value] : undefined;
}

interface Position {
  readonly lane: number;
  readonly incarnation: number;
  readonly height: number;
}

function samePosition(a: Position, b: Position): boolean {
  return a.lane === b.lane && a.incarnation === b.incarnation && a.height === b.height;
}

function signedHeader(state: State, s: SignedHeader): boolean {
  return nodeSigned(state, s.header.lane, s.signature, blockHash(state.network, s.header));
}

/** Whether any key that the trust node ever had made the signature. */
export function nodeSigned(state: State, node: number, signature: Uint8Array, digest: Uint8Array): boolean {
  return state.nodeKeys.of(NODE_ROLE.trust, node).some((key) => state.checker.verify(signature, digest, key));
}

function punishTrustNode(
  state: State,
  kind: number,
  node: number,
  lane: number,
  incarnation: number,
  height: number,
): number {
  const position = new Uint8Array(14);
  writeU16(position, 0, lane);
  writeU32(position, 2, incarnation);
  writeU64(position, 6, height);
  if (!recordOnce(state, kind, node, position)) return REPEATED;
  const bond = state.trustNodes.col.bond[node]!;
  const slashed = mulDivFloor(bond, Math.min(state.parameters.slashBps, 10_000), 10_000);
  state.trustNodes.set('bond', node, bond - slashed);
  state.rewards.set('pool', 0, state.rewards.pool + slashed);
  state.suspendLane(node, SUSPENDED.equivocation);
  return 0;
}

function punishDevice(state: State, kind: number, a: Attestation): number {
  const position = new Uint8Array(8);
  writeU32(position, 0, a.boot);
  writeU32(position, 4, a.counter);
  if (!recordOnce(state, kind, a.device, position)) return REPEATED;
  const reason =
    kind === EVIDENCE_KIND.falseAttestation ? BLACKLIST_REASON.lie : BLACKLIST_REASON.equivocation;
  blacklistDevice(state, a.device, reason, attestationDigest(state.network, a));
  return 0;
}

function recordOnce(state: State, kind: number, offender: number, position: Uint8Array): boolean {
  const head = new Uint8Array(5);
  head[0] = kind;
  writeU32(head, 1, offender);
  const digest = sha256(concatBytes(head, position));
  if (state.evidences.has(digest)) return false;
  state.evidences.record(digest, state.round);
  return true;
}
