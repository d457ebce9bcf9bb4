import {
  concatBytes,
  equalBytes,
  readU16,
  readU32,
  readU64,
  writeU16,
  writeU32,
  writeU64,
} from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from './domains.js';

/** A device's signed answer to an assignment (spec: clause 8). */
export interface Attestation {
  readonly lane: number;
  readonly incarnation: number;
  readonly height: number;
  readonly attempt: number;
  readonly rank: number;
  /** Block hash of the signed header the device received. */
  readonly cited: Uint8Array;
  /** Block hash recomputed by the device from the transaction ids. */
  readonly hash: Uint8Array;
  readonly device: number;
  /** (boot, counter) is the attestation's number: it never repeats. */
  readonly boot: number;
  readonly counter: number;
  /** The device's previous head; its new head is this attestation's digest. */
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
}

/** Bytes that are signed. */
export const ATTESTATION_CONTENT_BYTES = 125;
/** Content and signature. */
export const ATTESTATION_BYTES = 189;

function writeContent(b: Uint8Array, at: number, a: Omit<Attestation, 'signature'>): void {
  writeU16(b, at, a.lane);
  writeU32(b, at + 2, a.incarnation);
  writeU64(b, at + 6, a.height);
  b[at + 14] = a.attempt;
  writeU16(b, at + 15, a.rank);
  b.set(a.cited, at + 17);
  b.set(a.hash, at + 49);
  writeU32(b, at + 81, a.device);
  writeU32(b, at + 85, a.boot);
  writeU32(b, at + 89, a.counter);
  b.set(a.head, at + 93);
}

/** Writes the 189 bytes into `b` from `at` on. */
export function writeAttestation(b: Uint8Array, at: number, a: Attestation): void {
  writeContent(b, at, a);
  b.set(a.signature, at + ATTESTATION_CONTENT_BYTES);
}

export function encodeAttestation(a: Attestation): Uint8Array {
  const b = new Uint8Array(ATTESTATION_BYTES);
  writeAttestation(b, 0, a);
  return b;
}

/** Errors: `malformed`. */
export function decodeAttestation(b: Uint8Array): Result<Attestation> {
  if (b.length !== ATTESTATION_BYTES) {
    return fail('malformed', `An attestation has ${ATTESTATION_BYTES} bytes, this has ${b.length}.`);
  }
  const height = readU64(b, 6);
  if (!Number.isSafeInteger(height)) return fail('malformed', 'An attestation holds a height above 2^53-1.');
  return ok({
    lane: readU16(b, 0),
    incarnation: readU32(b, 2),
    height,
    attempt: b[14]!,
    rank: readU16(b, 15),
    cited: b.slice(17, 49),
    hash: b.slice(49, 81),
    device: readU32(b, 81),
    boot: readU32(b, 85),
    counter: readU32(b, 89),
    head: b.slice(93, 125),
    signature: b.slice(125, 189),
  });
}

const content = new Uint8Array(ATTESTATION_CONTENT_BYTES);
const digests = new WeakMap<object, { readonly network: Uint8Array; readonly digest: Uint8Array }>();

/**
 * What the device signs, and its next head; 32 bytes, shared: not to be written. Made once per attestation: host,
 * watch, lane and ledger server of one process hand the same object on, and nobody writes to it.
 */
export function attestationDigest(network: Uint8Array, a: Omit<Attestation, 'signature'>): Uint8Array {
  const known = digests.get(a);
  if (known !== undefined && equalBytes(known.network, network)) return known.digest;
  writeContent(content, 0, a);
  const digest = signingDigest(DOMAIN.attestation, network, content);
  digests.set(a, { network, digest });
  return digest;
}

/** The head a device starts boot `boot` with: nothing but the boot counter has to survive power loss. */
export function bootHead(network: Uint8Array, deviceKey: Uint8Array, boot: number): Uint8Array {
  const b = new Uint8Array(4);
  writeU32(b, 0, boot);
  return signingDigest(DOMAIN.head, network, concatBytes(deviceKey, b));
}
