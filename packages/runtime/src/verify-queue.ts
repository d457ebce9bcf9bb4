import type { TransactionVerifier, VerifiedRun, VerifyRun } from '@iotw/kernel/ports/verifier';

/** Envelopes handed to the verifier at once; below what its own bound refuses. */
const MAX_OUTSTANDING = 8_192;

interface Waiting {
  readonly run: VerifyRun;
  readonly give: () => void;
}

/**
 * In front of a verifier that refuses what is too much: runs wait here in order, and a run larger than the
 * bound goes in parts. Whoever submits is bounded already (intake, blocks waiting per lane), so this is too.
 */
export class VerifyQueue {
  readonly #verifier: TransactionVerifier;
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #outstanding = 0;

  constructor(verifier: TransactionVerifier, limit = MAX_OUTSTANDING) {
    this.#verifier = verifier;
    this.#limit = limit;
  }

  /** Rejects as the verifier does, but never with `verifier-busy` for want of patience. */
  async verify(run: VerifyRun): Promise<VerifiedRun> {
    const count = run.offsets.length - 1;
    if (count <= this.#limit) return this.#part(run);
    const parts: Promise<VerifiedRun>[] = [];
    for (let from = 0; from < count; from += this.#limit) {
      const to = Math.min(count, from + this.#limit);
      parts.push(this.#part({ bytes: run.bytes, offsets: run.offsets.subarray(from, to + 1) }));
    }
    const whole = { ids: new Uint8Array(32 * count), valid: new Uint8Array(count) };
    (await Promise.all(parts)).forEach(({ ids, valid }, i) => {
      whole.ids.set(ids, 32 * this.#limit * i);
      whole.valid.set(valid, this.#limit * i);
    });
    return whole;
  }

  #part(run: VerifyRun): Promise<VerifiedRun> {
    const count = run.offsets.length - 1;
    if (this.#waiting.length === 0 && this.#fits(count)) return this.#hand(run, count);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, give: () => void this.#hand(run, count).then(resolve, reject) });
    });
  }

  #fits(count: number): boolean {
    return this.#outstanding === 0 || this.#outstanding + count <= this.#limit;
  }

  async #hand(run: VerifyRun, count: number): Promise<VerifiedRun> {
    this.#outstanding += count;
    try {
      return await this.#verifier.verify(run);
    } finally {
      this.#outstanding -= count;
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        if (!this.#fits(next.run.offsets.length - 1)) break;
        this.#waiting.shift();
        next.give();
      }
    }
  }
}
