import { mulDivFloor } from '@iotw/kernel/wide';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import type { Parameters } from '@iotw/protocol/parameters';
import type { PoolDevice } from '@iotw/protocol/pool';
import { attemptRanks } from './committee.js';
import type { RankedDraw } from './draw.js';

/**
 * People as witnesses: devices of class `user` (spec: clause 7.10). They cost nothing to make and nobody vouches
 * for their hardware, so they have their own bounds: a share of a pool's weight, and seats in a committee.
 */

/** How far people may go in a pool and in a committee. */
type PeopleRule = Pick<Parameters, 'userSeats' | 'userShareBps'>;

const BASIS_POINTS = 10_000;
/** Weights are counted in parts of this, or of the largest power of two that fits, where people are held to their share. */
const MAX_SCALE = 65_536;
const MAX_WEIGHT = 0xffff_ffff;

export function isPerson({ deviceClass }: Pick<PoolDevice, 'deviceClass'>): boolean {
  return deviceClass === DEVICE_CLASS.user;
}

/** Whether pools of these parameters hold people at all. */
export function admitsPeople({ userSeats, userShareBps }: PeopleRule): boolean {
  return userSeats > 0 && userShareBps > 0;
}

/**
 * The weights with which a pool is drawn once people are held to userShareBps of its whole weight. Where they are
 * below, or there is nobody else, or 10,000 is allowed, nothing changes. `weights`: integers of 1 .. 2^32-1; so is the result.
 */
export function limitPeople(
  devices: readonly Pick<PoolDevice, 'deviceClass'>[],
  weights: readonly number[],
  { userShareBps }: Pick<PeopleRule, 'userShareBps'>,
): readonly number[] {
  let people = 0;
  let others = 0;
  let largest = 1;
  for (const [i, weight] of weights.entries()) {
    if (isPerson(devices[i]!)) people += weight;
    else others += weight;
    largest = Math.max(largest, weight);
  }
  if (people === 0 || others === 0 || userShareBps >= BASIS_POINTS) return weights;
  const share = (whole: number) => mulDivFloor(whole, userShareBps, BASIS_POINTS - userShareBps);
  if (people <= share(others)) return weights;
  let scale = MAX_SCALE;
  while (scale > 1 && largest * scale > MAX_WEIGHT) scale /= 2;
  const allowed = share(others * scale);
  return weights.map((weight, i) =>
    isPerson(devices[i]!) ? Math.max(1, mulDivFloor(weight, allowed, people)) : weight * scale,
  );
}

/**
 * Whether the device at `rank` is asked: it was not removed, and if it is a person, fewer than userSeats
 * other people that were not removed stand before it in its attempt. Ranks that are not asked are skipped, nothing is redrawn.
 */
export function isAsked(
  draw: Pick<RankedDraw, 'at'>,
  parameters: Pick<Parameters, 'ranksPerAttempt' | 'userSeats'>,
  rank: number,
  removed: (device: number) => boolean,
): boolean {
  const device = draw.at(rank);
  if (device === undefined || removed(device.device)) return false;
  if (!isPerson(device)) return true;
  const { first } = attemptRanks(parameters, Math.floor(rank / parameters.ranksPerAttempt));
  let seats = parameters.userSeats;
  for (let before = first; before < rank; before++) {
    const other = draw.at(before)!;
    if (isPerson(other) && !removed(other.device)) seats -= 1;
  }
  return seats > 0;
}
