import { BoundedMap } from '@iotw/kernel/bounded-map';
import { FAUCET_REMEMBERED } from './limits.js';

const HOUR_MS = 3_600_000;

/** Uses per hour of the newest names; what is forgotten may begin anew. */
export class HourlyCounts {
  readonly #most: number;
  readonly #counts = new BoundedMap<string, { sinceMs: number; used: number }>(FAUCET_REMEMBERED);

  constructor(most: number) {
    this.#most = most;
  }

  take(name: string, nowMs: number): boolean {
    const known = this.#counts.get(name);
    if (known === undefined || nowMs - known.sinceMs >= HOUR_MS) {
      this.#counts.delete(name);
      this.#counts.set(name, { sinceMs: nowMs, used: 1 });
      return true;
    }
    if (known.used >= this.#most) return false;
    known.used++;
    return true;
  }
}
