import { equalBytes } from '@iotw/kernel/bytes';
import { merkleRoot } from '@iotw/kernel/merkle';
import { assignedDigestOf } from '@iotw/protocol/assigned';
import { type Assignment, decodeAssignment } from '@iotw/protocol/assignment';
import { blockHash } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS } from '@iotw/protocol/limits';
import { type EpochSnapshot, poolEntry } from '@iotw/protocol/pool';
import type { AnswerSlot } from '../messages.js';
import type { TrustNodeContext } from './context.js';

/**
 * Whether an honest device under `key`, hosted by `host`, would answer these bytes: only then may its silence be
 * held against anybody. Otherwise a lane could have ranks it dislikes passed over by sending them what
 * no device answers.
 */
export function fitsSlot(
  context: Pick<TrustNodeContext, 'network' | 'view' | 'checker'>,
  slot: AnswerSlot,
  host: number,
  key: Uint8Array,
  bytes: Uint8Array,
): boolean {
  const { network, view, checker } = context;
  const read = decodeAssignment(bytes);
  if (!read.ok) return false;
  const { header, signature, ids } = read.value;
  const here =
    header.lane === slot.lane &&
    header.incarnation === slot.incarnation &&
    header.height === slot.height &&
    read.value.attempt === slot.attempt &&
    read.value.rank === slot.rank &&
    read.value.device === slot.device;
  const snapshot = view.snapshot(header.epoch);
  const laneKey = view.trustKeys[slot.lane];
  if (!here || snapshot === undefined || laneKey === undefined) return false;
  const entry = poolEntry(snapshot, slot.device);
  if (entry === undefined || entry.host !== host || !equalBytes(entry.key, key)) return false;
  const hash = blockHash(network, header);
  return (
    equalBytes(merkleRoot(ids, header.count, MAX_BLOCK_TRANSACTIONS), header.root) &&
    checker.verify(signature, hash, laneKey) &&
    fitsAssigner(context, snapshot, read.value, hash)
  );
}

/** What an assigner is said to have signed, it signed: a device refuses anything else. */
function fitsAssigner(
  { network, checker }: Pick<TrustNodeContext, 'network' | 'checker'>,
  { assigners, parameters }: EpochSnapshot,
  { header, attempt, assigned }: Assignment,
  hash: Uint8Array,
): boolean {
  if (assigned === undefined) return true;
  const { role, index, signature } = assigned;
  const assigner = assigners.find((a) => a.index === index);
  if (role !== parameters.assigner || assigner === undefined) return false;
  return checker.verify(
    signature,
    assignedDigestOf(network, header, hash, { role, attempt }, assigner),
    assigner.key,
  );
}
