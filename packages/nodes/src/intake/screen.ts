import { readU64 } from '@iotw/kernel/bytes';
import { EnvelopeReader } from '@iotw/ledger/envelope-reader';
import type { Ledger } from '@iotw/ledger/ledger';
import { sequenceCode } from '@iotw/ledger/tables/sequences';
import { RESULT_CODES } from '@iotw/protocol/result';
import { ENVELOPE } from '@iotw/protocol/transaction';
import { LOCAL_CODES } from './local-codes.js';

/** 0, or the code that the envelope in bytes[start, stop) would have on the ledger as it stands. */
export type Screen = (bytes: Uint8Array, start: number, stop: number) => number;

/**
 * What a lane would have to pay for (spec: clause 10.2) is refused before it is verified: unreadable operations,
 * a lapsed expiry, a used sequence, a sender without account or without the floor fee. Strangers could
 * otherwise empty a lane's credit with keys that cost nothing. A sequence too far ahead may come into reach
 * by transactions on their way, so it passes.
 * Codes: `transaction-malformed`, `transaction-expired`, `sender-unknown`, `sequence-used`, `fee-unpaid`.
 */
export function ledgerScreen(ledger: Ledger): Screen {
  const reader = new EnvelopeReader();
  const { accounts, parameters } = ledger;
  return (bytes, start, stop) => {
    if (!reader.read(bytes, start, stop)) return RESULT_CODES['transaction-malformed'];
    if (readU64(bytes, start + ENVELOPE.expiryMs) < ledger.timeMs) return RESULT_CODES['transaction-expired'];
    const sender = accounts.find(bytes, start + ENVELOPE.sender);
    if (sender === -1) return RESULT_CODES['sender-unknown'];
    const sequence = sequenceCode(accounts, sender, readU64(bytes, start + ENVELOPE.sequence));
    if (sequence === RESULT_CODES['sequence-used']) return sequence;
    const floor = parameters.feeFloor + parameters.feePerOperation * reader.count;
    if (accounts.balance(sender) >= floor) return 0;
    // Tickets from a trust node's account are free.
    const free = reader.presenceOnly && ledger.trustNodes.hasAccount(sender);
    return free ? 0 : LOCAL_CODES['fee-unpaid'];
  };
}
