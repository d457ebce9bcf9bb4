import { equalBytes } from '@iotw/kernel/bytes';
import type { Prng } from '@iotw/kernel/prng';
import type { Ledger } from '@iotw/ledger/ledger';
import type { Operation } from '@iotw/protocol/operations';
import { encodeProposal, PROPOSAL_KIND } from '@iotw/protocol/proposals';
import { signTransaction } from '@iotw/protocol/transaction';
import type { PlannedVote } from '../world/scenario.js';
import type { World } from '../world/world.js';
import { START_MS } from '../world/world-genesis.js';
import type { Client } from './client.js';

const LIFETIME_MS = 600_000;
/** Members look at what is open about this often, ms. */
const LOOK_MS = 250;
/** Epochs a proposal stays open. */
const OPEN_EPOCHS = 8;

/** The members of the steering committee: they propose what is planned and vote on all that they find open. */
export class Steering {
  readonly #world: World;
  readonly #client: Client;
  readonly #planned: readonly PlannedVote[];
  readonly #prng: Prng;
  readonly #sequences: number[];
  /** Member and proposal of the votes that were sent. */
  readonly #sent = new Set<string>();

  constructor(world: World, client: Client, planned: readonly PlannedVote[]) {
    this.#world = world;
    this.#client = client;
    this.#planned = planned;
    this.#prng = world.prng.fork('steering');
    this.#sequences = world.keys.committee.map(() => 0);
  }

  start(): void {
    if (this.#planned.length === 0) return;
    for (const vote of this.#planned) this.#world.events.after(vote.atMs, () => this.#propose(vote));
    this.#look();
  }

  #propose({ proposal }: PlannedVote): void {
    const epoch = this.#world.newest()?.epoch ?? 0;
    const content = encodeProposal(proposal);
    const kind = PROPOSAL_KIND[proposal.kind];
    this.#world.coverage.add('proposalsMade');
    this.#submit(0, { type: 'propose', kind, expiryEpoch: epoch + OPEN_EPOCHS, content });
  }

  #look(): void {
    this.#world.events.after(LOOK_MS / 2 + this.#prng.below(LOOK_MS), () => {
      this.#look();
      const ledger = this.#world.newest();
      if (ledger === undefined) return;
      const member = this.#prng.below(this.#world.keys.committee.length);
      for (const proposal of ledger.proposals.inState('open')) this.#vote(ledger, member, proposal);
    });
  }

  #vote({ proposals }: Ledger, member: number, proposal: number): void {
    const key = this.#world.keys.committee[member]!.publicKey;
    const name = `${member}/${proposal}`;
    if (this.#sent.has(name) || proposals.hasVoted(proposal, key)) return;
    this.#sent.add(name);
    const bytes = proposals.content(proposal);
    const planned = this.#planned.find((vote) => equalBytes(encodeProposal(vote.proposal), bytes));
    this.#submit(member, { type: 'vote', proposal, approve: planned?.wanted === true ? 1 : 0 });
  }

  #submit(member: number, operation: Operation): void {
    const { id, keys, nowMs } = this.#world;
    const sender = keys.committee[member]!;
    const expiryMs = START_MS + nowMs + LIFETIME_MS;
    const sequence = ++this.#sequences[member]!;
    const memo = new Uint8Array(0);
    const content = { sender: sender.publicKey, sequence, expiryMs, operations: [operation], memo };
    this.#client.submit([{ transaction: signTransaction(id, content, sender), expiryMs }]);
  }
}
