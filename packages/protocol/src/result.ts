import { writeU16, writeU64 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';

/**
 * What became of an included transaction. A code's number is on the wire and under the round's results
 * root: append only. 0 is success; codes below 32 are charged to the including lane (the sender's
 * sequence was not consumed), the others to the sender.
 */
export const RESULT_CODES = {
  ok: 0,
  'transaction-malformed': 1,
  'signature-invalid': 2,
  'transaction-expired': 3,
  'sequence-used': 4,
  'sequence-too-far': 5,
  'sender-unknown': 6,
  'transaction-duplicate': 7,

  'fee-unpaid': 32,
  'balance-too-low': 33,
  'amount-zero': 34,
  'account-unknown': 35,
  'amount-overflow': 36,
  'self-transfer': 37,
  'trade-side': 48,
  'countersignature-missing': 49,
  'countersignature-invalid': 50,
  'trade-unknown': 51,
  'refund-not-seller': 52,
  'refund-exceeds-trade': 53,
  'maker-unknown': 64,
  'maker-exists': 65,
  'maker-quota': 67,
  'maker-suspended': 68,
  'batch-exists': 69,
  'batch-unknown': 70,
  'batch-revoked': 71,
  'batch-quota': 72,
  'batch-signature': 73,
  'batch-activation': 74,
  'batch-class': 75,
  'device-exists': 80,
  'device-unknown': 81,
  'device-signature': 82,
  'device-region': 83,
  'device-class': 84,
  'device-owned': 85,
  'device-not-owner': 86,
  'device-revoked': 87,
  'device-inactive': 88,
  'revoke-signature': 89,
  'revoke-kind': 90,
  'device-blacklisted': 91,
  'handover-signature': 92,
  'presence-epoch': 96,
  'presence-host': 97,
  'presence-signature': 98,
  'presence-repeated': 99,
  'ticket-epoch': 100,
  'ticket-mode': 101,
  'ticket-pool': 102,
  'ticket-repeated': 103,
  'ticket-proof': 104,
  'ticket-lost': 105,
  'evidence-malformed': 112,
  'evidence-not-proof': 113,
  'evidence-signature': 114,
  'evidence-repeated': 115,
  'evidence-kind': 116,
  'lane-unknown': 120,
  'node-unknown': 121,
  'node-not-account': 122,
  'node-key-in-use': 123,
  'node-signature': 124,
  'appeal-malformed': 160,
  'appeal-not-blacklisted': 161,
  'appeal-refused': 162,
  'appeal-other-case': 163,
  'appeal-not-proof': 164,
  'appeal-signature': 165,
  'committee-not-member': 136,
  'proposal-kind': 137,
  'proposal-malformed': 138,
  'proposal-expiry': 139,
  'proposal-limit': 140,
  'proposal-repeated': 141,
  'proposal-unknown': 142,
  'proposal-closed': 143,
  'proposal-undecidable': 144,
  'proposal-parameter': 145,
  'proposal-reference': 146,
  'proposal-no-change': 147,
  'proposal-key': 148,
  'vote-repeated': 149,
  'vote-choice': 150,
  'emergency-chain': 151,
  'emergency-round': 152,
  'emergency-pending': 153,
  'emergency-none': 154,
  'emergency-value': 155,
  'left-out-malformed': 168,
  'left-out-not-proof': 169,
  'left-out-late': 170,
  'left-out-unknown': 171,
  'left-out-rank': 172,
  'left-out-repeated': 173,
  'left-out-signature': 174,
  'node-address': 176,
  'maker-hosts': 177,
  'maker-signature': 178,
  'upgrade-version': 184,
  'upgrade-epoch': 185,
  'upgrade-pending': 186,
} as const;

export type ResultCode = keyof typeof RESULT_CODES;

const NAMES = new Map<number, ResultCode>(
  Object.entries(RESULT_CODES).map(([name, n]) => [n, name as ResultCode]),
);

export function resultCodeName(code: number): ResultCode | undefined {
  return NAMES.get(code);
}

/** Codes below this are the including lane's cost. */
export const FIRST_SENDER_CODE = 32;

export interface TransactionResult {
  /** Transaction id, 32 bytes. */
  readonly id: Uint8Array;
  readonly code: number;
  /** Base units taken from the sender (or the lane). */
  readonly fee: number;
}

/** id 32, code u16, fee u64, zeros to 64: one SHA-256 block pair, hashed to a leaf of the results root. */
export function resultLeaf(result: TransactionResult): Uint8Array {
  const b = new Uint8Array(64);
  b.set(result.id, 0);
  writeU16(b, 32, result.code);
  writeU64(b, 34, result.fee);
  return sha256(b);
}

/** Results under one root. */
export const MAX_ROUND_RESULTS = 1 << 18;
