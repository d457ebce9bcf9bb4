import { BLACKLIST_REASON } from '@iotw/ledger/tables/devices';
import { provenAct } from '../reference/proven-act.js';
import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/**
 * Nobody honest is found guilty; whoever is proven a liar is; whoever is proven to equivocate is suspended
 * until a vote brings it back, and pays once for one act.
 */
export class JustPenalties implements Invariant {
  readonly name = 'just-penalties';
  readonly #held: (device: number) => boolean;
  readonly #captured: (server: number) => boolean;
  readonly #acts = new Set<string>();
  readonly #bonds = new Map<number, number>();
  readonly #proven = new Set<number>();

  /** `held`: devices that an adversary holds. `captured`: ledger servers. */
  constructor(held: (device: number) => boolean, captured: (server: number) => boolean) {
    this.#held = held;
    this.#captured = captured;
  }

  applied({ ledger, input, outcome, first }: AppliedRound, reference: ReferenceRound | undefined): void {
    if (!first) return;
    const { number } = outcome.header;
    const framed = input.misbehaviours.find(({ server }) => !this.#captured(server));
    if (framed !== undefined)
      throw new Violation(this.name, `honest ledger:${framed.server} is found guilty in round ${number}`);
    const adjudicates = reference!.parameters.adjudicate === 1;
    this.#liars(number, adjudicates, outcome, reference!);
    const { col } = ledger.devices;
    for (const device of outcome.changes.removed) {
      const reason = col.blacklistReason[device];
      // Who was shown another header than the witnesses waits until it is shown to all; that is no guilt.
      const guilty = reason !== BLACKLIST_REASON.none && reason !== BLACKLIST_REASON.unproven;
      if (guilty && !this.#held(device) && adjudicates)
        throw new Violation(this.name, `honest device ${device} is blacklisted in round ${number}`);
    }
    for (const { block } of outcome.applied)
      if (this.#proven.has(block.header.lane))
        throw new Violation(this.name, `lane ${block.header.lane} is proven to equivocate and goes on`);
    this.#convicts(ledger, reference!);
  }

  #liars(
    number: number,
    adjudicates: boolean,
    { changes }: AppliedRound['outcome'],
    { committees }: ReferenceRound,
  ): void {
    for (const committee of committees) {
      if (typeof committee === 'string' || !adjudicates) continue;
      for (const liar of committee.liars)
        if (!changes.removed.includes(liar))
          throw new Violation(this.name, `device ${liar} lied in round ${number} and stays`);
    }
  }

  #convicts(ledger: AppliedRound['ledger'], { transactions, parameters, reinstated }: ReferenceRound): void {
    const slashes = new Map<number, number>();
    for (const { transaction, code } of transactions) {
      if (code !== 0) continue;
      for (const operation of transaction.operations) {
        const act = provenAct(operation);
        if (act === undefined || operation.type !== 'evidence') continue;
        const { lane, incarnation, height } = act.at;
        const name = `${operation.kind}/${act.node}/${lane}/${incarnation}/${height}`;
        if (this.#acts.has(name)) throw new Violation(this.name, `act ${name} is punished twice`);
        this.#acts.add(name);
        this.#proven.add(act.node);
        slashes.set(act.node, (slashes.get(act.node) ?? 0) + 1);
      }
    }
    for (const [node, times] of slashes) {
      const { bond, suspended } = ledger.trustNodes.read(node)!;
      if (!suspended && !reinstated.has(node))
        throw new Violation(this.name, `trust node ${node} is proven to equivocate, not suspended`);
      let least = this.#bonds.get(node) ?? ledger.genesis.trustNodes[node]!.bond;
      for (let i = 0; i < times; i++) least -= Math.floor((least * parameters.slashBps) / 10_000);
      if (bond > least)
        throw new Violation(this.name, `trust node ${node} keeps ${bond} of its bond, not ${least}`);
      this.#bonds.set(node, bond);
    }
    for (const node of reinstated) this.#proven.delete(node);
  }
}
