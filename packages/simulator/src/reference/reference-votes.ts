import { fromUtf8, toHex } from '@iotw/kernel/bytes';
import type { EpochEdge } from '@iotw/ledger/round-outcome';
import type { Genesis } from '@iotw/protocol/genesis';
import { ASSIGNER, ELECTION_MODE, type Parameters, ParametersType } from '@iotw/protocol/parameters';
import { decodeProposal, type ProposalContent } from '@iotw/protocol/proposals';
import type { AppliedRound } from '../invariants/applied-round.js';
import { provenAct } from './proven-act.js';
import type { AppliedOperation, ReferenceRule } from './reference-rule.js';

/** Epochs between a vote's edge and the first epoch whose frozen parameters it changes. */
const AHEAD = 3;

interface Proposal {
  readonly content: ProposalContent;
  readonly expiryEpoch: number;
  readonly yes: Set<string>;
  readonly no: Set<string>;
  state: 'open' | 'adopted' | 'executed' | 'refused' | 'expired' | 'void';
}

/**
 * Clause 14 and the freezing of parameters (6.4a): who may propose and vote, what is adopted, and which parameters
 * each epoch therefore runs on. Of the kinds it carries out parameters and the standing of makers, trust nodes and API servers; of an upgrade the plan.
 */
export class ReferenceVotes implements ReferenceRule {
  readonly name = 'votes-decide';
  readonly #parameters = new Map<number, Parameters>();
  readonly #proposals: Proposal[] = [];
  readonly #suspended = new Set<number>();
  readonly #trustOut = new Set<number>();
  /** Trust nodes suspended for equivocation. */
  readonly #proven = new Set<number>();
  #reinstated: ReadonlySet<number> = new Set();
  readonly #apiOut = new Set<number>();
  #upgrade: { readonly version: number; readonly epoch: number } | undefined;
  readonly #members: ReadonlySet<string>;
  readonly #threshold: number;
  #next: Parameters;

  constructor({ parameters, committee, committeeThreshold }: Genesis) {
    for (let epoch = 0; epoch < AHEAD; epoch++) this.#parameters.set(epoch, parameters);
    this.#next = parameters;
    this.#members = new Set(committee.map(toHex));
    this.#threshold = Math.max(1, committeeThreshold);
  }

  /** What the epoch runs on. */
  parametersOf(epoch: number): Parameters {
    return this.#parameters.get(epoch)!;
  }

  /** The public beacon's chain and round that a vote named for the epoch's seed. */
  publicRound(epoch: number): { readonly chain: Uint8Array; readonly round: number } | undefined {
    for (const { content, state } of this.#proposals) {
      const named = content.kind === 'emergencyBeacon' && content.content.epoch === epoch;
      if (named && state === 'executed') return content.content;
    }
    return undefined;
  }

  /** The version that the committee planned last, and its first epoch. */
  get upgrade(): { readonly version: number; readonly epoch: number } | undefined {
    return this.#upgrade;
  }

  /** Trust nodes that votes brought back at the last edge. */
  get reinstated(): ReadonlySet<number> {
    return this.#reinstated;
  }

