import { assert } from './assert.js';
import { BoundedMap } from './bounded-map.js';
import { concatBytes, readU32, toHex } from './bytes.js';
import { verify } from './ed25519.js';
import { vrfVerify } from './vrf.js';

const WAYS = 4;
/** Signature 64, digest 32, public key 32. */
const ENTRY = 128;
/** VRF proofs remembered beside: a proof costs about 15 signatures, and there are few. */
const VRF_ENTRIES = 16_384;

export interface SignatureCheckerStats {
  /** Answered from the cache. */
  hits: number;
  /** Verified for real, with either outcome. */
  misses: number;
  /** Of the misses, those found invalid. */
  invalid: number;
  /** Added by markValid. */
  marked: number;
}

/**
 * Remembers signatures already found valid, so that a process with several roles verifies each
 * once. An entry is compared in full (signature, digest and key), only valid ones are kept, and
 * invalid ones cost their sender a verification each time.
 *
 * A set-associative table in one typed array: about 128 bytes an entry, no allocation per call.
 * Who grinds signatures into one set of four only evicts entries there, which are verified again.
 */
export class SignatureChecker {
  readonly stats: Readonly<SignatureCheckerStats>;
  readonly #stats: SignatureCheckerStats = { hits: 0, misses: 0, invalid: 0, marked: 0 };
  readonly #setMask: number;
  /** One word of hash per entry, 0 where empty: most lookups end here. */
  readonly #tags: Uint32Array;
  readonly #entries: Uint8Array;
  /** The way each set overwrites next. */
  readonly #turns: Uint8Array;
  readonly #outputs = new BoundedMap<string, Uint8Array>(VRF_ENTRIES);

  /** At most `limit` entries (rounded down to 4 times a power of two). */
  constructor(limit = 65536) {
    assert(Number.isSafeInteger(limit) && limit >= WAYS && limit <= 2 ** 24, 'a limit of 4 to 2^24 entries');
    const sets = 2 ** Math.floor(Math.log2(limit / WAYS));
    this.#setMask = sets - 1;
    this.#tags = new Uint32Array(sets * WAYS);
    this.#entries = new Uint8Array(sets * WAYS * ENTRY);
    this.#turns = new Uint8Array(sets);
    this.stats = this.#stats;
  }

  /**
   * Whether `signature` (64) over `digest32` (32) by `publicKey` (32) is valid by the rule of
   * ed25519.ts. Wrong lengths are invalid.
   */
  verify(signature: Uint8Array, digest32: Uint8Array, publicKey: Uint8Array): boolean {
    if (signature.length !== 64 || digest32.length !== 32 || publicKey.length !== 32) return false;
    const tag = tagOf(signature, digest32);
    if (this.#holds(tag, signature, digest32, publicKey)) {
      this.#stats.hits++;
      return true;
    }
    this.#stats.misses++;
    if (!verify(signature, digest32, publicKey)) {
      this.#stats.invalid++;
      return false;
    }
    this.#insert(tag, signature, digest32, publicKey);
    return true;
  }

  /** Records a signature this process made itself or verified elsewhere (on a worker); never one merely received. */
  markValid(signature: Uint8Array, digest32: Uint8Array, publicKey: Uint8Array): void {
    assert(
      signature.length === 64 && digest32.length === 32 && publicKey.length === 32,
      'a signature has 64 bytes, digest and key 32',
    );
    const tag = tagOf(signature, digest32);
    if (this.#holds(tag, signature, digest32, publicKey)) return;
    this.#stats.marked++;
    this.#insert(tag, signature, digest32, publicKey);
  }

  /** The 64-byte output of a valid VRF proof (80 bytes, vrf.ts), else undefined; valid ones are remembered. */
  vrfOutput(publicKey: Uint8Array, alpha: Uint8Array, proof: Uint8Array): Uint8Array | undefined {
    const entry = toHex(concatBytes(publicKey, alpha, proof));
    const known = this.#outputs.get(entry);
    if (known !== undefined) return known;
    const output = vrfVerify(publicKey, alpha, proof);
    if (output !== undefined) this.#outputs.set(entry, output);
    return output;
  }

  #holds(tag: number, signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean {
    const first = (tag & this.#setMask) * WAYS;
    for (let entry = first; entry < first + WAYS; entry++) {
      if (this.#tags[entry] !== tag) continue;
      const at = entry * ENTRY;
      if (this.#same(at, signature) && this.#same(at + 64, digest) && this.#same(at + 96, publicKey)) {
        return true;
      }
    }
    return false;
  }

  #same(at: number, bytes: Uint8Array): boolean {
    const entries = this.#entries;
    for (let i = 0; i < bytes.length; i++) if (entries[at + i] !== bytes[i]) return false;
    return true;
  }

  #insert(tag: number, signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): void {
    const set = tag & this.#setMask;
    const turn = this.#turns[set]!;
    this.#turns[set] = (turn + 1) % WAYS;
    const entry = set * WAYS + turn;
    this.#tags[entry] = tag;
    this.#entries.set(signature, entry * ENTRY);
    this.#entries.set(digest, entry * ENTRY + 64);
    this.#entries.set(publicKey, entry * ENTRY + 96);
  }
}

/** A word that spreads over sets, never 0; S and the digest already look random. */
function tagOf(signature: Uint8Array, digest: Uint8Array): number {
  let word = readU32(signature, 32) ^ Math.imul(readU32(digest, 0), 0x9e3779b1);
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word ^= word >>> 13;
  // The lowest bits pick the set, so the bit that keeps a tag from being 0 is the highest.
  return (word | 0x8000_0000) >>> 0;
}
