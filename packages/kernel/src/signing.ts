import { native } from '#native';
import { assert } from './assert.js';
import { utf8 } from './bytes.js';
import { sha256 } from './sha256.js';

/** Domains are literals of the code, a few dozen: the bound only catches a caller that makes them up. */
const DOMAIN_LIMIT = 1024;
const tags = new Map<string, Uint8Array>();

/**
 * SHA-256(utf8(domain)), 32 bytes, computed once per domain. The returned array is shared:
 * callers must not write to it.
 */
export function domainTag(domain: string): Uint8Array {
  const known = tags.get(domain);
  if (known !== undefined) return known;
  assert(tags.size < DOMAIN_LIMIT, 'signing domains must be a fixed set of literals');
  const tag = sha256(utf8(domain));
  tags.set(domain, tag);
  return tag;
}

const PREFIX = 64;
let scratch = new Uint8Array(4096);
/** Views of the scratch by length: the messages of the protocol have a few dozen lengths. */
let views: (Uint8Array | undefined)[] = [];
const VIEWED_BYTES = 512;

function scratchOf(length: number): Uint8Array {
  if (length > scratch.length) {
    scratch = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
    views = [];
  }
  if (length > VIEWED_BYTES) return scratch.subarray(0, length);
  let view = views[length];
  if (view === undefined) {
    view = scratch.subarray(0, length);
    views[length] = view;
  }
  return view;
}

/**
 * The one signing rule: SHA-256( SHA-256(utf8(domain)) || network || bytes ), 32 bytes, freshly
 * allocated. Every Ed25519 signature of the protocol is over this digest, so that a signature for
 * one purpose or network is void for every other.
 * `network` is the 32-byte network id; `bytes` may have any length.
 */
export function signingDigest(domain: string, network: Uint8Array, bytes: Uint8Array): Uint8Array {
  assert(network.length === 32, 'a network id has 32 bytes');
  const content = scratchOf(PREFIX + bytes.length);
  content.set(domainTag(domain), 0);
  content.set(network, 32);
  content.set(bytes, PREFIX);
  const out = new Uint8Array(32);
  native.sha256(out, content);
  return out;
}
