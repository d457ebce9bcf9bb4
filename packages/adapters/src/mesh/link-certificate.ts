import { createPrivateKey, createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { assert } from '@iotw/kernel/assert';
import { selfSigned } from '../certificates/self-signed.js';
import type { LinkKeyPair } from './types.js';

/** RFC 8410: PKCS#8 wrapping of a 32-byte Ed25519 seed, and the SPKI length with its 12-byte prefix. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const ED25519_OID = '1.3.101.112';

/** Key and certificate in the form node:tls takes. */
export interface LinkCredentials {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly publicKey: Uint8Array;
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  assert(seed.length === 32, 'a link seed is 32 bytes');
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** The link key of a 32-byte seed (RFC 8032). */
export function linkKeyPair(seed: Uint8Array): LinkKeyPair {
  const spki = createPublicKey(privateKeyOf(seed)).export({ type: 'spki', format: 'der' });
  return { seed: Uint8Array.from(seed), publicKey: Uint8Array.from(spki.subarray(SPKI_PREFIX.length)) };
}

/**
 * A self-signed Ed25519 certificate (RFC 5280, RFC 8410) for a link key. It carries nothing but the key:
 * peers pin the key against the ledger, so name and dates are constants and no clock is read.
 */
export function linkCredentials(seed: Uint8Array): LinkCredentials {
  const { spki, ...pems } = selfSigned(privateKeyOf(seed), { oid: ED25519_OID, digest: null });
  return { ...pems, publicKey: spki.subarray(SPKI_PREFIX.length) };
}

/** The raw 32-byte Ed25519 key of a peer's certificate, or undefined if it holds any other key type. */
export function rawLinkKey(certificate: X509Certificate): Uint8Array | undefined {
  if (certificate.publicKey.asymmetricKeyType !== 'ed25519') return undefined;
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  if (spki.length !== SPKI_PREFIX.length + 32) return undefined;
  return Uint8Array.from(spki.subarray(SPKI_PREFIX.length));
}
