import { createHash } from 'node:crypto';
import { BoundedMap } from '@iotw/kernel/bounded-map';
import { fail, type Result } from '@iotw/kernel/result';
import { IDEMPOTENCY_KEY_CHARACTERS, IDEMPOTENCY_KEYS } from './limits.js';

interface Kept {
  readonly fingerprint: string;
  readonly answer: Promise<Result<unknown>>;
}

/**
 * Idempotency-Key: the same key with the same request gives the same answer, whether the first is
 * answered or still under way. The newest keys are remembered; refusals that may pass are not.
 */
export class Idempotency {
  readonly #kept = new BoundedMap<string, Kept>(IDEMPOTENCY_KEYS);

  /** Errors: `idempotency-key-invalid`, `idempotency-key-reused`, and those of `produce`. */
  async run<T>(
    key: string | undefined,
    request: string | Uint8Array,
    produce: () => Promise<Result<T>>,
  ): Promise<Result<T>> {
    if (key === undefined) return produce();
    if (key.length === 0 || key.length > IDEMPOTENCY_KEY_CHARACTERS || !/^[\x21-\x7e]+$/.test(key)) {
      return fail(
        'idempotency-key-invalid',
        `An Idempotency-Key has 1 to ${IDEMPOTENCY_KEY_CHARACTERS} visible ASCII characters.`,
      );
    }
    const fingerprint = createHash('sha256').update(request).digest('base64');
    const known = this.#kept.get(key);
    if (known !== undefined) {
      if (known.fingerprint === fingerprint) return known.answer as Promise<Result<T>>;
      return fail(
        'idempotency-key-reused',
        'This Idempotency-Key came with another request before: make a new key for a new request.',
      );
    }
    const answer = produce();
    this.#kept.set(key, { fingerprint, answer });
    const forget = () => this.#kept.delete(key);
    const result = await answer.catch((error: unknown) => {
      forget();
      throw error;
    });
    if (!result.ok) forget();
    return result;
  }
}
