import { MISBEHAVIOUR_HOURS } from '@iotw/protocol/limits';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import type { AppliedRound } from '../invariants/applied-round.js';
import type { ReferenceRule } from './reference-rule.js';
import type { ReferenceVotes } from './reference-votes.js';

const HOUR_MS = 3_600_000;

/**
 * Clause 9.14: which acts of ledger servers count, that each is recorded and takes its server's vote, and that no act takes one
 * that the network needs. No vote of the simulated committee suspends a ledger server or brings one back.
 */
export class ReferenceActs implements ReferenceRule {
  readonly name = 'just-penalties';
  readonly #votes: ReferenceVotes;
  /** Acts of a server up to that time are settled, ms; those of one that is out count no more. */
  readonly #settledMs = new Map<number, number>();
  readonly #out = new Set<number>();
  #recorded = 0;

  constructor(votes: ReferenceVotes) {
    this.#votes = votes;
  }

  certificates({ ledger, input, outcome }: AppliedRound): string | undefined {
    const { timeMs, number } = outcome.header;
    const servers = ledger.genesis.ledgerServers.length;
    let last = -1;
    for (const act of input.misbehaviours) {
      const { server } = act;
      const what = `what ledger:${server} did at height ${act.height}`;
      if (server <= last || server >= servers) return `${what} is named out of order`;
      last = server;
      const oldMs = timeMs - act.timeMs;
      if (oldMs < 0 || oldMs > MISBEHAVIOUR_HOURS * HOUR_MS)
        return `${what} is of ${oldMs} ms ago, and counts`;
      if (act.timeMs <= (this.#settledMs.get(server) ?? 0)) return `${what} is settled, and counts`;
      if (servers - this.#out.size > this.#needed(outcome.header.epoch, servers)) {
        this.#out.add(server);
        this.#settledMs.set(server, Number.POSITIVE_INFINITY);
      } else this.#settledMs.set(server, timeMs);
      this.#recorded += 1;
      const kept = ledger.misbehaviours.of(server).find(({ round }) => round === number);
      if (kept?.suspended !== this.#out.has(server)) return `${what} is not recorded as it has to be`;
    }
    // The ledger may have applied the next round already, which is not durable yet.
    if (ledger.round !== number) return undefined;
    if (ledger.misbehaviours.rows !== this.#recorded)
      return `${ledger.misbehaviours.rows} acts are recorded, rounds named ${this.#recorded}`;
    const voting = ledger.ledgerServers.voting();
    for (let server = 0; server < servers; server++) {
      if (voting.includes(server) === this.#out.has(server))
        return `ledger:${server} has ${this.#out.has(server) ? 'a' : 'no'} vote on rounds`;
    }
    return undefined;
  }

  /** Servers that must be left with a vote. */
  #needed(epoch: number, servers: number): number {
    const { beaconThreshold, seedSource } = this.#votes.parametersOf(epoch);
    if (beaconThreshold > 0) return beaconThreshold;
    return seedSource === SEED_SOURCE.threshold ? Math.floor(servers / 2) + 1 : 1;
  }
}
