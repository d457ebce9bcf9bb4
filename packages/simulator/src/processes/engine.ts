import { assert } from '@iotw/kernel/assert';
import type { Prng } from '@iotw/kernel/prng';
import { MISBEHAVIOUR_KIND, type Misbehaviour, type RoundInput, RoundInputType } from '@iotw/protocol/round';
import type { World } from '../world/world.js';
import type { EngineSide } from './ledger-process.js';

const POLL_MS = 15;
const PROPOSAL_TIMEOUT_MS = 250;
const FEED_MS = 60;
const ASK_AGAIN_MS = 3;
/** Proven acts that are kept, the newest: those that are settled count no more. */
const MOST_ACTS = 16;

/** A ledger server's process as the engine sees it. */
export interface SimulatedServer {
  readonly index: number;
  readonly name: string;
  readonly running: boolean;
  /** What it has applied, while it runs. */
  readonly ledger: { readonly round: number } | undefined;
  /** What is durable there. */
  readonly results: { readonly round: number };
  engine: EngineSide | undefined;
  /** Those that vote on rounds after what it has applied. */
  voters(): readonly number[];
  /** `proven`: acts of ledger servers that the engine can prove. */
  propose(proven: readonly Misbehaviour[]): RoundInput | undefined;
  /** Answered by `verdict`. `proven`: what the proposal's block proves. */
  judge(token: number, input: RoundInput, proven: readonly Misbehaviour[]): void;
  decide(input: RoundInput): void;
}

/** What the engine needs of a simulated world. */
export type EngineWorld = Pick<World, 'events' | 'prng' | 'log' | 'nowMs' | 'coverage' | 'network'>;

interface Proposal {
  readonly token: number;
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly proven: readonly Misbehaviour[];
  readonly voters: readonly number[];
  readonly good: Set<number>;
}

/**
 * A consensus engine as ledger servers see one: proposers take turns, more than two thirds must judge a
 * proposal good, what is decided reaches every server in order, also those that were away. It keeps what it
 * decided; how the servers come to agree is not simulated.
 */
export class SimulatedEngine implements EngineSide {
  readonly #world: EngineWorld;
  readonly #servers: readonly SimulatedServer[];
  readonly #prng: Prng;
  /** Encoded inputs of the decided rounds; round n at n - 1. */
  readonly #decided: Uint8Array[] = [];
  /** Rounds handed to each server since it started. */
  readonly #fed: number[];
  #proposal: Proposal | undefined;
  #nextToken = 1;
  #turn = 0;

  readonly #repeatedBlockPerMille: number;
  /** Acts that are proven and in no round. */
  #acts: Misbehaviour[] = [];

  constructor(world: EngineWorld, servers: readonly SimulatedServer[], repeatedBlockPerMille: number) {
    this.#repeatedBlockPerMille = repeatedBlockPerMille;
    this.#world = world;
    this.#servers = servers;
    this.#prng = world.prng.fork('engine');
    this.#fed = servers.map(() => 0);
    for (const server of servers) server.engine = this;
    this.#poll();
    this.#feedAll();
  }

  /** Decided rounds. */
  get height(): number {
    return this.#decided.length;
  }

