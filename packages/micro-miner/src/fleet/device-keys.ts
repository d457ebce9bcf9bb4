/** The keys of a fleet of simulated devices, all from one seed. Real devices draw their own. */
import { writeU32 } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { signingDigest } from '@iotw/kernel/signing';

const DOMAIN = 'iotw/v1/fleet-device';

/**
 * Key pair of device `index` (u32) of the fleet with this 32-byte seed: its Ed25519 seed is
 * SHA-256( SHA-256('iotw/v1/fleet-device') || fleet seed || u32 index ). The network id is not in
 * it, because the genesis that gives the id lists these keys.
 */
export function fleetDeviceKeys(fleetSeed: Uint8Array, index: number): KeyPair {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, index);
  return keyPairFromSeed(signingDigest(DOMAIN, fleetSeed, bytes));
}
