import { sign } from '@iotw/kernel/ed25519';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import { decodeDeviceResult, encodeDeviceResult } from '@iotw/protocol/device-wire';
import type { World } from '../world/world.js';

/** What captured keys can sign. */

/** The attestation in a device's answer; undefined where it is a refusal. */
export function attestationIn(answer: Uint8Array): Attestation | undefined {
  const result = decodeDeviceResult(answer);
  return result.ok && result.value.kind === 'attestation' ? result.value.attestation : undefined;
}

/** An attestation with other content, signed by its device's key, as the device would send it. */
export function forgedAnswer(
  world: World,
  device: number,
  truth: Attestation,
  change: Partial<Omit<Attestation, 'signature'>>,
): Uint8Array {
  const { signature: _, ...content } = { ...truth, ...change };
  const { secretKey } = world.keys.devices[device]!;
  const signature = sign(attestationDigest(world.id, content), secretKey);
  return encodeDeviceResult({ kind: 'attestation', attestation: { ...content, signature } });
}

/** The bytes with their first bit turned over. */
export function flipped(bytes: Uint8Array): Uint8Array {
  const other = bytes.slice();
  other[0]! ^= 1;
  return other;
}
