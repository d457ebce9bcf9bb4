import { toHex } from '@iotw/kernel/bytes';
import type { Genesis } from '@iotw/protocol/genesis';
import { type Operation, VOTE_CHOICE } from '@iotw/protocol/operations';
import { decodeProposal, type ProposalContent } from '@iotw/protocol/proposals';

interface Proposal {
  readonly content: ProposalContent;
  readonly expiry: number;
  readonly yes: Set<string>;
  readonly no: Set<string>;
  state: 'open' | 'adopted' | 'closed';
}

/** A value of a public beacon: its chain hash and its round. */
export interface PublicValue {
  readonly chain: Uint8Array;
  readonly round: number;
}

/**
 * The steering committee's votes, counted again from the operations that took effect (spec: clause 14): which
 * proposals take effect at which epoch's edge. Whether a rule has become impossible meanwhile only the
 * ledger knows; who executes them leaves out what would change nothing.
 */
export class Governance {
  readonly #proposals: Proposal[] = [];
  readonly #emergencies = new Map<number, readonly PublicValue[]>();
  #members: ReadonlySet<string>;
  #threshold: number;

  constructor(genesis: Pick<Genesis, 'committee' | 'committeeThreshold'>) {
    this.#members = new Set(genesis.committee.map(toHex));
    this.#threshold = Math.max(1, genesis.committeeThreshold);
  }

  /** An operation of `sender` that took effect. */
  applied(operation: Operation, sender: Uint8Array): void {
    if (operation.type === 'propose') {
      const content = decodeProposal(operation.kind, operation.content);
      if (!content.ok) return;
      const proposal: Proposal = {
        content: content.value,
        expiry: operation.expiryEpoch,
        yes: new Set([toHex(sender)]),
        no: new Set(),
        state: 'open',
      };
      this.#proposals.push(proposal);
      this.#count(proposal);
    } else if (operation.type === 'vote') {
      const proposal = this.#proposals[operation.proposal];
      if (proposal === undefined) return;
      (operation.approve === VOTE_CHOICE.yes ? proposal.yes : proposal.no).add(toHex(sender));
      this.#count(proposal);
    }
  }

  /** The public beacons' values that votes have named for `epoch`. */
  emergenciesOf(epoch: number): readonly PublicValue[] {
    return this.#emergencies.get(epoch) ?? [];
  }

  /** The proposals that take effect at the edge that ends `ended`, in order; what has expired dies. */
  edge(ended: number): readonly ProposalContent[] {
    const due = this.#proposals.filter(({ state }) => state === 'adopted');
    let changed = false;
    for (const proposal of due) {
      proposal.state = 'closed';
      const { kind, content } = proposal.content;
      if (kind !== 'committee') continue;
      this.#members = new Set(content.members.map(toHex));
      this.#threshold = content.threshold;
      changed = true;
    }
    for (const proposal of this.#proposals) {
      if (proposal.state !== 'open') continue;
      if (proposal.expiry <= ended) proposal.state = 'closed';
      else if (changed) this.#count(proposal);
    }
    return due.map(({ content }) => content);
  }

  #count(proposal: Proposal): void {
    if (proposal.state !== 'open') return;
    const counted = (votes: ReadonlySet<string>) =>
      [...votes].filter((member) => this.#members.has(member)).length;
    if (counted(proposal.yes) >= this.#threshold) {
      proposal.state = 'adopted';
      const { kind, content } = proposal.content;
      // It counts at once; whether it was possible then, only the ledger knows.
      if (kind === 'emergencyBeacon')
        this.#emergencies.set(content.epoch, [...this.emergenciesOf(content.epoch), content]);
    } else if (counted(proposal.no) > this.#members.size - this.#threshold) proposal.state = 'closed';
  }
}
