import type { Parameters } from '@iotw/protocol/parameters';
import type { Transaction } from '@iotw/protocol/transaction';
import type { ReferenceCommittee } from './reference-certificate.js';

/** One transaction of a round with what became of it. */
export interface ReferenceTransaction {
  readonly transaction: Transaction;
  readonly lane: number;
  readonly code: number;
  /** Base units that the ledger says were taken. */
  readonly fee: number;
  /** What lanes paid out of their bonds for answers they left out: account key in hex, base units. */
  readonly leftOut: { readonly to: string; readonly amount: number }[];
}

/** Payments by device and trust-node number, base units. */
export interface ReferenceSettlement {
  readonly present: number;
  readonly issued: number;
  readonly devices: ReadonlyMap<number, number>;
  readonly trustNodes: ReadonlyMap<number, number>;
}

/** What one round did, by the reference. */
export interface ReferenceRound {
  /** By block, in the order applied; a string says which rule the certificate breaks. */
  readonly committees: readonly (ReferenceCommittee | string)[];
  readonly transactions: readonly ReferenceTransaction[];
  /** Where the round ended an epoch: who was there in it, and what it owes. */
  readonly settlement: ReferenceSettlement | undefined;
  readonly present: ReadonlySet<number>;
  /** The parameters of the epoch that ran. */
  readonly parameters: Parameters;
  /** Trust nodes that a vote brought back at the edge it ended with. */
  readonly reinstated: ReadonlySet<number>;
  /** What every account holds after it, by its key in hex. */
  readonly balances: { of(key: string): number };
  /** What the round did against a rule, by the name of the rule. */
  readonly mistakes: readonly { readonly rule: string; readonly what: string }[];
}
