import { hashKey } from './index-store/location.js';
import type { RoundLayout } from './round-layout.js';

interface Waiter {
  readonly id: Uint8Array;
  readonly found: (place: { layout: RoundLayout; position: number } | undefined) => void;
}

/**
 * Requests that wait for one transaction to stand in a round. Looks only at rounds as they become
 * durable: neither the index nor a disk is asked. Bounded by the requests that are open.
 */
export class RoundWaiters {
  readonly #waiting = new Map<number, Set<Waiter>>();

  /** The place of the transaction in a round that is yet to come; undefined after `timeoutMs`. */
  wait(id: Uint8Array, timeoutMs: number): Promise<{ layout: RoundLayout; position: number } | undefined> {
    return new Promise((resolve) => {
      const key = hashKey(id, 0);
      const timer = setTimeout(() => waiter.found(undefined), Math.max(0, timeoutMs));
      const waiter: Waiter = {
        id,
        found: (place) => {
          clearTimeout(timer);
          this.#remove(key, waiter);
          resolve(place);
        },
      };
      const others = this.#waiting.get(key);
      if (others === undefined) this.#waiting.set(key, new Set([waiter]));
      else others.add(waiter);
    });
  }

  #remove(key: number, waiter: Waiter): void {
    const others = this.#waiting.get(key);
    others?.delete(waiter);
    if (others?.size === 0) this.#waiting.delete(key);
  }

  /** A round is durable. */
  offer(layout: RoundLayout): void {
    if (this.#waiting.size === 0) return;
    for (const { idsAt, count } of layout.blocks) {
      for (let i = 0; i < count; i++) {
        const waiters = this.#waiting.get(hashKey(layout.record.ids, idsAt + 32 * i));
        if (waiters === undefined) continue;
        for (const waiter of [...waiters]) {
          const position = layout.find(waiter.id);
          if (position >= 0) waiter.found({ layout, position });
        }
      }
    }
  }

  /** Lets everyone go who still waits. */
  close(): void {
    for (const waiters of [...this.#waiting.values()])
      for (const waiter of [...waiters]) waiter.found(undefined);
  }
}
