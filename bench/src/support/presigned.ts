import { writeU32 } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { Prng } from '@iotw/kernel/prng';
import type { Operation } from '@iotw/protocol/operations';
import { signTransaction } from '@iotw/protocol/transaction';

export interface PresignPlan {
  readonly network: Uint8Array;
  /** Seeds of the payers' keys. */
  readonly payerSeeds: readonly Uint8Array[];
  /** Account number of the first payer; the others follow. */
  readonly firstAccount: number;
  readonly transactions: number;
  readonly transfersEach: number;
  /** First sequence of every payer. */
  readonly firstSequence: number;
  readonly expiryMs: number;
  /** Transactions in one batch. */
  readonly batch: number;
}

/** Batches as the API takes them: u32 length and envelope, over and over. Payers take turns; recipients are Zipf. */
export function presign(plan: PresignPlan): Uint8Array[] {
  const payers: KeyPair[] = plan.payerSeeds.map((seed) => keyPairFromSeed(seed));
  const recipients = new ZipfRecipients(payers.length);
  const batches: Uint8Array[] = [];
  let envelopes: Uint8Array[] = [];
  for (let i = 0; i < plan.transactions; i++) {
    const payer = i % payers.length;
    const operations: Operation[] = Array.from({ length: plan.transfersEach }, () => ({
      type: 'transfer',
      to: plan.firstAccount + recipients.other(payer),
      amount: 1 + (i % 1_000),
    }));
    const { envelope } = signTransaction(
      plan.network,
      {
        sender: payers[payer]!.publicKey,
        sequence: plan.firstSequence + Math.floor(i / payers.length),
        expiryMs: plan.expiryMs,
        operations,
        memo: new Uint8Array(0),
      },
      payers[payer]!,
    );
    envelopes.push(envelope);
    if (envelopes.length === plan.batch || i + 1 === plan.transactions) {
      batches.push(pack(envelopes));
      envelopes = [];
    }
  }
  return batches;
}

function pack(envelopes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(envelopes.reduce((sum, envelope) => sum + 4 + envelope.length, 0));
  let at = 0;
  for (const envelope of envelopes) {
    writeU32(bytes, at, envelope.length);
    bytes.set(envelope, at + 4);
    at += 4 + envelope.length;
  }
  return bytes;
}

/** Recipients by Zipf's law (exponent 1) over all payers, from a fixed seed. */
class ZipfRecipients {
  readonly #cumulative: Float64Array;
  readonly #prng = new Prng('bench recipients');

  constructor(count: number) {
    this.#cumulative = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += 1 / (i + 1);
      this.#cumulative[i] = sum;
    }
  }

  /** An index that is not `self`. */
  other(self: number): number {
    const at = (this.#prng.nextU32() / 2 ** 32) * this.#cumulative[this.#cumulative.length - 1]!;
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulative[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low === self ? (low + 1) % this.#cumulative.length : low;
  }
}
