import type { PeerId } from '../messages.js';

/**
 * Which hosts owe this node an answer for too long. A host is silent from the moment its oldest question
 * is `limitMs` old until it answers any question at all: then it is asked, but no longer waited for.
 * One entry per trust node at most.
 */
export class SilentHosts {
  readonly #limitMs: () => number;
  /** When the oldest question since the host's last word was asked, ms. */
  readonly #askedMs = new Map<PeerId, number>();

  /** `limitMs`: a host's time now; it is a parameter of the running epoch. */
  constructor(limitMs: () => number) {
    this.#limitMs = limitMs;
  }

  /** A host's time to answer a question with an answer or a miss, ms. */
  get limitMs(): number {
    return this.#limitMs();
  }

  asked(host: PeerId, nowMs: number): void {
    if (!this.#askedMs.has(host)) this.#askedMs.set(host, nowMs);
  }

  /** The host itself gave an answer or a miss. */
  heard(host: PeerId): void {
    this.#askedMs.delete(host);
  }

  /** Whether the host let a question asked at `askedMs` wait for too long, or is known to be silent. */
  overdue(host: PeerId, askedMs: number, nowMs: number): boolean {
    const limitMs = this.#limitMs();
    const oldest = this.#askedMs.get(host) ?? nowMs;
    return nowMs - Math.min(askedMs, oldest) >= limitMs;
  }
}
