import { assert } from '@iotw/kernel/assert';
import { readU32 } from '@iotw/kernel/bytes';
import { MAX_ROUND_RESULTS } from '@iotw/protocol/result';

/**
 * A location is one number: round * 2^18 + position in the applied order of that round. It is exact
 * up to round 2^35, it grows with time, and so it is also the cursor of every page of history.
 */
const POSITIONS = MAX_ROUND_RESULTS;

export function locationOf(round: number, position: number): number {
  assert(position < POSITIONS, 'a position lies inside its round');
  return round * POSITIONS + position;
}

export function roundOf(location: number): number {
  return Math.floor(location / POSITIONS);
}

export function positionOf(location: number): number {
  return location % POSITIONS;
}

/** Position that stands for the round itself where a hash was looked up. */
export const ROUND_ITSELF = POSITIONS - 1;

/** Keys stay below 2^39, so that a key and a place of 14 bits fit one exact number while a run is sorted. */
export const KEY_BITS = 39;
const HEIGHT_BITS = 33;

/**
 * The first 39 bits of a hash. Two hashes may share them, so whoever looks one up compares the whole
 * hash in the round's record.
 */
export function hashKey(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at) * 128 + (bytes[at + 4]! >>> 1);
}

/** (lane, height) as one key: 64 lanes, heights below 2^33. */
export function heightKey(lane: number, height: number): number {
  assert(lane < 64 && height < 2 ** HEIGHT_BITS, 'lane and height fit the index');
  return lane * 2 ** HEIGHT_BITS + height;
}

/** The tables of the index; each holds entries (key, location) in that order. */
export const INDEX_TABLE = {
  /** Transaction id to its places. */
  transactions: 0,
  /** Account number to the transactions that concern it. */
  postings: 1,
  /** Block hash to (round, block in applied order); round hash to (round, ROUND_ITSELF). */
  hashes: 2,
  /** (lane, height) to (round, block in applied order). */
  heights: 3,
  /** Device number to the blocks that hold something it signed as a witness: (round, block in applied order). */
  devices: 4,
} as const;

export const INDEX_TABLES = 5;
