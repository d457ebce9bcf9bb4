import { utf8, writeU32 } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { signingDigest } from '@iotw/kernel/signing';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';

/** Every key of a devnet comes from one random 32-byte seed, by a label and a number. */
export function devnetSeed(seed: Uint8Array, label: string, index: number): Uint8Array {
  const number = new Uint8Array(4);
  writeU32(number, 0, index);
  return signingDigest(`iotw/devnet/${label}`, seed, number);
}

export function devnetKeys(seed: Uint8Array, label: string, index = 0): KeyPair {
  return keyPairFromSeed(devnetSeed(seed, label, index));
}

export function devnetVrfKeys(seed: Uint8Array, index: number): KeyPair {
  return vrfKeyPairFromSeed(devnetSeed(seed, 'vrf', index));
}

/** The account of a customer or merchant of the replayed orders, by its name there. */
export function personKeys(seed: Uint8Array, kind: 'customer' | 'merchant', name: string): KeyPair {
  return keyPairFromSeed(signingDigest(`iotw/devnet/${kind}`, seed, utf8(name)));
}
