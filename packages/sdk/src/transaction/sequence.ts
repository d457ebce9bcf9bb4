import { assert } from '@iotw/kernel/assert';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { SEQUENCE_WINDOW } from '@iotw/protocol/limits';

/**
 * Hands out an account's sequence numbers so that the replay window (spec: clause 4) never refuses one:
 * a number may be at most 64 above the highest used and is void once 64 or more below it. So an open
 * number may lie at most 63 below the newest, however the lanes order them: at most 64 are open at once.
 *
 * A number stays open until its fate is known. `settle` it when a receipt shows that it was used (with
 * any outcome the sender paid for); `release` it when its transaction expired or was refused unseen: then
 * it is handed out again. A retry asks by the same reference and keeps its number.
 */
export class SequenceAllocator {
  #highestUsed: number;
  /** Highest number handed out or used. */
  #highest: number;
  /** Open numbers and what they were taken for. */
  readonly #open = new Map<number, string | undefined>();
  readonly #byReference = new Map<string, number>();
  readonly #released = new Set<number>();

  /**
   * `highestUsed`: the account's highest used sequence, 0 for one that never sent. `open`: numbers whose fate was not known
   * when a program that kept them ended; those out of the window by now are void.
   */
  constructor(highestUsed = 0, open: readonly number[] = []) {
    assert(Number.isSafeInteger(highestUsed) && highestUsed >= 0, 'a sequence is a safe integer');
    this.#highestUsed = highestUsed;
    this.#highest = highestUsed;
    for (const sequence of open) {
      if (sequence <= highestUsed - SEQUENCE_WINDOW) continue;
      this.#open.set(sequence, undefined);
      this.#highest = Math.max(this.#highest, sequence);
    }
  }

  /** Numbers handed out whose fate is not known. */
  get open(): readonly number[] {
    return [...this.#open.keys()].sort((a, b) => a - b);
  }

  /**
   * A number for a new transaction, or the one that `reference` (an order's id, say) has already.
   * Code: `sequence-window-full` (the oldest open number would fall out of the window: settle it first).
   */
  next(reference?: string): Result<number> {
    if (reference !== undefined) {
      const known = this.#byReference.get(reference);
      if (known !== undefined) return ok(known);
    }
    const candidate = this.#released.size > 0 ? Math.min(...this.#released) : this.#highest + 1;
    const oldest = Math.min(candidate, ...this.#open.keys(), ...this.#released);
    if (Math.max(candidate, this.#highest) - oldest >= SEQUENCE_WINDOW) {
      return fail(
        'sequence-window-full',
        `Sequence ${oldest} is still open and at most ${SEQUENCE_WINDOW} may be: wait for its receipt, or send it again.`,
        { oldest, open: this.#open.size },
      );
    }
    this.#released.delete(candidate);
    this.#highest = Math.max(this.#highest, candidate);
    this.#open.set(candidate, reference);
    if (reference !== undefined) this.#byReference.set(reference, candidate);
    return ok(candidate);
  }

  /** The number was used on the ledger. */
  settle(sequence: number): void {
    this.#forget(sequence);
    this.#released.delete(sequence);
    this.observe(sequence);
  }

  /** The number was not used and its transaction can't be included any more: it may be handed out again. */
  release(sequence: number): void {
    if (!this.#open.has(sequence)) return;
    this.#forget(sequence);
    if (sequence > this.#highestUsed - SEQUENCE_WINDOW) this.#released.add(sequence);
  }

  /** The account's highest used sequence as the ledger says; another wallet may share the account. */
  observe(highestUsed: number): void {
    if (highestUsed <= this.#highestUsed) return;
    this.#highestUsed = highestUsed;
    this.#highest = Math.max(this.#highest, highestUsed);
    for (const sequence of this.#released) {
      if (sequence <= highestUsed - SEQUENCE_WINDOW) this.#released.delete(sequence);
    }
    for (const sequence of this.#open.keys()) {
      if (sequence <= highestUsed - SEQUENCE_WINDOW) this.#forget(sequence);
    }
  }

  #forget(sequence: number): void {
    const reference = this.#open.get(sequence);
    this.#open.delete(sequence);
    if (reference !== undefined) this.#byReference.delete(reference);
  }
}
