import {
  type Miss,
  missDigest,
  type Silence,
  silenceDigest,
  trustThreshold,
} from '@iotw/protocol/certificate';
import { trustPeer } from '../messages.js';
import type { Seat } from './attempt.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import type { InFlight } from './in-flight.js';
import { signSilence } from './inquiries.js';
import { assignmentOf, slotOf } from './lane-messages.js';

/**
 * What a lane does about a host that gives it neither answers nor misses: it asks through every other trust
 * node, and their statements pass the rank over (spec: clause 8.10). Otherwise one dead trust node would hold up
 * every block that drew a device of its.
 */

/** Asks through the others for every silent seat whose host is overdue; `again`: also where it did already. */
export function inquire(
  context: TrustNodeContext,
  block: InFlight,
  nowMs: number,
  again: boolean,
  effects: TrustNodeEffect[],
): boolean {
  let stated = false;
  for (const seat of block.attempt.silent()) {
    const host = trustPeer(seat.device.host);
    if (seat.inquired && !again) continue;
    if (!context.silentHosts.overdue(host, seat.askedMs, nowMs)) continue;
    if (!seat.inquired) {
      seat.inquired = true;
      stated = true;
      takeSilence(context, block, seat, signSilence(context, slotOf(block, seat), seat.device.host));
    }
    relay(context, block, seat, effects);
  }
  return stated;
}

function relay(context: TrustNodeContext, block: InFlight, seat: Seat, effects: TrustNodeEffect[]): void {
  const { host, key } = seat.device;
  const slot = slotOf(block, seat);
  const assignment = assignmentOf(block, seat);
  for (const t of block.voters) {
    if (t === host || t === context.index || seat.silences.has(t)) continue;
    effects.push({
      kind: 'send',
      to: trustPeer(t),
      message: { kind: 'relay', slot, host, key, assignment },
    });
  }
}

/** Whether a statement about the seat's host is new and good; with enough of them the rank is passed over. */
export function takeSilence(
  context: TrustNodeContext,
  { voters }: Pick<InFlight, 'voters'>,
  seat: Seat,
  silence: Silence,
): boolean {
  const { witness, host, device } = silence;
  if (seat.thresholdMiss !== undefined || seat.silences.has(witness)) return false;
  if (!voters.has(witness)) return false;
  if (host !== seat.device.host || device !== seat.device.device || witness === host) return false;
  const { network, checker, view, index, keys } = context;
  const key = witness === index ? keys.publicKey : view.trustKeys[witness];
  if (key === undefined || !checker.verify(silence.signature, silenceDigest(network, silence), key))
    return false;
  seat.silences.set(witness, silence.signature);
  const threshold = trustThreshold(voters.size);
  if (seat.silences.size < threshold) return true;
  const statements = [...seat.silences]
    .map(([by, signature]) => ({ witness: by, signature }))
    .sort((a, b) => a.witness - b.witness)
    .slice(0, threshold);
  seat.thresholdMiss = { rank: seat.rank, device, host, statements };
  return true;
}

/** Whether the miss is its host's word. */
export function isSigned({ network, checker, view }: TrustNodeContext, miss: Miss): boolean {
  const key = view.trustKeys[miss.host];
  return key !== undefined && checker.verify(miss.signature, missDigest(network, miss), key);
}
