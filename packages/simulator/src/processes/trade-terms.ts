import type { Prng } from '@iotw/kernel/prng';

/** What a trade says besides who, how much and who signed: one piece, no dates, terms and item by chance. */
export function tradeTerms(prng: Prng) {
  return {
    quantity: 1,
    deliveryMs: 0,
    warrantyDays: 0,
    terms: prng.bytes(32),
    item: prng.bytes(8),
    data: new Uint8Array(0),
    countersignature: new Uint8Array(0),
  };
}
