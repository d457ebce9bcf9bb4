import { assert } from './assert.js';

const FIRST_ROOM = 16;

/** A first-in first-out queue that refuses what exceeds its limit; every operation is O(1) amortized. */
export class BoundedQueue<T> {
  readonly limit: number;
  #items: (T | undefined)[];
  #head = 0;
  #size = 0;

  constructor(limit: number) {
    assert(Number.isSafeInteger(limit) && limit > 0, 'a queue limit is a positive integer');
    this.limit = limit;
    this.#items = new Array<T | undefined>(Math.min(limit, FIRST_ROOM)).fill(undefined);
  }

  get size(): number {
    return this.#size;
  }

  /** False, and nothing is added, where the queue is full: the caller decides what to shed. */
  push(item: T): boolean {
    if (this.#size === this.limit) return false;
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size) % this.#items.length] = item;
    this.#size++;
    return true;
  }

  /** Takes the oldest item; `undefined` where empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#items.length;
    this.#size--;
    return item;
  }

  /** The oldest item, left in place; `undefined` where empty. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#head];
  }

  clear(): void {
    this.#items.fill(undefined);
    this.#head = 0;
    this.#size = 0;
  }

  /** Doubles the ring: a queue with a large limit costs memory only once it was long. */
  #grow(): void {
    const room = Math.min(this.limit, 2 * this.#items.length);
    const items = new Array<T | undefined>(room).fill(undefined);
    for (let i = 0; i < this.#size; i++) items[i] = this.#items[(this.#head + i) % this.#items.length];
    this.#items = items;
    this.#head = 0;
  }
}
