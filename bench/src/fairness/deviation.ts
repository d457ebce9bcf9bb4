import { type DampingRule, UNDAMPED } from '@iotw/assignment/damping';
import { RankedDraw } from '@iotw/assignment/draw';
import { type Candidate, freezePool } from '@iotw/assignment/weights';
import { utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import type { PoolDevice } from '@iotw/protocol/pool';
import { candidates } from './fair-pools.js';
import { snapshotOf } from './first-draws.js';

/** How far what devices get is from an equal chance. */
export interface Deviation {
  readonly what: string;
  /** Part of all seats that would have to change hands for every device to have the same, in percent. */
  readonly movedPercent: number;
  /** Seats per device of each group against an equal chance, 1 = equal. */
  readonly groups: Readonly<Record<string, number>>;
}

const NETWORK = sha256(utf8('fairness'));
const EPOCH_DRAWS = 1_000;
const SEATS = 4;
const NO_DAMPING = { ...UNDAMPED, ticketWeight: 0 };

/** Seats per device over `blocks` elections; a device for which `silent` is true answers nothing. */
function seats(
  pool: readonly PoolDevice[],
  blocks: number,
  seed: string,
  ranks: number,
  silent: (device: number) => boolean = () => false,
): number[] {
  const counts = new Array<number>(pool.length).fill(0);
  for (let epoch = 0; epoch * EPOCH_DRAWS < blocks; epoch++) {
    const snapshot = snapshotOf('random', pool, sha256(utf8(`${seed} ${epoch}`)));
    for (let height = 1; height <= EPOCH_DRAWS; height++) {
      const draw = new RankedDraw(snapshot, NETWORK, 0, height, {
        committeeSize: SEATS,
        excludeHost: undefined,
      });
      let taken = 0;
      for (let rank = 0; rank < 16 && taken < ranks; rank++) {
        const device = draw.at(rank)!.device;
        if (silent(device)) continue;
        counts[device]! += 1;
        taken += 1;
      }
    }
  }
  return counts;
}

function deviation(
  what: string,
  pool: readonly PoolDevice[],
  counts: readonly number[],
  groupOf: (device: PoolDevice) => string,
): Deviation {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const even = total / pool.length;
  const moved = counts.reduce((sum, n) => sum + Math.abs(n - even), 0) / 2 / total;
  const groups = new Map<string, { seats: number; devices: number }>();
  pool.forEach((device, i) => {
    const group = groups.get(groupOf(device)) ?? { seats: 0, devices: 0 };
    groups.set(groupOf(device), { seats: group.seats + counts[i]!, devices: group.devices + 1 });
  });
  const shares = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    what,
    movedPercent: round(100 * moved),
    groups: Object.fromEntries(shares.map(([name, g]) => [name, round(g.seats / g.devices / even)])),
  };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** 300 of 1,000 devices are one farm: of one owner, or of many owners and one batch. */
function withFarm(seed: string, owners: number): Candidate[] {
  return candidates(1_000, seed).map((c) =>
    c.device < 300
      ? { ...c, owner: 10_000 + (c.device % owners), maker: 9, batch: 7 }
      : { ...c, batch: c.owner },
  );
}

function freeze(list: readonly Candidate[], rule: DampingRule): PoolDevice[] {
  return freezePool(list, 'random', { ...rule, ticketWeight: 0, userShareBps: UNDAMPED.userShareBps });
}

/** What each rule beyond the first draw does to equal chances, over `blocks` elections each. */
export function deviations(blocks: number, seed: string, defaults: DampingRule): Deviation[] {
  const pool = freezePool(candidates(1_000, seed), 'random', NO_DAMPING);
  const farm = (device: PoolDevice): string => (device.maker === 9 ? 'farm' : 'others');
  const oneOwner = withFarm(seed, 1);
  const oneBatch = withFarm(seed, 75);
  const silent = (device: number): boolean => device % 10 === 0;
  const answering = pool.filter(({ device }) => !silent(device));
  const withSilent = seats(pool, blocks, `${seed} silent`, SEATS, silent).filter((_, i) => !silent(i));
  const drawn = (devices: readonly PoolDevice[], what: string) =>
    deviation(what, devices, seats(devices, blocks, `${seed} ${what}`, 1), farm);
  return [
    deviation(
      'chance alone (first ranks)',
      pool,
      seats(pool, blocks * SEATS, `${seed} noise`, 1),
      () => 'all',
    ),
    deviation(
      'diversity, by region',
      pool,
      seats(pool, blocks, `${seed} seats`, SEATS),
      (d) => `region ${d.region}`,
    ),
    deviation(
      'diversity, by maker',
      pool,
      seats(pool, blocks, `${seed} seats`, SEATS),
      (d) => `maker ${d.maker}`,
    ),
    deviation('hedging: a tenth silent, the others', answering, withSilent, (d) => `region ${d.region}`),
    drawn(freeze(oneOwner, UNDAMPED), 'a farm of 300, undamped'),
    drawn(freeze(oneOwner, defaults), 'a farm of 300 of one owner'),
    drawn(freeze(oneBatch, defaults), 'a farm of 300 of one batch, 75 owners'),
    drawn(
      freeze(oneBatch, { ...defaults, batchCapBps: 1_000 }),
      'a farm of 300 of one batch, 75 owners, batchCapBps 1,000',
    ),
  ];
}
