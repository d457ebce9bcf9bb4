import { readU32 } from '@iotw/kernel/bytes';
import { ATTESTATION_BYTES } from '@iotw/protocol/attestation';

/** Where device, boot and counter stand in an encoded attestation: its number, which never repeats. */
const NUMBER_AT = 81;
const NUMBER_END = 93;
const FIRST_ENTRIES = 64;

/** Answers one after the other, and an open-addressing table of their places (from 1; 0: free), half empty at least. */
interface Generation {
  records: Uint8Array;
  slots: Uint32Array;
  count: number;
}

/**
 * Encoded attestations by their number. Two generations of `perGeneration` each: the oldest are forgotten together.
 * All lie in a few large arrays: as objects of their own they would outlive the young generation of the heap and keep
 * the collector busy.
 */
export class AnswerMemory {
  readonly #perGeneration: number;
  #young = generation();
  #old = generation();

  constructor(perGeneration: number) {
    this.#perGeneration = perGeneration;
  }

  /** The kept answer with the number of `answer`; a view that holds until the next `set`. */
  get(answer: Uint8Array): Uint8Array | undefined {
    return find(this.#young, answer) ?? find(this.#old, answer);
  }

  /** Keeps a copy, in the place of the kept answer with that number. */
  set(answer: Uint8Array): void {
    const known = this.get(answer);
    if (known !== undefined) {
      known.set(answer);
      return;
    }
    if (this.#young.count === this.#perGeneration) {
      const oldest = this.#old;
      this.#old = this.#young;
      oldest.slots.fill(0);
      oldest.count = 0;
      this.#young = oldest;
    }
    append(this.#young, answer);
  }
}

function generation(): Generation {
  return {
    records: new Uint8Array(FIRST_ENTRIES * ATTESTATION_BYTES),
    slots: new Uint32Array(2 * FIRST_ENTRIES),
    count: 0,
  };
}

function find({ records, slots }: Generation, answer: Uint8Array): Uint8Array | undefined {
  const mask = slots.length - 1;
  for (let slot = hash(answer, 0) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
    const at = (slots[slot]! - 1) * ATTESTATION_BYTES;
    if (sameNumber(records, at, answer)) return records.subarray(at, at + ATTESTATION_BYTES);
  }
  return undefined;
}

function append(to: Generation, answer: Uint8Array): void {
  if (2 * to.count === to.slots.length) grow(to);
  to.records.set(answer, to.count * ATTESTATION_BYTES);
  enter(to, to.count);
  to.count += 1;
}

function grow(to: Generation): void {
  const records = new Uint8Array(2 * to.records.length);
  records.set(to.records);
  to.records = records;
  to.slots = new Uint32Array(2 * to.slots.length);
  for (let place = 0; place < to.count; place++) enter(to, place);
}

function enter({ records, slots }: Generation, place: number): void {
  const mask = slots.length - 1;
  let slot = hash(records, place * ATTESTATION_BYTES) & mask;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  slots[slot] = place + 1;
}

function sameNumber(records: Uint8Array, at: number, answer: Uint8Array): boolean {
  for (let i = NUMBER_AT; i < NUMBER_END; i++) if (records[at + i] !== answer[i]) return false;
  return true;
}

function hash(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let from = NUMBER_AT; from < NUMBER_END; from += 4) {
    word = Math.imul(word ^ readU32(bytes, at + from), 0x9e37_79b1);
    word ^= word >>> 15;
  }
  return word >>> 0;
}
