/**
 * Who holds how much of an epoch's pool, weight and pay, and which devices move as one: from public ledger data
 * alone, in integers, so that everybody gets the same report (docs/operate/farms.md).
 */
import { mulDivFloor } from '@iotw/kernel/wide';

/** A device of the epoch's frozen pool, and what the ledger keeps of it. */
export interface FarmDevice {
  readonly device: number;
  /** Account number that was paid when the pool was frozen. */
  readonly owner: number;
  readonly maker: number;
  readonly batch: number;
  readonly host: number;
  readonly registeredEpoch: number;
  readonly weight: number;
  /** Answers, paid or not, and certified misses of the epoch; base units it was paid. */
  readonly answers: number;
  readonly missed: number;
  readonly earned: number;
  /** One letter per kept epoch, oldest first: `.` not in the pool, `a` absent, `p` present, `m` with a miss, `x` removed. */
  readonly pattern: string;
}

export type FarmKind = 'owner' | 'batch' | 'maker' | 'host';

export type FarmFlag = 'concentrated' | 'one-host' | 'same-pattern' | 'registered-together';

/** Devices with something in common; shares in parts per million of the whole pool, floored. */
export interface FarmGroup {
  /** Account, maker or host number; of a batch `maker/batch`. */
  readonly name: string;
  readonly devices: number;
  readonly owners: number;
  readonly batches: number;
  readonly hosts: number;
  readonly poolPpm: number;
  readonly weightPpm: number;
  readonly earnedPpm: number;
  readonly answers: number;
  /** Answers it would have at equal chance: all answers by its share of the pool's devices. */
  readonly equalAnswers: number;
  readonly missed: number;
  readonly flags: readonly FarmFlag[];
}

/** Devices of one host, registered in one epoch, that were there, absent and silent in the very same epochs. */
export interface FarmCohort extends FarmGroup {
  readonly host: number;
  readonly registeredEpoch: number;
  readonly pattern: string;
  /** Devices that would share the pattern if each behaved like the others at its host, in millionths. */
  readonly expectedMillionths: number;
}

const PPM = 1_000_000;
/** Fewer devices say nothing. */
const LEAST_COHORT = 3;
const LEAST_ONE_HOST = 10;
/** A pattern is told when it is this many times as frequent as chance makes it. */
const BEYOND_CHANCE = 10;

const NAME_OF: { readonly [K in FarmKind]: (device: FarmDevice) => string } = {
  owner: (d) => String(d.owner),
  batch: (d) => `${d.maker}/${d.batch}`,
  maker: (d) => String(d.maker),
  host: (d) => String(d.host),
};

/**
 * Groups of one kind, the heaviest first. `concentrated`: its share of the weight or of the pay is above
 * `thresholdPpm` and above twice an equal part among the groups of its kind. `one-host`: ten devices or more,
 * all at one of several hosts.
 */
export function farmGroups(
  devices: readonly FarmDevice[],
  kind: FarmKind,
  thresholdPpm: number,
): FarmGroup[] {
  const totals = totalsOf(devices);
  const groups = groupBy(devices, NAME_OF[kind]);
  const equalPart = Math.floor((2 * PPM) / Math.max(1, groups.size));
  return [...groups]
    .map(([name, members]) => {
      const group = measure(name, members, totals);
      const flags: FarmFlag[] = [];
      const share = Math.max(group.weightPpm, group.earnedPpm);
      if (share > thresholdPpm && share > equalPart) flags.push('concentrated');
      if (kind !== 'host' && group.devices >= LEAST_ONE_HOST && group.hosts === 1 && totals.hosts > 1) {
        flags.push('one-host');
      }
      return { ...group, flags };
    })
    .sort(byWeight);
}

/**
 * Cohorts that chance does not explain, the largest first. `same-pattern`: the epochs in which they were absent or
 * silent are the same, ten times as often as the others at their host let expect. `registered-together`: ten or more, no
 * owner with more than half of them, yet put on the ledger in one epoch (not the genesis') and never apart since.
 */
