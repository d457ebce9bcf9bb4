import { writeU32 } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { Prng } from '@iotw/kernel/prng';
import type { Operation } from '@iotw/protocol/operations';
import { signTransaction } from '@iotw/protocol/transaction';

export interface PresignPlan {
  readonly network: Uint8Array;
  /** Seeds of the payers' keys. */
  readonly payerSeeds: readonly Uint8Array[];
  /** Recipients are the accounts from this number on ... */
  readonly firstAccount: number;
  /** ... this many of them, by Zipf's law or all alike. */
  readonly recipients: number;
  readonly spread: 'zipf' | 'even';
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
  const recipients = new Recipients(plan.recipients, plan.spread);
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

/** Batches that open `count` accounts: one base unit each to a key of its own, 256 a transaction, 8 a batch. */
export function* openAccounts(
  plan: Pick<PresignPlan, 'network' | 'payerSeeds' | 'expiryMs' | 'firstSequence'> & {
    readonly count: number;
  },
): Generator<Uint8Array> {
  const payers: KeyPair[] = plan.payerSeeds.map((seed) => keyPairFromSeed(seed));
  const prng = new Prng('bench accounts');
  let envelopes: Uint8Array[] = [];
  for (let opened = 0, i = 0; opened < plan.count; i++) {
    const count = Math.min(256, plan.count - opened);
    const operations: Operation[] = Array.from({ length: count }, () => ({
      type: 'transferToKey',
      to: prng.bytes(32),
      amount: 1,
    }));
    const keys = payers[i % payers.length]!;
    const sequence = plan.firstSequence + Math.floor(i / payers.length);
    const transaction = {
      sender: keys.publicKey,
      sequence,
      expiryMs: plan.expiryMs,
      operations,
      memo: new Uint8Array(0),
    };
    envelopes.push(signTransaction(plan.network, transaction, keys).envelope);
    opened += count;
    if (envelopes.length === 8 || opened === plan.count) {
      yield pack(envelopes);
      envelopes = [];
    }
  }
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

/** Recipients from a fixed seed: by Zipf's law with exponent 1, or all alike. */
class Recipients {
  readonly #cumulative: Float64Array;
  readonly #prng = new Prng('bench recipients');

  constructor(count: number, spread: PresignPlan['spread']) {
    this.#cumulative = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += spread === 'zipf' ? 1 / (i + 1) : 1;
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
