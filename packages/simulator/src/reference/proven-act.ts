import { decodeSignedHeader, decodeVote } from '@iotw/protocol/evidence';
import { EVIDENCE_KIND, type Operation } from '@iotw/protocol/operations';

/** A trust node's double signature, and the place in a lane it is about. */
export interface ProvenAct {
  readonly node: number;
  readonly at: { readonly lane: number; readonly incarnation: number; readonly height: number };
}

/** What evidence that the ledger took proves of a trust node; undefined: it is about a device, or no evidence. */
export function provenAct(operation: Operation): ProvenAct | undefined {
  if (operation.type !== 'evidence') return undefined;
  const { kind, first } = operation;
  const header = decodeSignedHeader(first);
  const vote = decodeVote(first);
  if (kind === EVIDENCE_KIND.headerEquivocation && header.ok)
    return { node: header.value.header.lane, at: header.value.header };
  if (kind === EVIDENCE_KIND.voteEquivocation && vote.ok) return { node: vote.value.witness, at: vote.value };
  return undefined;
}
