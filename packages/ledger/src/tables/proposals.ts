import { equalBytes } from '@iotw/kernel/bytes';
import { bytes, F64, Table, U8, U16, U32 } from './table.js';

/** Where a proposal stands; the number is in the state. */
export const PROPOSAL_STATE = {
  /** Members may vote. */
  open: 0,
  /** Enough of them said yes: it takes effect at the epoch's edge. */
  adopted: 1,
  /** It took effect. */
  executed: 2,
  /** So many said no that it can't be adopted any more. */
  refused: 3,
  /** Its last epoch ended without a decision. */
  expired: 4,
  /** Adopted, but no longer possible when it was to take effect; `code` says why. */
  void: 5,
} as const;
export type ProposalStateName = keyof typeof PROPOSAL_STATE;

const SCHEMA = {
  kind: U8,
  state: U8,
  proposer: bytes(32),
  /** When it was made. */
  epoch: U32,
  round: F64,
  /** Last epoch in which votes count. */
  expiry: U32,
  /** Round of its decision (adopted, refused, expired); 0: open. */
  decidedRound: F64,
  /** First epoch that it changes; 0: none. */
  effectiveEpoch: U32,
  /** Why it came to nothing at its execution; 0: it did not. */
  code: U16,
  contentLength: U16,
  /** Row of its first chunk. */
  content: U32,
  /** 1 + row of the last vote on it. */
  lastVote: U32,
};

const CHUNK_BYTES = 128;
const CHUNK_SCHEMA = { chunk: bytes(CHUNK_BYTES) };

const VOTE_SCHEMA = {
  proposal: U32,
  member: bytes(32),
  approve: U8,
  round: F64,
  /** 1 + row of the vote before on the same proposal. */
  previous: U32,
};

/** What proposals say, in pieces: a vote must not rewrite pages full of contents. */
class ProposalChunks extends Table<typeof CHUNK_SCHEMA> {
  constructor() {
    super('proposal-contents', CHUNK_SCHEMA);
  }
}

/** Every vote that was counted, in order. */
class ProposalVotes extends Table<typeof VOTE_SCHEMA> {
  constructor() {
    super('proposal-votes', VOTE_SCHEMA);
  }
}

export interface ProposalVoteRecord {
  readonly member: Uint8Array;
  readonly approve: boolean;
  readonly round: number;
}

export interface ProposalRecord {
  readonly number: number;
  readonly kind: number;
  readonly state: ProposalStateName;
  readonly proposer: Uint8Array;
  readonly epoch: number;
  readonly round: number;
  readonly expiryEpoch: number;
  readonly decidedRound: number;
  readonly effectiveEpoch: number;
  readonly code: number;
  readonly content: Uint8Array;
  /** In the order they came. */
  readonly votes: readonly ProposalVoteRecord[];
}

const STATE_NAMES = Object.keys(PROPOSAL_STATE) as ProposalStateName[];

/** Proposals to the steering committee by number, with all their votes; kept for ever. */
export class Proposals extends Table<typeof SCHEMA> {
  readonly chunks = new ProposalChunks();
  readonly votes = new ProposalVotes();

  constructor() {
    super('proposals', SCHEMA);
  }

  /** Adds an open proposal and gives its number. */
  open(
    kind: number,
    content: Uint8Array,
    proposer: Uint8Array,
    epoch: number,
    round: number,
    expiry: number,
  ): number {
    const number = this.append();
    const first = this.chunks.rows;
    for (let at = 0; at < content.length; at += CHUNK_BYTES) {
      this.chunks.setBytes('chunk', this.chunks.append(), content.subarray(at, at + CHUNK_BYTES));
    }
    this.set('kind', number, kind);
    this.setBytes('proposer', number, proposer);
    this.set('epoch', number, epoch);
    this.set('round', number, round);
    this.set('expiry', number, expiry);
    this.set('contentLength', number, content.length);
    this.set('content', number, first);
    return number;
  }

  content(number: number): Uint8Array {
    const length = this.col.contentLength[number]!;
    const first = CHUNK_BYTES * this.col.content[number]!;
    return this.chunks.col.chunk.slice(first, first + length);
  }

  vote(number: number, member: Uint8Array, approve: boolean, round: number): void {
    const row = this.votes.append();
    this.votes.set('proposal', row, number);
    this.votes.setBytes('member', row, member);
    this.votes.set('approve', row, approve ? 1 : 0);
    this.votes.set('round', row, round);
    this.votes.set('previous', row, this.col.lastVote[number]!);
    this.set('lastVote', number, row + 1);
  }

  /** Votes on a proposal, the last first. */
  *votesOn(number: number): Generator<ProposalVoteRecord> {
    const c = this.votes.col;
    for (let row = this.col.lastVote[number]! - 1; row >= 0; row = c.previous[row]! - 1) {
      yield {
        member: this.votes.bytes('member', row),
        approve: c.approve[row] === 1,
        round: c.round[row]!,
      };
    }
  }

  /** Numbers of the proposals in a state, ascending. */
  inState(state: ProposalStateName): number[] {
    const numbers: number[] = [];
    for (let number = 0; number < this.rows; number++) {
      if (this.col.state[number] === PROPOSAL_STATE[state]) numbers.push(number);
    }
    return numbers;
  }

  /** The decision that ends or follows the vote. */
  decide(number: number, state: ProposalStateName, round: number): void {
    this.set('state', number, PROPOSAL_STATE[state]);
    this.set('decidedRound', number, round);
  }

  read(number: number): ProposalRecord | undefined {
    if (number < 0 || number >= this.rows) return undefined;
    const c = this.col;
    return {
      number,
      kind: c.kind[number]!,
      state: STATE_NAMES[c.state[number]!]!,
      proposer: this.bytes('proposer', number),
      epoch: c.epoch[number]!,
      round: c.round[number]!,
      expiryEpoch: c.expiry[number]!,
      decidedRound: c.decidedRound[number]!,
      effectiveEpoch: c.effectiveEpoch[number]!,
      code: c.code[number]!,
      content: this.content(number),
      votes: [...this.votesOn(number)].reverse(),
    };
  }

  /** Yes and no of the present members; votes of those who left the committee don't count. */
  tally(number: number, isMember: (key: Uint8Array) => boolean): { yes: number; no: number } {
    const count = { yes: 0, no: 0 };
    for (const { member, approve } of this.votesOn(number)) {
      if (!isMember(member)) continue;
      if (approve) count.yes++;
      else count.no++;
    }
    return count;
  }

  /** Whether the member has voted on the proposal. */
  hasVoted(number: number, member: Uint8Array): boolean {
    for (const vote of this.votesOn(number)) if (equalBytes(vote.member, member)) return true;
    return false;
  }
}
