import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import type { EpochEdge } from '@iotw/ledger/round-outcome';
import type { Operation } from '@iotw/protocol/operations';
import type { AppliedRound } from '../invariants/applied-round.js';
import type { ReferenceBalances } from './reference-balances.js';
import type { ReferenceCommittee } from './reference-certificate.js';

/** An operation that the ledger applied, in its order. */
export interface AppliedOperation {
  readonly operation: Operation;
  readonly sender: Uint8Array;
  /** The only operation of its transaction. */
  readonly alone: boolean;
  /** Running epoch. */
  readonly epoch: number;
  readonly network: Uint8Array;
  readonly ledger: Ledger;
  readonly checker: SignatureChecker;
}

/**
 * One family of rules read once more from the spec, beside the ledgers. Every hook gives what the ledger did
 * against them, as a sentence, or undefined.
 */
export interface ReferenceRule {
  /** What a violation of it is called. */
  readonly name: string;
  /** The certificates of a round, before its operations. */
  certificates?(
    round: AppliedRound,
    committees: readonly (ReferenceCommittee | string)[],
  ): string | undefined;
  operation?(applied: AppliedOperation): string | undefined;
  /** Balances after the round's operations, before its edge; and as the next epoch begins with them. */
  observe?(balances: ReferenceBalances): void;
  begins?(balances: ReferenceBalances): void;
  /** The round's operations are over, and its epoch ended. */
  edge?(round: AppliedRound, edge: EpochEdge): string | undefined;
}
