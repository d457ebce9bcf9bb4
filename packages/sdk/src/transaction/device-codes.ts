/** Codes of devices (spec: 11.6): made by who holds a key, checked by who is to act on them. */
import { type KeyPair, verify } from '@iotw/kernel/ed25519';
import { type DeviceCode, encodeDeviceCode } from '@iotw/protocol/device-code';
import { claimDigest, handoverDigest } from '@iotw/protocol/digests';
import { deviceClaim } from './device-operations.js';

type SignedCode = Exclude<DeviceCode, { kind: 'device' }>;

/**
 * The text with which `owner` (32-byte key) claims a device whose keys are at hand. `changes` is the ledger's count of its ownership changes
 * (`getDevice`): the code is good for one claim.
 */
export function claimCode(
  network: Uint8Array,
  owner: Uint8Array,
  changes: number,
  deviceKeys: KeyPair,
): string {
  const { device, deviceSignature } = deviceClaim(network, owner, changes, deviceKeys);
  return encodeDeviceCode(network, { kind: 'claim', device, owner, changes, signature: deviceSignature });
}

/**
 * Whether the signature in a code is that of the device (`claim`), or of the new owner for a hand-over by `from`, the present one (`accept`;
 * 32-byte key): what the ledger will ask.
 */
export function isCodeSigned(network: Uint8Array, code: SignedCode, from?: Uint8Array): boolean {
  const { device, owner, changes, signature } = code;
  if (code.kind === 'claim') return verify(signature, claimDigest(network, device, owner, changes), device);
  return (
    from !== undefined && verify(signature, handoverDigest(network, device, from, owner, changes), owner)
  );
}
