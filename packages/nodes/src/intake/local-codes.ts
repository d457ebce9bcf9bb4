import { RESULT_CODES, resultCodeName } from '@iotw/protocol/result';
import { UNDECIDED } from './submission.js';

/** A code the client sees for a transaction that was not taken in; it never reaches the ledger. */
export const LOCAL_CODES = {
  'intake-full': 0xff00,
  'transaction-malformed': RESULT_CODES['transaction-malformed'],
  'signature-invalid': RESULT_CODES['signature-invalid'],
  'transaction-duplicate': RESULT_CODES['transaction-duplicate'],
  /** The sender has not the floor fee now; unlike the ledger's code of that name it uses no sequence up. */
  'fee-unpaid': 0xff02,
  /** The sender has the floor fee only if its transactions on their way do not spend it. */
  'fee-promised': 0xff03,
  /** No lane here takes blocks now: it waits for its first epoch, or is suspended. */
  'lane-suspended': 0xff04,
} as const;

/** The failure code of a number in a submission's codes; undefined where nothing speaks against it (yet). */
export function refusalName(code: number): string | undefined {
  if (code === 0 || code === UNDECIDED) return undefined;
  const local = Object.entries(LOCAL_CODES).find(([, number]) => number === code);
  return local?.[0] ?? resultCodeName(code) ?? String(code);
}
