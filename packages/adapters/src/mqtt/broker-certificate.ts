/** The key that devices pin when they log in over TLS: clause 11.9 of spec/device.md. */
import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { assert } from '@iotw/kernel/assert';
import { selfSigned } from '../certificates/self-signed.js';

/** RFC 5758 3.2: ecdsa-with-SHA256. */
const ECDSA_SHA256_OID = '1.2.840.10045.4.3.2';
const DOMAIN = 'iotw/v1/broker-key';
/** Order of P-256's group (FIPS 186-5). */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/** Key and certificate in the form node:tls takes, and what devices pin. */
export interface BrokerCredentials {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** SHA-256 of the certificate's SubjectPublicKeyInfo (RFC 7469 2.4), 32 bytes. */
  readonly pin: Uint8Array;
}

/** The broker's P-256 key of a 32-byte seed: SHA-256(domain || seed || n) of the first n from 0 that is a scalar. */
function scalarOf(seed: Uint8Array): Buffer {
  assert(seed.length === 32, 'a broker seed is 32 bytes');
  for (let n = 0; ; n++) {
    const scalar = createHash('sha256').update(DOMAIN).update(seed).update(Uint8Array.of(n)).digest();
    const value = BigInt(`0x${scalar.toString('hex')}`);
    if (value > 0n && value < ORDER) return scalar;
  }
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  const ecdh = createECDH('prime256v1');
  const scalar = scalarOf(seed);
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x, y, d: scalar.toString('base64url') };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

function pinOf(spki: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(spki).digest());
}

/** What devices pin of the broker with this 32-byte seed: 32 bytes. */
export function brokerPin(seed: Uint8Array): Uint8Array {
  return pinOf(createPublicKey(privateKeyOf(seed)).export({ type: 'spki', format: 'der' }));
}

/**
 * A self-signed P-256 certificate for the broker of a 32-byte seed: what a small TLS 1.2 library verifies too. Devices
 * pin the key, so the certificate may be another after each start.
 */
export function brokerCredentials(seed: Uint8Array): BrokerCredentials {
  const { spki, ...pems } = selfSigned(privateKeyOf(seed), { oid: ECDSA_SHA256_OID, digest: 'sha256' });
  return { ...pems, pin: pinOf(spki) };
}
