import { sign } from '@iotw/kernel/ed25519';
import { encodeAssignment } from '@iotw/protocol/assignment';
import { laneResetDigest, RESET_REASON } from '@iotw/protocol/round';
import { type AnswerSlot, trustPeer } from '../messages.js';
import type { Seat } from './attempt.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import type { InFlight } from './in-flight.js';
import { statementOf } from './lane-assigning.js';
import { serversInOrder } from './server-turn.js';

/** What a lane says to others about its blocks. */

/** To every trust node whose vote is missing; those that join later follow the lane from its next block on. */
export function propose(context: TrustNodeContext, block: InFlight, effects: TrustNodeEffect[]): void {
  for (let t = 0; t < context.view.trustKeys.length; t++) {
    if (!block.votes.has(t))
      effects.push({ kind: 'send', to: trustPeer(t), message: { kind: 'propose', block: block.block } });
  }
}

/** To the host of the device in a seat. */
export function assign(
  context: TrustNodeContext,
  block: InFlight,
  seat: Seat,
  nowMs: number,
  effects: TrustNodeEffect[],
): void {
  const { key, host } = seat.device;
  const to = trustPeer(host);
  context.silentHosts.asked(to, nowMs);
  const slot = slotOf(block, seat);
  const message = { kind: 'assign', slot, key, assignment: assignmentOf(block, seat) } as const;
  effects.push({ kind: 'send', to, message });
}

/** Where the answer of a seat belongs. */
export function slotOf({ block, attempt }: InFlight, { rank, device }: Seat): AnswerSlot {
  const { lane, incarnation, height } = block.header;
  return { lane, incarnation, height, attempt: attempt.number, rank, device: device.device };
}

/** What the device in a seat is to answer. */
export function assignmentOf(inFlight: InFlight, { rank, device }: Seat): Uint8Array {
  const { header, signature, ids } = inFlight.block;
  const place = { attempt: inFlight.attempt.number, rank, device: device.device };
  const assigned = statementOf(inFlight);
  return encodeAssignment({
    header,
    signature,
    ...place,
    ids,
    ...(assigned === undefined ? {} : { assigned }),
  });
}

/** A certified block, to every ledger server, the nearest first: any of them may propose the next round. */
export function handOver(context: TrustNodeContext, block: InFlight, effects: TrustNodeEffect[]): void {
  const verified = { ids: block.block.ids, valid: new Uint8Array(block.indices.length).fill(1) };
  for (const to of serversInOrder(context)) {
    effects.push({ kind: 'send', to, message: { kind: 'certified', block: block.certified!, verified } });
  }
}

/** To every ledger server: what stands above the lane's cursor can't be certified any more. */
export function askReset(context: TrustNodeContext, incarnation: number, effects: TrustNodeEffect[]): void {
  const content = { lane: context.index, incarnation, reason: RESET_REASON.lane };
  const signature = sign(laneResetDigest(context.network, content), context.keys.secretKey);
  for (const to of serversInOrder(context)) {
    effects.push({ kind: 'send', to, message: { kind: 'reset', reset: { ...content, signature } } });
  }
}