  /** A server has signed two votes for the last height, and everybody can see it. */
  proves(server: number): void {
    const height = this.#decided.length;
    const last = this.#decided.at(-1);
    if (last === undefined || this.#acts.some((act) => act.server === server && act.height === height))
      return;
    const { timeMs } = RoundInputType.deserialize(last);
    const act = { server, kind: MISBEHAVIOUR_KIND.doubleVote, height, timeMs };
    this.#acts = [...this.#acts, act].slice(-MOST_ACTS);
    this.#world.coverage.add('actsProven');
  }

  started(server: number): void {
    // It replayed its own disk; the rest comes from here.
    this.#fed[server] = this.#servers[server]!.results.round;
  }

  #poll(): void {
    this.#world.events.after(POLL_MS, () => this.#poll());
    if (this.#proposal !== undefined) return;
    const proposer = this.#servers[this.#turn++ % this.#servers.length]!;
    if (!proposer.running || !this.#isCurrent(proposer)) return;
    const [proven, voters] = [this.#acts, proposer.voters()];
    if (!voters.includes(proposer.index)) return;
    const proposed = proposer.propose(proven);
    if (proposed === undefined) return;
    const input = this.#withRepeatedBlock(proposed);
    const number = this.#decided.length + 1;
    assert(input.number === number, 'a proposer proposes the next round');
    const bytes = RoundInputType.serialize(input);
    const token = this.#nextToken++;
    this.#proposal = { token, number, bytes, proven, voters, good: new Set() };
    this.#world.log.note(this.#world.nowMs, `${proposer.name} proposes round ${number}`, bytes);
    this.#world.coverage.add('proposals');
    for (const server of this.#servers) this.#ask(proposer, server, token, input, bytes, proven);
    this.#world.events.after(PROPOSAL_TIMEOUT_MS, () => {
      if (this.#proposal?.token !== token) return;
      this.#proposal = undefined;
      this.#world.coverage.add('proposalsTimedOut');
    });
  }

  /** Certificates are malleable, so a block may be ordered twice: the second time it must change nothing. */
  #withRepeatedBlock(input: RoundInput): RoundInput {
    const last = this.#decided.at(-1);
    if (last === undefined || !this.#prng.chance(this.#repeatedBlockPerMille, 1000)) return input;
    const [block] = RoundInputType.deserialize(last).blocks;
    if (block === undefined) return input;
    this.#world.coverage.add('blocksRepeated');
    return { ...input, blocks: [...input.blocks, block] };
  }

  /** It has applied, or is about to apply, everything that was decided. */
  #isCurrent(server: SimulatedServer): boolean {
    return server.ledger?.round === this.#decided.length;
  }

  #ask(
    proposer: SimulatedServer,
    server: SimulatedServer,
    token: number,
    input: RoundInput,
    bytes: Uint8Array,
    proven: readonly Misbehaviour[],
  ): void {
    const ask = (): void => {
      if (this.#proposal?.token !== token || !server.running) return;
      if (!this.#world.network.connected(proposer.name, server.name)) return;
      // As engines do, it keeps the proposal for a server that has yet to apply the round before.
      if (!this.#isCurrent(server)) {
        this.#world.events.after(ASK_AGAIN_MS, ask);
        return;
      }
      // The proposer has its own objects at hand, everybody else reads bytes.
      server.judge(token, server === proposer ? input : RoundInputType.deserialize(bytes), proven);
    };
    this.#world.events.after(1 + this.#prng.below(10), ask);
  }

  verdict(server: number, token: number, good: boolean): void {
    const proposal = this.#proposal;
    if (proposal?.token !== token || !good || !proposal.voters.includes(server)) return;
    proposal.good.add(server);
    if (3 * proposal.good.size <= 2 * proposal.voters.length) return;
    this.#proposal = undefined;
    this.#decided.push(proposal.bytes);
    const { misbehaviours } = RoundInputType.deserialize(proposal.bytes);
    if (misbehaviours.length > 0) this.#world.coverage.add('actsDecided', misbehaviours.length);
    for (const each of this.#servers)
      this.#world.events.after(1 + this.#prng.below(12), () => this.#feed(each));
  }

  /** Servers that were away, or cut off, catch up. */
  #feedAll(): void {
    this.#world.events.after(FEED_MS, () => this.#feedAll());
    for (const server of this.#servers) this.#feed(server);
  }

  #feed(server: SimulatedServer): void {
    if (!server.running || !this.#reachesQuorum(server)) return;
    for (let number = this.#fed[server.index]! + 1; number <= this.#decided.length; number++) {
      this.#fed[server.index] = number;
      server.decide(RoundInputType.deserialize(this.#decided[number - 1]!));
    }
  }

  #reachesQuorum(server: SimulatedServer): boolean {
    const { network } = this.#world;
    const reached = this.#servers.filter(({ name }) => network.connected(server.name, name)).length;
    return 3 * reached > 2 * this.#servers.length;
  }
}
