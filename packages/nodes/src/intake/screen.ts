import { readU64 } from '@iotw/kernel/bytes';
import { EnvelopeReader } from '@iotw/ledger/envelope-reader';
import type { Ledger } from '@iotw/ledger/ledger';
import { sequenceCode } from '@iotw/ledger/tables/sequences';
import { RESULT_CODES } from '@iotw/protocol/result';
import { ENVELOPE } from '@iotw/protocol/transaction';
import { LOCAL_CODES } from './local-codes.js';
import { PromisedSpending } from './promised-spending.js';
import type { Submission } from './submission.js';

const BASIS_POINTS = 10_000;
const MOST = Number.MAX_SAFE_INTEGER;

/** Keeps out of the lanes what they would have to pay for. */
export interface Screen {
  /** Before verification: 0, or the code that the envelope would have on the ledger as it stands. */
  check(submission: Submission, index: number): number;
  /** Behind it: 0, or `fee-promised`. Whatever decides the submission's transaction frees it again. */
  promise(submission: Submission, index: number): number;
}

/**
 * What a lane would have to pay for (spec: clause 10.2) is refused before it is verified: unreadable operations,
 * a lapsed expiry, a used sequence, a sender without account or without the floor fee. Strangers could
 * otherwise empty a lane's credit with keys that cost nothing. A sequence too far ahead may come into reach
 * by transactions on their way, so it passes. Behind the verification a transaction is refused whose floor fee
 * the sender's transactions on their way may have spent by then; not before it, since an envelope
 * that nobody signed must not hold anybody's money.
 * Codes: `transaction-malformed`, `transaction-expired`, `sender-unknown`, `sequence-used`, `fee-unpaid`,
 * `fee-promised`.
 */
export function ledgerScreen(ledger: Ledger): Screen {
  const reader = new EnvelopeReader();
  const promised = new PromisedSpending(ledger);
  const { accounts } = ledger;
  return {
    check(submission, index) {
      const { bytes, offsets } = submission.run;
      const start = offsets[index]!;
      if (!reader.read(bytes, start, offsets[index + 1]!)) return RESULT_CODES['transaction-malformed'];
      if (readU64(bytes, start + ENVELOPE.expiryMs) < ledger.timeMs) {
        return RESULT_CODES['transaction-expired'];
      }
      const sender = accounts.find(bytes, start + ENVELOPE.sender);
      if (sender === -1) return RESULT_CODES['sender-unknown'];
      const sequence = sequenceCode(accounts, sender, readU64(bytes, start + ENVELOPE.sequence));
      if (sequence === RESULT_CODES['sequence-used']) return sequence;
      // Tickets from a trust node's account are free.
      if (reader.ticketsOnly && ledger.trustNodes.hasAccount(sender)) return 0;
      const { feeFloor, feePerOperation, feeBps } = ledger.parameters;
      const floor = feeFloor + feePerOperation * reader.count;
      if (accounts.balance(sender) < floor) return LOCAL_CODES['fee-unpaid'];
      // The share is rounded up to whole steps of 10,000 units: an integer whatever is spent.
      const share = Math.ceil(reader.spends / BASIS_POINTS) * feeBps;
      promised.note(submission, index, sender, floor, Math.min(floor + reader.spends + share, MOST));
      return 0;
    },
    promise: (submission, index) => promised.promise(submission, index),
  };
}
