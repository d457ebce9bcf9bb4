import { toHex, utf8, writeU32 } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { signingDigest } from '@iotw/kernel/signing';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';

import type { NodeKeys } from '../node/node-config.js';

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

/** The key file of a process with all roles of a network made from this seed. */
export function devnetNodeKeys(seed: Uint8Array, trustNodes: number): NodeKeys {
  const hex = (label: string, index: number) => toHex(devnetSeed(seed, label, index));
  return {
    trust: Array.from({ length: trustNodes }, (_, index) => ({
      index,
      seed: hex('trust', index),
      accountSeed: hex('trust-account', index),
      linkSeed: hex('trust-link', index),
      tlsSeed: hex('trust-tls', index),
    })),
    ledger: { index: 0, seed: hex('ledger', 0), vrfSeed: hex('vrf', 0), linkSeed: hex('ledger-link', 0) },
    api: { index: 0, seed: hex('api', 0) },
    faucetSeed: hex('faucet', 0),
  };
}

/** The account of a customer or merchant of the replayed orders, by its name there. */
export function personKeys(seed: Uint8Array, kind: 'customer' | 'merchant', name: string): KeyPair {
  return keyPairFromSeed(signingDigest(`iotw/devnet/${kind}`, seed, utf8(name)));
}
