import { assert } from './assert.js';

/** A map that evicts its oldest insertion when it would exceed its limit. */
export class BoundedMap<K, V> {
  readonly limit: number;
  readonly #entries = new Map<K, V>();
  readonly #onEvict: ((key: K, value: V) => void) | undefined;

  /** `onEvict` is called for entries pushed out by the limit, not for deleted or replaced ones. */
  constructor(limit: number, onEvict?: (key: K, value: V) => void) {
    assert(Number.isSafeInteger(limit) && limit > 0, 'a map limit is a positive integer');
    this.limit = limit;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** A known key gets the new value and keeps its place in the order. */
  set(key: K, value: V): this {
    if (this.#entries.size >= this.limit && !this.#entries.has(key)) {
      for (const [oldKey, oldValue] of this.#entries) {
        this.#entries.delete(oldKey);
        this.#onEvict?.(oldKey, oldValue);
        break;
      }
    }
    this.#entries.set(key, value);
    return this;
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  keys(): IterableIterator<K> {
    return this.#entries.keys();
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  /** Oldest insertion first. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries[Symbol.iterator]();
  }
}
