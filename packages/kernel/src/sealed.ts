/**
 * Boxes for secrets of nodes: to another node's X25519 key, and at rest under an own key. libsodium's
 * crypto_scalarmult and crypto_secretbox (XSalsa20-Poly1305). No chance is drawn here: whoever seals hands in
 * a secret that serves for one box, or a position that is sealed once.
 */
import { native } from '#native';
import { assert } from './assert.js';
import { concatBytes, utf8 } from './bytes.js';
import { sha256 } from './sha256.js';

/** What a box is longer than its content. */
export const BOX_OVERHEAD = 16;

/** Every box has a key of its own, so the nonce says nothing. */
const NONCE = new Uint8Array(24);

/** The X25519 public key (RFC 7748, 32 bytes) of 32 secret bytes. */
export function boxPublicKey(secret: Uint8Array): Uint8Array {
  assert(secret.length === 32, 'an X25519 secret has 32 bytes');
  const out = new Uint8Array(32);
  native.x25519Base(out, secret);
  return out;
}

/**
 * Seals `content` with one's own X25519 secret for another's public key; `context` names the place and never
 * repeats for one pair of keys. `undefined` where the public key is of small order.
 */
export function sealBox(
  secret: Uint8Array,
  publicKey: Uint8Array,
  context: Uint8Array,
  content: Uint8Array,
): Uint8Array | undefined {
  const key = sharedKey(secret, boxPublicKey(secret), publicKey, publicKey, context);
  if (key === undefined) return undefined;
  const out = new Uint8Array(content.length + BOX_OVERHEAD);
  native.secretBox(out, content, NONCE, key);
  return out;
}

/** The content of a box that `sender` (public key) sealed for this secret; `undefined` where it does not open. */
export function openBox(
  secret: Uint8Array,
  sender: Uint8Array,
  context: Uint8Array,
  box: Uint8Array,
): Uint8Array | undefined {
  if (box.length < BOX_OVERHEAD) return undefined;
  const key = sharedKey(secret, sender, boxPublicKey(secret), sender, context);
  if (key === undefined) return undefined;
  const out = new Uint8Array(box.length - BOX_OVERHEAD);
  return native.secretBoxOpen(out, box, NONCE, key) ? out : undefined;
}

/** Seals content at rest under a 32-byte key; `context` names what it is and is sealed with one content only. */
export function sealAtRest(key: Uint8Array, context: Uint8Array, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(content.length + BOX_OVERHEAD);
  native.secretBox(out, content, NONCE, sha256(concatBytes(AT_REST, key, context)));
  return out;
}

/** What sealAtRest sealed; `undefined` where key or context is another or the bytes were changed. */
export function openAtRest(key: Uint8Array, context: Uint8Array, box: Uint8Array): Uint8Array | undefined {
  if (box.length < BOX_OVERHEAD) return undefined;
  const out = new Uint8Array(box.length - BOX_OVERHEAD);
  const own = sha256(concatBytes(AT_REST, key, context));
  return native.secretBoxOpen(out, box, NONCE, own) ? out : undefined;
}

const AT_REST = sha256(utf8('iotw/v1/at-rest'));
const BOX = sha256(utf8('iotw/v1/box'));

function sharedKey(
  secret: Uint8Array,
  sender: Uint8Array,
  recipient: Uint8Array,
  other: Uint8Array,
  context: Uint8Array,
): Uint8Array | undefined {
  if (other.length !== 32) return undefined;
  const shared = new Uint8Array(32);
  if (!native.x25519(shared, secret, other)) return undefined;
  const key = sha256(concatBytes(BOX, shared, sender, recipient, context));
  shared.fill(0);
  return key;
}