export function farmCohorts(devices: readonly FarmDevice[]): FarmCohort[] {
  const totals = totalsOf(devices);
  const cohorts: FarmCohort[] = [];
  for (const atHost of groupBy(devices, (d) => String(d.host)).values()) {
    const frequencies = frequenciesOf(atHost);
    for (const members of groupBy(atHost, (d) => `${d.registeredEpoch} ${d.pattern}`).values()) {
      if (members.length < LEAST_COHORT) continue;
      const { host, registeredEpoch, pattern } = members[0]!;
      const expectedMillionths = expected(pattern, members.length, atHost.length, frequencies);
      const group = measure(`${host}/${registeredEpoch}/${pattern}`, members, totals);
      const flags: FarmFlag[] = [];
      if (/[amx]/.test(pattern) && members.length * PPM >= BEYOND_CHANCE * expectedMillionths) {
        flags.push('same-pattern');
      }
      let most = 0;
      for (const own of groupBy(members, NAME_OF.owner).values()) most = Math.max(most, own.length);
      if (2 * most <= members.length && registeredEpoch > 0 && members.length >= LEAST_ONE_HOST) {
        flags.push('registered-together');
      }
      if (flags.length > 0) {
        cohorts.push({ ...group, host, registeredEpoch, pattern, expectedMillionths, flags });
      }
    }
  }
  return cohorts.sort((a, b) => b.devices - a.devices || byWeight(a, b));
}

interface Totals {
  readonly devices: number;
  readonly weight: number;
  readonly earned: number;
  readonly answers: number;
  readonly hosts: number;
}

function totalsOf(devices: readonly FarmDevice[]): Totals {
  return {
    devices: devices.length,
    weight: sum(devices, (d) => d.weight),
    earned: sum(devices, (d) => d.earned),
    answers: sum(devices, (d) => d.answers),
    hosts: distinct(devices, (d) => d.host),
  };
}

function measure(name: string, members: readonly FarmDevice[], totals: Totals): Omit<FarmGroup, 'flags'> {
  return {
    name,
    devices: members.length,
    owners: distinct(members, (d) => d.owner),
    batches: distinct(members, NAME_OF.batch),
    hosts: distinct(members, (d) => d.host),
    poolPpm: ppm(members.length, totals.devices),
    weightPpm: ppm(
      sum(members, (d) => d.weight),
      totals.weight,
    ),
    earnedPpm: ppm(
      sum(members, (d) => d.earned),
      totals.earned,
    ),
    answers: sum(members, (d) => d.answers),
    equalAnswers: totals.devices === 0 ? 0 : mulDivFloor(totals.answers, members.length, totals.devices),
    missed: sum(members, (d) => d.missed),
  };
}

/** Per kept epoch: how many of the devices had each letter. */
function frequenciesOf(devices: readonly FarmDevice[]): ReadonlyMap<string, number>[] {
  const frequencies: Map<string, number>[] = [];
  for (const { pattern } of devices) {
    for (let i = 0; i < pattern.length; i++) {
      frequencies[i] ??= new Map();
      const letter = pattern[i]!;
      frequencies[i]!.set(letter, (frequencies[i]!.get(letter) ?? 0) + 1);
    }
  }
  return frequencies;
}

/**
 * How many devices of a host with `count` would show the pattern of `size` of them if each behaved like the others there and
 * its epochs were independent, in millionths. The others count as one more that shows it: nothing is impossible.
 */
function expected(
  pattern: string,
  size: number,
  count: number,
  frequencies: readonly ReadonlyMap<string, number>[],
): number {
  const others = count - size + 1;
  let millionths = count * PPM;
  for (let i = 0; i < pattern.length; i++) {
    const alike = frequencies[i]!.get(pattern[i]!)! - size + 1;
    millionths = mulDivFloor(millionths, alike, others);
  }
  return millionths;
}

function groupBy(
  devices: readonly FarmDevice[],
  nameOf: (d: FarmDevice) => string,
): Map<string, FarmDevice[]> {
  const groups = new Map<string, FarmDevice[]>();
  for (const device of devices) {
    const name = nameOf(device);
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [device]);
    else members.push(device);
  }
  return groups;
}

function byWeight(a: FarmGroup, b: FarmGroup): number {
  return b.weightPpm - a.weightPpm || b.devices - a.devices || (a.name < b.name ? -1 : 1);
}

function ppm(part: number, whole: number): number {
  return whole === 0 ? 0 : mulDivFloor(part, PPM, whole);
}

function sum(devices: readonly FarmDevice[], of: (d: FarmDevice) => number): number {
  return devices.reduce((total, device) => total + of(device), 0);
}

function distinct(devices: readonly FarmDevice[], of: (d: FarmDevice) => number | string): number {
  return new Set(devices.map(of)).size;
}