  operation({ operation, sender, epoch }: AppliedOperation): string | undefined {
    const act = provenAct(operation);
    if (act !== undefined) this.#proven.add(act.node);
    if (operation.type !== 'propose' && operation.type !== 'vote') return undefined;
    const member = toHex(sender);
    if (!this.#members.has(member)) return `${member} has no seat and decides`;
    if (operation.type === 'propose') {
      const content = decodeProposal(operation.kind, operation.content);
      if (!content.ok) return 'a proposal that nobody can read';
      if (operation.expiryEpoch < epoch) return 'a proposal that has expired';
      const { expiryEpoch } = operation;
      this.#proposals.push({
        content: content.value,
        expiryEpoch,
        yes: new Set([member]),
        no: new Set(),
        state: 'open',
      });
      this.#count(this.#proposals.at(-1)!);
      return undefined;
    }
    const proposal = this.#proposals[operation.proposal];
    if (proposal === undefined) return `a vote on proposal ${operation.proposal}, which nobody made`;
    const which = `proposal ${operation.proposal}`;
    if (proposal.state !== 'open' || proposal.expiryEpoch < epoch)
      return `a vote on ${which}, which is closed`;
    if (proposal.yes.has(member) || proposal.no.has(member)) return `a second vote of ${member} on ${which}`;
    (operation.approve === 1 ? proposal.yes : proposal.no).add(member);
    this.#count(proposal);
    return undefined;
  }

  #count(proposal: Proposal): void {
    // A round of a public beacon counts at once: the edge it helps across would never come.
    const adopted = proposal.content.kind === 'emergencyBeacon' ? 'executed' : 'adopted';
    if (proposal.yes.size >= this.#threshold) proposal.state = adopted;
    else if (proposal.no.size > this.#members.size - this.#threshold) proposal.state = 'refused';
  }

  edge({ ledger }: AppliedRound, { ended, snapshot, frozenNext }: EpochEdge): string | undefined {
    const back = new Set<number>();
    this.#reinstated = back;
    for (const proposal of this.#proposals) {
      if (proposal.state === 'adopted') proposal.state = this.#execute(proposal.content, back, ended);
      else if (proposal.state === 'open' && proposal.expiryEpoch <= ended) proposal.state = 'expired';
    }
    this.#parameters.set(ended + AHEAD, this.#next);
    for (const { epoch, parameters, mode } of [snapshot, frozenNext]) {
      const voted = this.#parameters.get(epoch)!;
      if (!ParametersType.equals(parameters, voted) || ELECTION_MODE[mode] !== voted.electionMode)
        return `epoch ${epoch} runs on other parameters than were voted for`;
    }
    for (const [number, { state }] of this.#proposals.entries()) {
      const is = ledger.proposals.read(number)?.state;
      if (is !== state)
        return `proposal ${number} is ${is} after epoch ${ended}, by its votes it is ${state}`;
    }
    const witness = frozenNext.trustNodes.find(({ index }) => this.#trustOut.has(index));
    if (witness !== undefined)
      return `trust node ${witness.index}, voted out, witnesses in epoch ${frozenNext.epoch}`;
    const byApi = frozenNext.parameters.assigner === ASSIGNER['api-server'];
    if (byApi && frozenNext.assigners.some(({ index }) => this.#apiOut.has(index)))
      return `an API server that was voted out assigns in epoch ${frozenNext.epoch}`;
    const { maker } = ledger.devices.col;
    const guest = frozenNext.devices.find(({ device }) => this.#suspended.has(maker[device]!));
    return guest && `device ${guest.device} of a suspended maker enters pool(${frozenNext.epoch})`;
  }

  /** Adds a trust node that is brought back to `back`. */
  #execute({ kind, content }: ProposalContent, back: Set<number>, ended: number): Proposal['state'] {
    if (kind === 'parameters') {
      const changes = content.changes.map(({ name, value }) => [fromUtf8(name), value]);
      const after = { ...this.#next, ...Object.fromEntries(changes) } as Parameters;
      if (ParametersType.equals(after, this.#next) || !canRun(after)) return 'void';
      this.#next = after;
      return 'executed';
    }
    switch (kind) {
      case 'upgrade':
        // Between this edge and the version's first round lies a whole epoch.
        if (content.epoch < ended + 2) return 'void';
        this.#upgrade = content;
        return 'executed';
      case 'makerSuspend':
        return takenOut(this.#suspended, content.maker);
      case 'makerReinstate':
        return broughtBack(this.#suspended, content.maker);
      case 'trustNodeSuspend':
        return takenOut(this.#trustOut, content.index);
      case 'trustNodeReinstate':
        return this.#liftTrustNode(content.index, back);
      case 'apiServerSuspend':
        return takenOut(this.#apiOut, content.index);
      case 'apiServerReinstate':
        return broughtBack(this.#apiOut, content.index);
      default:
        return 'executed';
    }
  }

  #liftTrustNode(index: number, back: Set<number>): Proposal['state'] {
    const voted = this.#trustOut.delete(index);
    if (!this.#proven.delete(index) && !voted) return 'void';
    back.add(index);
    return 'executed';
  }
}

/** Of 14.6 what the simulated committee tries to break. */
function canRun(p: Parameters): boolean {
  const shares = p.minerShareBps + p.witnessShareBps + p.trustNodeShareBps + p.dataShareBps;
  return p.miners > 0 && p.ranksPerAttempt >= p.miners + p.witnesses && shares <= 10_000;
}

const takenOut = (out: Set<number>, number: number) => {
  if (out.has(number)) return 'void';
  out.add(number);
  return 'executed';
};

const broughtBack = (out: Set<number>, number: number) => (out.delete(number) ? 'executed' : 'void');
