import { createHash } from 'node:crypto';
import { BoundedMap } from '@iotw/kernel/bounded-map';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { IDEMPOTENCY_KEY_CHARACTERS, IDEMPOTENCY_KEYS } from './limits.js';

interface Kept<T> {
  readonly fingerprint: string;
  /** While the first request is under way. */
  underWay: Promise<Result<T>> | undefined;
  /** What is left of its answer afterwards. */
  answer: T | undefined;
}

/** How little of an answer is remembered, and how it becomes whole again. */
export interface AnswerStore<T> {
  readonly keep: (answer: T) => T;
  readonly restore: (kept: T) => T;
}

/**
 * Idempotency-Key: the same key with the same request gives the same answer, whether the first is
 * answered or still under way. The newest keys are remembered; refusals that may pass are not.
 */
export class Idempotency<T extends object> {
  readonly #kept = new BoundedMap<string, Kept<T>>(IDEMPOTENCY_KEYS);
  readonly #store: AnswerStore<T>;

  constructor(store: AnswerStore<T>) {
    this.#store = store;
  }

  /** Errors: `idempotency-key-invalid`, `idempotency-key-reused`, and those of `produce`. */
  async run(key: string | undefined, request: string, produce: () => Promise<Result<T>>): Promise<Result<T>> {
    if (key === undefined) return produce();
    if (key.length > IDEMPOTENCY_KEY_CHARACTERS || !/^[\x21-\x7e]+$/.test(key)) {
      return fail(
        'idempotency-key-invalid',
        `An Idempotency-Key has 1 to ${IDEMPOTENCY_KEY_CHARACTERS} visible ASCII characters.`,
      );
    }
    const fingerprint = createHash('sha256').update(request).digest('base64');
    const known = this.#kept.get(key);
    if (known === undefined) return this.#first(key, fingerprint, produce);
    if (known.fingerprint !== fingerprint) {
      return fail(
        'idempotency-key-reused',
        'This Idempotency-Key came with another request before: make a new key for a new request.',
      );
    }
    if (known.answer !== undefined) return ok(this.#store.restore(known.answer));
    return known.underWay ?? produce();
  }

  async #first(key: string, fingerprint: string, produce: () => Promise<Result<T>>): Promise<Result<T>> {
    const entry: Kept<T> = { fingerprint, underWay: produce(), answer: undefined };
    this.#kept.set(key, entry);
    try {
      const result = await entry.underWay!;
      if (result.ok) entry.answer = this.#store.keep(result.value);
      else this.#kept.delete(key);
      return result;
    } catch (error) {
      this.#kept.delete(key);
      throw error;
    } finally {
      entry.underWay = undefined;
    }
  }
}
