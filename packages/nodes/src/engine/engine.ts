import type { Write } from '@iotw/kernel/ports/store';
import type { Result } from '@iotw/kernel/result';
import type { Misbehaviour, RoundInput } from '@iotw/protocol/round';

/**
 * What orders rounds for a ledger server. Three fulfil it: embedded (one server), cometbft, simulated. What they
 * promise; engine/conformance.ts holds each line:
 *
 * 1. **Order.** Rounds are decided with the numbers 1, 2, 3 ... and handed to every server in that order, each once
 *    in a life of its process. All servers get the same input.
 * 2. **Judged.** What is decided was proposed by a server, and more than two thirds of the voters judged it good;
 *    with one server its own proposal stands for that.
 * 3. **Hand-over.** After a crash a server gets every decided round above the last one that was durable there, also
 *    the one whose hand-over the crash broke; none at or below it.
 * 4. **Progress.** While more than two thirds of the servers run and reach each other, what one of them proposes
 *    again and again is decided; nothing else than proposals makes a round.
 * 5. **End.** After `stop` nothing more is asked for, and nothing more is decided by this server.
 *
 * All calls of both sides come on one thread. A client may call the engine back from inside any call.
 */
export interface Engine {
  /** Something may be there to propose. Cheap; call it whenever that may be so. */
  poke(): void;
  /** A decided round is applied in memory. The engine says when it may become durable, by calling `persist`. */
  applied(round: AppliedRound): void;
  /** That round is durable, with what the engine gave to `persist`. */
  persisted(number: number): void;
  stop(): void;
  /** No round is between its decision and being durable here. */
  readonly idle: boolean;
}

export interface AppliedRound {
  readonly number: number;
  /** The round's hash: stands for the state after it, equal on every server. */
  readonly hash: Uint8Array;
  /** Makes the round durable, in one commit with the engine's own writes. */
  persist(own: readonly Write[]): void;
}

/** A server that votes on rounds. */
export interface Voter {
  readonly server: number;
  /** Its signing key. */
  readonly key: Uint8Array;
}

/** What the engine's servers agreed on for the block that is to hold a round, or holds none. */
export interface Agreed {
  readonly timeMs: number;
  /** What the engine proved of ledger servers with this block; what counts of it is in the round (agreed.ts). */
  readonly misbehaviours: readonly Misbehaviour[];
}

/** What an engine orders for: one ledger server. */
export interface EngineClient {
  /**
   * Who votes on rounds by the last one that was applied here: a function of the rounds alone. An engine with several servers
   * follows it.
   */
  readonly voters: readonly Voter[];
  /** Every key that a ledger server voted with at any time: of whom the engine tells an act may have another by now. */
  readonly votedWith: readonly Voter[];
  /** Number and hash of the last durable round; 0 and the network's id before the first. */
  readonly durable: { readonly number: number; readonly hash: Uint8Array };
  /**
   * The next round's input, or undefined where there is nothing to decide. `agreed`: where the engine has such; else this
   * server's clock is taken.
   */
  propose(agreed?: Agreed): RoundInput | undefined;
  /**
   * Whether this server may vote for a proposal: a function of the durable state, the input and `agreed` alone. No input: the
   * block holds no round. Signatures are checked off the thread, so the answer may come later.
   */
  judge(
    input: RoundInput | undefined,
    agreed: Agreed | undefined,
    answer: (verdict: Result<void>) => void,
  ): void;
  /** The round is decided: apply it, then call `Engine.applied`; when it is durable, `Engine.persisted`. */
  decide(input: RoundInput): void;
  /** Makes the engine's own writes durable, some time, where no round comes along. */
  keep(own: readonly Write[]): void;
  /** A few bytes for the other servers that go with this server's next vote, where the engine has such; empty: none. */
  extension(): Uint8Array;
  /** Such bytes of another server. Whether they are of the right form: a function of server and bytes alone. */
  heard(server: number, extension: Uint8Array): boolean;
}
