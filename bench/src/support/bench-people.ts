import { devnetKeys, devnetSeed } from '@iotw/cli/devnet/devnet-keys';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fleetDeviceKeys } from '@iotw/micro-miner/fleet/device-keys';
import type { Genesis } from '@iotw/protocol/genesis';

/** Who takes part in a bench's network, all by keys from its seed: payers with funds and the devices of a fleet. */
export const PAYER_FUNDS = 100_000_000_000;

export function payerKeys(seed: Uint8Array, index: number): KeyPair {
  return devnetKeys(seed, 'payer', index);
}

/** Accounts of a genesis: the first `count` payers. */
export function payerAccounts(seed: Uint8Array, count: number): Genesis['accounts'][number][] {
  return Array.from({ length: count }, (_, i) => ({
    key: payerKeys(seed, i).publicKey,
    amount: PAYER_FUNDS,
  }));
}

export function fleetSeed(seed: Uint8Array): Uint8Array {
  return devnetSeed(seed, 'fleet', 0);
}

/** Public keys of the fleet's first `count` devices. */
export function deviceKeys(seed: Uint8Array, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => fleetDeviceKeys(fleetSeed(seed), i).publicKey);
}
