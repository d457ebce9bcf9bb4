import { assert } from '@iotw/kernel/assert';
import { mulDivFloor } from '@iotw/kernel/wide';
import type { Parameters } from '@iotw/protocol/parameters';

/** How far one owner and one maker's batch may go in a pool (spec: clause 7.1). */
export type DampingRule = Pick<Parameters, 'ownerFreeDevices' | 'ownerCapBps' | 'batchCapBps'>;

/**
 * Weights stay as the mode gives them: the rule under which equal chance is measured.
 * @public
 */
export const UNDAMPED: DampingRule & Pick<Parameters, 'userShareBps'> = {
  ownerFreeDevices: 0,
  ownerCapBps: 10_000,
  batchCapBps: 10_000,
  userShareBps: 10_000,
};

/** Whose device it is. */
export interface DampedDevice {
  readonly owner: number;
  readonly maker: number;
  readonly batch: number;
}

const BASIS_POINTS = 10_000;
/** Damped weights are fractions of the mode's: they are counted in parts of this, or of the largest power of two that fits. */
const MAX_SCALE = 65_536;
const MAX_WEIGHT = 0xffff_ffff;

/**
 * The weights with which a pool is drawn (spec: clause 7.1): an owner's total beyond a free share grows
 * with its square root only, and neither an owner's nor a batch's exceeds its cap of the pool's undamped
 * total. Twice an even share is always free, so a pool of few owners or batches is not turned over.
 * Where nothing is beyond its share the weights stay as they are; else they are scaled, so that fractions
 * of small weights count. `weights`: integers of 1 .. 2^32-1, one per device; so is the result.
 */
export function dampWeights(
  devices: readonly DampedDevice[],
  weights: readonly number[],
  rule: DampingRule,
): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const owners = totals(devices, weights, ownerOf);
  const batches = totals(devices, weights, batchOf);
  const shares = { owner: freeShare(rule.ownerFreeDevices, devices.length, owners.size) };
  const ownerCap = capOf(rule.ownerCapBps, owners.size);
  const batchCap = capOf(rule.batchCapBps, batches.size);
  const free = freeTotal(shares.owner, total, devices.length);
  const bound =
    beyond(owners, Math.min(free, capTotal(ownerCap, total))) || beyond(batches, capTotal(batchCap, total));
  if (!bound) return weights;

  const scale = scaleFor(weights);
  const scaled = weights.map((weight) => weight * scale);
  const scaledTotal = total * scale;
  const ownerFree = freeTotal(shares.owner, scaledTotal, devices.length);
  const byOwner = limit(devices, scaled, ownerOf, (sum) =>
    Math.min(sum <= ownerFree ? sum : squareRoot(sum, ownerFree), capTotal(ownerCap, scaledTotal)),
  );
  return limit(devices, byOwner, batchOf, (sum) => Math.min(sum, capTotal(batchCap, scaledTotal))).map(
    (weight) => Math.max(1, weight),
  );
}

function ownerOf(device: DampedDevice): number {
  return device.owner;
}

function batchOf(device: DampedDevice): number {
  return device.maker * 0x1_0000_0000 + device.batch;
}

/** Sums of weights per group: at most 2^20 weights below 2^32, exact. */
function totals(
  devices: readonly DampedDevice[],
  weights: readonly number[],
  groupOf: (device: DampedDevice) => number,
): Map<number, number> {
  const sums = new Map<number, number>();
  for (let i = 0; i < devices.length; i++) {
    const group = groupOf(devices[i]!);
    sums.set(group, (sums.get(group) ?? 0) + weights[i]!);
  }
  return sums;
}

function beyond(sums: ReadonlyMap<number, number>, most: number): boolean {
  for (const sum of sums.values()) if (sum > most) return true;
  return false;
}

/** Devices of mean weight that an owner has undamped; 0: the rule is off. */
function freeShare(parameter: number, devices: number, owners: number): number {
  return parameter === 0 ? 0 : Math.max(parameter, Math.ceil((2 * devices) / Math.max(1, owners)));
}

/** That many mean weights, as a total; without bound where the rule is off. */
function freeTotal(share: number, total: number, devices: number): number {
  if (share === 0 || share >= devices) return Number.MAX_SAFE_INTEGER;
  return mulDivFloor(total, share, devices);
}

/** Basis points of the undamped total that one of `groups` may have: the parameter's, or twice an even share. */
function capOf(parameter: number, groups: number): number {
  return Math.max(parameter, Math.ceil((2 * BASIS_POINTS) / Math.max(1, groups)));
}

function capTotal(cap: number, total: number): number {
  return cap >= BASIS_POINTS ? Number.MAX_SAFE_INTEGER : mulDivFloor(total, cap, BASIS_POINTS);
}

function scaleFor(weights: readonly number[]): number {
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 1);
  let scale = MAX_SCALE;
  while (scale > 1 && largest * scale > MAX_WEIGHT) scale /= 2;
  return scale;
}

/** Every device's weight in proportion, so that its group has at most what `allowed` leaves it. */
function limit(
  devices: readonly DampedDevice[],
  weights: readonly number[],
  groupOf: (device: DampedDevice) => number,
  allowed: (sum: number) => number,
): number[] {
  const sums = totals(devices, weights, groupOf);
  const left = new Map<number, number>();
  for (const [group, sum] of sums) left.set(group, allowed(sum));
  return devices.map((device, i) => {
    const group = groupOf(device);
    const sum = sums.get(group)!;
    const most = left.get(group)!;
    return most >= sum ? weights[i]! : mulDivFloor(weights[i]!, most, sum);
  });
}

/** floor(sqrt(a * b)) for safe integers. */
function squareRoot(a: number, b: number): number {
  const n = BigInt(a) * BigInt(b);
  if (n === 0n) return 0;
  // From above Newton's steps fall until the floor is reached.
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  assert(root * root <= n && (root + 1n) * (root + 1n) > n, 'an integer square root is a floor');
  return Number(root);
}
