import { type KeyPair, sign, verify } from '@iotw/kernel/ed25519';
import { consentDigest } from '@iotw/protocol/digests';

/** The word of a device's owner on the data of its use (spec: 4.10). */
export interface DataConsent {
  /** 32-byte keys. */
  readonly device: Uint8Array;
  readonly owner: Uint8Array;
  /** The ledger's count of the device's ownership changes: the word ends with the ownership. */
  readonly changes: number;
  readonly share: boolean;
  /** Agreed time from which it holds. */
  readonly timeMs: number;
}

/** The owner's signature, 64 bytes. */
export function signConsent(
  network: Uint8Array,
  { device, changes, share, timeMs }: Omit<DataConsent, 'owner'>,
  owner: KeyPair,
): Uint8Array {
  return sign(consentDigest(network, device, owner.publicKey, changes, share, timeMs), owner.secretKey);
}

/** Whether the owner that it names said so. */
export function isConsentSigned(network: Uint8Array, consent: DataConsent, signature: Uint8Array): boolean {
  const { device, owner, changes, share, timeMs } = consent;
  return verify(signature, consentDigest(network, device, owner, changes, share, timeMs), owner);
}
