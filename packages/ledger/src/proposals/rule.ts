import type { ProposalContents, ProposalKind } from '@iotw/protocol/proposals';
import type { State } from '../state.js';

/** When an adopted proposal takes effect: at the running epoch's edge, or in the round that adopts it. */
export type Effect = 'edge' | 'at-once';

/** One kind of proposal (spec: clause 14); one row in table.ts and one file each. */
export interface ProposalRule<K extends ProposalKind> {
  readonly effect: Effect;
  /** Whether it is possible and leaves the network able to decide: 0 or a result code. Asked again before it takes effect. */
  readonly check: (state: State, content: ProposalContents[K]) => number;
  /** Takes effect and gives the first epoch that it changes; `ended`: the epoch that ends (the running one where at once). */
  readonly execute: (state: State, content: ProposalContents[K], ended: number) => number;
}
