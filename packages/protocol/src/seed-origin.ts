import { assert } from '@iotw/kernel/assert';
import { readU64, writeU64 } from '@iotw/kernel/bytes';

/** What made an epoch's seed, as round headers name it (spec: clause 9.5); the number is on the wire. */
export const SEED_ORIGIN = { genesis: 0, vrf: 1, threshold: 2, public: 3 } as const;
export type SeedOriginName = keyof typeof SEED_ORIGIN;

/** Bytes of a header's seedKey; what is shorter ends in zeros. */
export const SEED_KEY_BYTES = 48;

/** What made a seed, and by which key it can be checked. */
export interface SeedOrigin {
  /** A number of SEED_ORIGIN. */
  readonly seedSource: number;
  /** The VRF key 32, the group's key 48, or the public beacon's chain hash 32 and its round u64. */
  readonly seedKey: Uint8Array;
}

/** The origin of a source whose key has `key`'s bytes (32 or 48; none: the genesis). */
export function seedOrigin(
  source: Exclude<SeedOriginName, 'public'>,
  key: Uint8Array = new Uint8Array(0),
): SeedOrigin {
  assert(key.length <= SEED_KEY_BYTES, 'a seed key has at most 48 bytes');
  const seedKey = new Uint8Array(SEED_KEY_BYTES);
  seedKey.set(key);
  return { seedSource: SEED_ORIGIN[source], seedKey };
}

/** The origin of a seed made from round `round` of the public beacon with that chain hash (32 bytes). */
export function publicOrigin(chain: Uint8Array, round: number): SeedOrigin {
  const seedKey = new Uint8Array(SEED_KEY_BYTES);
  seedKey.set(chain);
  writeU64(seedKey, 32, round);
  return { seedSource: SEED_ORIGIN.public, seedKey };
}

/** Chain hash and round of an origin that is a public beacon's; undefined where the round is no number of ours. */
export function readPublicOrigin({
  seedKey,
}: SeedOrigin): { readonly chain: Uint8Array; readonly round: number } | undefined {
  if (seedKey[38] !== 0 || seedKey[39] !== 0) return undefined;
  const round = readU64(seedKey, 32);
  return Number.isSafeInteger(round) ? { chain: seedKey.subarray(0, 32), round } : undefined;
}

/** The name of a source's number; undefined for one that this software does not know. */
export function seedOriginName(seedSource: number): SeedOriginName | undefined {
  return (Object.keys(SEED_ORIGIN) as SeedOriginName[]).find((name) => SEED_ORIGIN[name] === seedSource);
}
