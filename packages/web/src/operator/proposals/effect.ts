import type { ProposalKind } from '@iotw/protocol/proposals';
import type { StatusInfo } from '@iotw/sdk/client/status';

/** Epochs from the edge that executes a proposal to the first that it changes (spec: 14.5). */
const FROZEN_AHEAD = 3;
const LATE: readonly ProposalKind[] = [
  ...(['parameters', 'trustNodeAdmit', 'trustNodeReinstate'] as const),
  ...(['apiServerAdmit', 'apiServerSuspend', 'apiServerReinstate'] as const),
];

export interface Effect {
  /** First epoch that it changes if it is adopted in the running one; null: at once, or as it says itself. */
  readonly epoch: number | null;
  /** Until then, by agreed time, ms. */
  readonly inMs: number;
}

/** When a proposal of a kind takes effect, if the running epoch adopts it. */
export function effectOf(kind: ProposalKind, status: StatusInfo, epochMs: number): Effect {
  const { epoch, timeMs, epochEndsMs } = status as Record<string, number>;
  if (kind === 'emergencyBeacon' || kind === 'upgrade') return { epoch: null, inMs: 0 };
  const lead = LATE.includes(kind) ? FROZEN_AHEAD : 1;
  const toEdge = Math.max(0, (epochEndsMs ?? 0) - (timeMs ?? 0));
  return { epoch: (epoch ?? 0) + lead, inMs: toEdge + (lead - 1) * epochMs };
}
