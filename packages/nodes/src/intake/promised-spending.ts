import type { Ledger } from '@iotw/ledger/ledger';
import { LOCAL_CODES } from './local-codes.js';
import type { Submission } from './submission.js';

/** What is noted of each transaction of a submission: account of its sender, its floor fee, the most it may spend. */
const NOTED = 3;
const FIRST_ACCOUNTS = 1_024;

/**
 * What the transactions that this process took in and no round has decided yet may take from their senders:
 * floor fee, what their operations pay, basis points. One column by account number, 8 bytes each; a sum never
 * exceeds its account's balance, so it stays exact. A transaction is let in only while its floor fee is
 * left beside all that: else one balance would be promised to many lanes and they would pay the floors
 * (spec: clause 10.2). It costs the transaction one look at the column.
 */
export class PromisedSpending {
  readonly #ledger: Ledger;
  #byAccount = new Float64Array(FIRST_ACCOUNTS);

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Base units that `account` has promised. */
  of(account: number): number {
    return account < this.#byAccount.length ? this.#byAccount[account]! : 0;
  }

  /** Before the signature is verified: notes what the transaction costs; nothing is promised yet. */
  note(submission: Submission, index: number, account: number, floor: number, most: number): void {
    submission.spending ??= new Float64Array(NOTED * submission.count);
    const at = NOTED * index;
    submission.spending[at] = account;
    submission.spending[at + 1] = floor;
    // Below zero until it is promised, so that what was never promised is never released.
    submission.spending[at + 2] = -most;
  }

  /** The signature is good: promises what the transaction may spend. 0, or `fee-promised`. */
  promise(submission: Submission, index: number): number {
    const { spending } = submission;
    const at = NOTED * index;
    if (spending === undefined || spending[at + 2]! >= 0) return 0;
    const account = spending[at]!;
    if (account >= this.#byAccount.length) this.#grow(account + 1);
    const left = this.#ledger.accounts.balance(account) - this.#byAccount[account]!;
    if (left < spending[at + 1]!) return LOCAL_CODES['fee-promised'];
    const most = Math.min(-spending[at + 2]!, left);
    spending[at + 2] = most;
    submission.promises = this;
    this.#byAccount[account] = this.#byAccount[account]! + most;
    return 0;
  }

  /** The transaction is decided, whatever became of it. */
  release(submission: Submission, index: number): void {
    const { spending } = submission;
    const at = NOTED * index;
    if (spending === undefined || spending[at + 2]! <= 0) return;
    const account = spending[at]!;
    this.#byAccount[account] = this.#byAccount[account]! - spending[at + 2]!;
    spending[at + 2] = 0;
  }

  #grow(accounts: number): void {
    let length = this.#byAccount.length;
    while (length < accounts) length *= 2;
    const grown = new Float64Array(length);
    grown.set(this.#byAccount);
    this.#byAccount = grown;
  }
}
