import { equalBytes } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { trustThreshold } from '@iotw/protocol/certificate';
import { MAX_POOL_DEVICES } from '@iotw/protocol/limits';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { ELECTION_MODE } from '@iotw/protocol/parameters';
import { type EpochSnapshot, type PoolDevice, poolRoot } from '@iotw/protocol/pool';
import { epochVoteDigest, type RoundHeader } from '@iotw/protocol/round';
import { CheckList } from './checks.js';
import type { Trust } from './trust.js';

/**
 * Whether a snapshot may be drawn from: `pool-root` (the root is that of devices, parameters and trust
 * nodes), `pool-mode` (the epoch's parameters' election mode, equal weights where it is random) and `pool-anchor` (somebody trusted vouches
 * for root and seed: the given signed rounds of that epoch, or the trust-node threshold by epoch votes).
 */
export function checkPool(
  list: CheckList,
  trust: Trust,
  pool: EpochSnapshot,
  rounds: readonly Pick<RoundHeader, 'epoch' | 'seed' | 'poolRoot'>[],
): boolean {
  if (!checkDevices(list, pool)) return false;
  return [checkMode(list, pool), checkAnchor(list, trust, pool, rounds)].every(Boolean);
}

/** `pool-root`: the devices are a pool, and the root is that of devices, parameters and trust nodes. */
export function checkDevices(list: CheckList, pool: EpochSnapshot): boolean {
  const name = 'pool-root';
  if (!isPool(pool.devices) || pool.seed.length !== 32) {
    return list.reject(name, `The devices of epoch ${pool.epoch} are out of order, or no pool.`);
  }
  return list.same(name, pool.root, poolRoot(pool), `The root of the ${pool.devices.length} devices`);
}

/** `pool-mode`: the election mode of the epoch's parameters, equal weights where it is random and nothing is damped. */
export function checkMode(list: CheckList, pool: EpochSnapshot): boolean {
  const name = 'pool-mode';
  if (ELECTION_MODE[pool.mode] !== pool.parameters.electionMode) {
    return list.reject(name, `The parameters elect by another mode than ${pool.mode}.`);
  }
  const { ownerFreeDevices, ownerCapBps, batchCapBps } = pool.parameters;
  const undamped = ownerFreeDevices === 0 && ownerCapBps >= 10_000 && batchCapBps >= 10_000;
  const unequal = pool.mode === 'random' && undamped && pool.devices.find(({ weight }) => weight !== 1);
  return list.test(
    name,
    !unequal,
    `The mode ${pool.mode} is the parameters'.`,
    'Devices have unequal weights although the mode is random and nothing is damped.',
  );
}

/**
 * Whether somebody trusted vouches for a pool, and for the trust nodes in it: only then may a key count that the
 * verifier did not know beforehand.
 */
export function isVouched(
  trust: Trust,
  pool: EpochSnapshot,
  rounds: readonly Pick<RoundHeader, 'epoch' | 'seed' | 'poolRoot'>[],
): boolean {
  const list = new CheckList();
  if (!checkDevices(list, pool)) return false;
  checkAnchor(list, trust, pool, rounds);
  return list.checks.every(({ state }) => state === 'pass');
}

function checkAnchor(
  list: CheckList,
  trust: Trust,
  pool: EpochSnapshot,
  rounds: readonly Pick<RoundHeader, 'epoch' | 'seed' | 'poolRoot'>[],
): boolean {
  const name = 'pool-anchor';
  const { epoch, seed, root } = pool;
  const round = [...rounds, ...(trust.rounds ?? [])].find((header) => header.epoch === epoch);
  if (round !== undefined) {
    return list.test(
      name,
      equalBytes(round.seed, seed) && equalBytes(round.poolRoot, root),
      `A round of epoch ${epoch} has the same pool root and seed.`,
      `A round of epoch ${epoch} has another pool root or seed.`,
    );
  }
  const voted = countVotes(trust, pool);
  const needed = trustThreshold(trust.trustNodeKeys.length);
  if (voted >= needed) {
    return list.pass(name, `${voted} trust nodes voted for the pool root and seed of epoch ${epoch}.`);
  }
  list.unchecked(
    name,
    `Neither a round of epoch ${epoch} nor the votes of ${needed} trust nodes (${voted} given) vouch for this pool.`,
  );
  return true;
}

/** Different trust nodes whose good vote is for this very root and seed; other votes count for nothing. */
function countVotes(trust: Trust, pool: EpochSnapshot): number {
  const voted = new Set<number>();
  for (const vote of trust.epochVotes ?? []) {
    const key = trust.trustNodeKeys[vote.witness];
    if (key === undefined || vote.epoch !== pool.epoch) continue;
    if (!equalBytes(vote.poolRoot, pool.root) || !equalBytes(vote.seed, pool.seed)) continue;
    if (verify(vote.signature, epochVoteDigest(trust.network, vote), key)) voted.add(vote.witness);
  }
  return voted.size;
}

/** Ascending device numbers, keys of 32 bytes, positive weights: a draw over anything else has no end or meaning. */
function isPool(devices: readonly PoolDevice[]): boolean {
  if (devices.length > MAX_POOL_DEVICES) return false;
  let last = -1;
  for (const { device, key, weight, host, maker, region, owner, deviceClass } of devices) {
    if (!(Number.isInteger(device) && device > last && device <= 0xffff_ffff)) return false;
    if (!(Number.isInteger(weight) && weight >= 1 && weight <= 0xffff_ffff)) return false;
    if (!(key.length === 32 && isUnsigned(host, 0xffff) && isUnsigned(maker, 0xffff))) return false;
    if (!(isUnsigned(region, 0xff) && isUnsigned(owner, 0xffff_ffff))) return false;
    if (!isUnsigned(deviceClass, DEVICE_CLASS.user)) return false;
    last = device;
  }
  return true;
}

function isUnsigned(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
