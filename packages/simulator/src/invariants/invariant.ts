import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';

/** Results that are durable on one ledger server: code by transaction id (hex). */
export interface DurableResults {
  readonly server: number;
  readonly round: number;
  readonly codes: ReadonlyMap<string, number>;
}

/** A rule that holds at every step. Each hook may call `violated`. */
export interface Invariant {
  readonly name: string;
  /** `reference`: what the rules say of this round, given with the first application of each round. */
  applied?(round: AppliedRound, reference: ReferenceRound | undefined): void;
  sent?(from: PeerId, message: PeerMessage): void;
  /** An attestation as its device published it. */
  attested?(device: number, bytes: Uint8Array): void;
  /** A client was told that its transaction is final. */
  final?(id: string, code: number, servers: readonly DurableResults[]): void;
  /** A ledger server came back with what its disk held; or the run ends. */
  restored?(results: DurableResults): void;
}

/** An invariant does not hold: the run stops here. */
export class Violation extends Error {
  override readonly name = 'Violation';
  constructor(
    readonly invariant: string,
    message: string,
  ) {
    super(`${invariant}: ${message}`);
  }
}
