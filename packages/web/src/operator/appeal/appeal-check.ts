import { equalBytes, fromHex, toHex } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import {
  ATTESTATION_BYTES,
  type Attestation,
  attestationDigest,
  decodeAttestation,
} from '@iotw/protocol/attestation';
import { decodeSignedHeader, SIGNED_HEADER_BYTES, type SignedHeader } from '@iotw/protocol/evidence';
import { blockHash } from '@iotw/protocol/header';
import type { DeviceInfo } from '@iotw/sdk/client/devices';

/** A device's answer and the header that it cites, as its owner or host has them. */
export interface AppealProof {
  readonly attestationBytes: Uint8Array;
  readonly attestation: Attestation;
  readonly headerBytes: Uint8Array;
  readonly signed: SignedHeader;
}

/** Reads both from hex, white space between it apart. Codes: `appeal-attestation`, `appeal-header` (they are none). */
export function readAppeal(attestationText: string, headerText: string): Result<AppealProof> {
  const attestationBytes = fromHex(plain(attestationText), ATTESTATION_BYTES);
  const attestation = attestationBytes && decodeAttestation(attestationBytes);
  if (attestationBytes === undefined || attestation?.ok !== true)
    return fail('appeal-attestation', `An answer has ${ATTESTATION_BYTES} bytes in hex.`);
  const headerBytes = fromHex(plain(headerText), SIGNED_HEADER_BYTES);
  const signed = headerBytes && decodeSignedHeader(headerBytes);
  if (headerBytes === undefined || signed?.ok !== true)
    return fail('appeal-header', `A signed header has ${SIGNED_HEADER_BYTES} bytes in hex.`);
  return ok({ attestationBytes, attestation: attestation.value, headerBytes, signed: signed.value });
}

const APPEALABLE: readonly string[] = ['unproven', 'disagreement'];

/**
 * Whether the ledger would take the device back (spec: 8.7.1), asked before anybody signs or pays. `laneKeys`: keys of the header's lane that
 * are known, hex. Codes as the ledger's: `appeal-not-blacklisted`, `appeal-refused`, `appeal-other-case`, `appeal-not-proof`, `appeal-signature`.
 */
export function judgeAppeal(
  network: Uint8Array,
  { attestation, signed }: AppealProof,
  device: Pick<DeviceInfo, 'status' | 'blacklistReason' | 'blacklistCase'>,
  laneKeys: readonly string[],
): Result<void> {
  if (device.blacklistReason === 'none')
    return fail('appeal-not-blacklisted', 'The device is not on the blacklist.');
  if (!APPEALABLE.includes(device.blacklistReason))
    return fail('appeal-refused', 'The device’s own signature proves what it is out for.');
  if (toHex(attestationDigest(network, attestation)) !== device.blacklistCase)
    return fail('appeal-other-case', 'The device is out for another answer than this.');
  const hash = blockHash(network, signed.header);
  if (!equalBytes(attestation.cited, hash) || !equalBytes(attestation.hash, hash))
    return fail('appeal-not-proof', 'The answer’s hash is not that of this header.');
  const good = laneKeys.some((key) => {
    const bytes = fromHex(key, 32);
    return bytes !== undefined && verify(signed.signature, hash, bytes);
  });
  return good ? ok(undefined) : fail('appeal-signature', 'The lane did not sign this header.');
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, '').toLowerCase();
}
