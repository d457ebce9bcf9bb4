import { UNDAMPED } from '@iotw/assignment/damping';
import { RankedDraw } from '@iotw/assignment/draw';
import { devicesWithTickets, ticketBits, ticketsWon } from '@iotw/assignment/tickets';
import { freezePool } from '@iotw/assignment/weights';
import { utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfOutput, vrfProve } from '@iotw/kernel/vrf';
import { ticketAlpha } from '@iotw/protocol/digests';
import { DEVNET_PARAMETERS, ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';
import { Frequencies } from './chi-square.js';
import { candidates, ticketKeys } from './fair-pools.js';

/** What one test of frequencies found. */
export interface Found {
  readonly name: string;
  readonly draws: number;
  readonly frequencies: Frequencies;
}

const NETWORK = sha256(utf8('fairness'));
const EPOCH_DRAWS = 1_000;
const LANE = 3;

export function snapshotOf(
  mode: ElectionMode,
  devices: readonly PoolDevice[],
  seed: Uint8Array,
): EpochSnapshot {
  return {
    epoch: 1,
    mode,
    seed,
    devices,
    root: new Uint8Array(32),
    parameters: DEVNET_PARAMETERS,
    trustNodes: [],
    assigners: [],
  };
}

/** Counts who stands at rank 0 in `draws` elections of one epoch. */
export function firstRanks(snapshot: EpochSnapshot, draws: number): number[] {
  const place = new Map(snapshot.devices.map(({ device }, i) => [device, i]));
  const counts = new Array<number>(snapshot.devices.length).fill(0);
  for (let height = 1; height <= draws; height++) {
    const draw = new RankedDraw(snapshot, NETWORK, LANE, height, {
      committeeSize: 4,
      excludeHost: undefined,
    });
    counts[place.get(draw.at(0)!.device)!]! += 1;
  }
  return counts;
}

/** Every second device has 101 parts of weight where the others have 100 (times `bias` in place of 1). */
function biased(devices: readonly PoolDevice[], bias: boolean): PoolDevice[] {
  return devices.map((d) => ({ ...d, weight: d.weight * 100 + (bias && d.device % 2 === 1 ? d.weight : 0) }));
}

/**
 * First draws in a mode whose pool is drawn as it is frozen, over epochs of 1,000 elections with a seed each.
 * With `bias` half the pool is drawn with 1% more weight than the frequencies are held against.
 */
export function plainMode(
  mode: Exclude<ElectionMode, 'vrf'>,
  draws: number,
  seed: string,
  bias: boolean,
): Found {
  const pool = freezePool(candidates(1_000, `${seed} ${mode}`), mode, { ...UNDAMPED, ticketWeight: 0 });
  // Large stakes leave no room for hundredths; the pool of this test has none.
  const drawn = biased(pool, bias);
  const counts = new Array<number>(pool.length).fill(0);
  for (let epoch = 0; epoch * EPOCH_DRAWS < draws; epoch++) {
    const epochSeed = sha256(utf8(`${seed} ${mode} ${bias} ${epoch}`));
    const snapshot = snapshotOf(mode, drawn, epochSeed);
    firstRanks(snapshot, EPOCH_DRAWS).forEach((n, i) => {
      counts[i]! += n;
    });
  }
  const frequencies = new Frequencies();
  frequencies.add(
    counts,
    pool.map(({ weight }) => weight),
    (i) => pool[i]!.device % 2 === 1,
  );
  return { name: mode, draws, frequencies };
}

/**
 * Mode vrf: 200 devices with real proofs over each epoch's seed, winners, then first draws among them.
 * Two findings: who wins tickets, over all epochs, and who is drawn, given the winners of each epoch.
 */
export function ticketMode(weighted: boolean, draws: number, seed: string, bias: boolean): Found[] {
  const count = 200;
  const ticketWeight = weighted ? ELECTION_MODE.uptime : ELECTION_MODE.random;
  const parameters = { ...DEVNET_PARAMETERS, ticketTarget: 40, ticketWeight };
  const devices = freezePool(candidates(count, `${seed} vrf`), 'vrf', { ...UNDAMPED, ticketWeight });
  const keys = ticketKeys(count, seed);
  const pool = { mode: 'vrf' as const, devices, parameters };
  const epochDraws = 10 * EPOCH_DRAWS;
  const epochs = Math.ceil(draws / epochDraws);
  const won = new Array<number>(count).fill(0);
  const drawn = new Frequencies();
  for (let epoch = 0; epoch < epochs; epoch++) {
    const epochSeed = sha256(utf8(`${seed} vrf ${weighted} ${bias} ${epoch}`));
    const tickets = devices.map((_, i) => {
      const proof = vrfProve(keys[i]!.secretKey, ticketAlpha(NETWORK, epochSeed, epoch, i));
      return ticketsWon(pool, i, vrfOutput(proof)!);
    });
    tickets.forEach((n, i) => {
      won[i]! += n;
    });
    const winners = devicesWithTickets(pool, (device) => tickets[device]!);
    if (winners === undefined) continue;
    const snapshot = snapshotOf('vrf', biased(winners, bias), epochSeed);
    drawn.add(
      firstRanks(snapshot, epochDraws),
      winners.map(({ weight }) => weight),
      (i) => winners[i]!.device % 2 === 1,
    );
  }
  const name = weighted ? 'vrf weighted' : 'vrf';
  return [
    { name, draws: epochs * epochDraws, frequencies: drawn },
    { name: `${name}: tickets`, draws: epochs * count, frequencies: ticketFrequencies(pool, won, epochs) },
  ];
}

/** Devices win independently: each one's tickets against their mean and variance, one degree of freedom each. */
function ticketFrequencies(
  pool: Parameters<typeof ticketsWon>[0],
  won: readonly number[],
  epochs: number,
): Frequencies {
  const { devices, parameters } = pool;
  const frequencies = new Frequencies();
  const total = devices.reduce((sum, { weight }) => sum + weight, 0);
  const weighted = parameters.ticketWeight !== ELECTION_MODE.random;
  devices.forEach(({ weight }, i) => {
    const units = weighted ? weight : 1;
    const p = weighted
      ? parameters.ticketTarget / total
      : 2 ** -ticketBits(devices.length, parameters.ticketTarget);
    const expected = epochs * units * p;
    frequencies.statistic += (won[i]! - expected) ** 2 / (expected * (1 - p));
    frequencies.dof += 1;
  });
  return frequencies;
}

/** Microseconds of one first draw in this process, after warming up. */
export function firstDrawMicroseconds(): number {
  const pool = freezePool(candidates(1_000, 'timing'), 'uptime', { ...UNDAMPED, ticketWeight: 0 });
  const snapshot = snapshotOf('uptime', pool, sha256(utf8('timing')));
  firstRanks(snapshot, 5_000);
  const began = performance.now();
  firstRanks(snapshot, 20_000);
  return (1_000 * (performance.now() - began)) / 20_000;
}
