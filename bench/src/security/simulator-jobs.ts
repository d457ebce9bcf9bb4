import { Prng } from '@iotw/kernel/prng';
import { holding } from '@iotw/simulator/adversaries/adversary';
import { ADVERSARY_NAMES } from '@iotw/simulator/adversaries/mix';
import { SilentWitness } from '@iotw/simulator/adversaries/silent-witness';
import { WithholdingDevices } from '@iotw/simulator/adversaries/withholding-device';
import { DEFAULT_SIZE, type Measures, Simulation, type SimulationOptions } from '@iotw/simulator/simulation';
import { bootstrapMean, type Interval, quantile } from '@iotw/simulator/statistics/intervals';

function sizeOf(quick: boolean) {
  return quick
    ? { ...DEFAULT_SIZE, epochs: 3, devices: 24, transactions: 120 }
    : { ...DEFAULT_SIZE, epochs: 6, transactions: 600 };
}

interface Run {
  readonly measures: Measures;
  readonly acts: number;
  readonly violation: string | undefined;
}

function run(options: SimulationOptions): Run {
  const simulation = new Simulation({ ...options, calm: true });
  const { violation, coverage } = simulation.run();
  const acts = Object.entries(coverage)
    .filter(([name]) => name.startsWith('attack '))
    .reduce((sum, [, count]) => sum + count, 0);
  return {
    measures: simulation.measures(),
    acts,
    violation: violation?.invariant,
  };
}

/** Runs without an adversary, by what they depend on: several adversaries are held against each. */
const known = new Map<string, Run>();

function peace(size: ReturnType<typeof sizeOf>, seed: number): Run {
  const key = `${size.epochs} ${size.devices} ${size.transactions} ${seed}`;
  const result = known.get(key) ?? run({ ...size, seed, adversary: 'none' });
  known.set(key, result);
  return result;
}

export interface AdversaryRow {
  readonly name: string;
  readonly acts: number;
  /** Pay per epoch over what the same parties get when nobody attacks; undefined: it holds no such party. */
  readonly ownDevices: Interval | undefined;
  readonly ownNodes: Interval | undefined;
  readonly otherDevices: Interval;
  /** p99 of the time to finality over that without attack. */
  readonly finality: Interval;
  readonly blacklisted: Interval;
  /** Of them, devices the adversary does not hold. */
  readonly honestBlacklisted: number;
  readonly lanesSuspended: number;
  readonly bondLost: number;
  readonly violations: number;
  readonly seeds: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** One adversary against the same network without it, both calm. */
export function adversaryJob(name: string, quick: boolean): AdversaryRow {
  const seeds = quick ? 1 : 4;
  const size = sizeOf(quick);
  const ownDevices: number[] = [];
  const ownNodes: number[] = [];
  const otherDevices: number[] = [];
  const finality: number[] = [];
  const blacklisted: number[] = [];
  let acts = 0;
  let honestBlacklisted = 0;
  let lanesSuspended = 0;
  let bondLost = 0;
  let violations = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const attacked = run({ ...size, seed, adversary: name });
    const calm = peace(size, seed);
    if (attacked.violation !== undefined) violations += 1;
    acts += attacked.acts;
    const [a, c] = [attacked.measures, calm.measures];
    const held = a.held[0]!;
    const per = (pay: readonly number[], epochs: number, own: (i: number) => boolean): number =>
      sum(pay.filter((_, i) => own(i))) / Math.max(1, epochs);
    const over = (own: (i: number) => boolean): number =>
      per(a.earned, a.epochs, own) / Math.max(1, per(c.earned, c.epochs, own));
    if (held.devices.size > 0) ownDevices.push(over((i) => held.devices.has(i)));
    otherDevices.push(over((i) => !held.devices.has(i)));
    if (held.trustNodes.size > 0) {
      const nodes = (m: Measures): number =>
        sum(m.trustNodes.filter((_, i) => held.trustNodes.has(i)).map(({ earned }) => earned)) / m.epochs;
      ownNodes.push(nodes(a) / Math.max(1, nodes(c)));
    }
    finality.push(quantile(a.finalityMs, 0.99) / Math.max(1, quantile(c.finalityMs, 0.99)));
    blacklisted.push(a.blacklisted.length);
    honestBlacklisted += a.blacklisted.filter((device) => !held.devices.has(device)).length;
    lanesSuspended += a.trustNodes.filter(({ suspended }) => suspended).length;
    bondLost += sum(a.trustNodes.map(({ bond }, i) => c.trustNodes[i]!.bond - bond));
  }
  const prng = new Prng(`report ${name}`);
  const interval = (values: readonly number[]): Interval | undefined =>
    values.length === 0 ? undefined : bootstrapMean(values, prng);
  return {
    name,
    acts,
    ownDevices: interval(ownDevices),
    ownNodes: interval(ownNodes),
    otherDevices: bootstrapMean(otherDevices, prng),
    finality: bootstrapMean(finality, prng),
    blacklisted: bootstrapMean(blacklisted, prng),
    honestBlacklisted,
    lanesSuspended,
    bondLost,
    violations,
    seeds,
  };
}

export const SIMULATED_ADVERSARIES: readonly string[] = ADVERSARY_NAMES;

export interface WithholdingRow {
  readonly silentPercent: number;
  readonly p50: number;
  readonly p99: Interval;
}

/** Devices that are present and never answer; finality over the second half of each run, simulated ms. */
export function withholdingJob(silentPercent: number, quick: boolean): WithholdingRow {
  const size = quick ? sizeOf(quick) : { ...DEFAULT_SIZE, epochs: 10, transactions: 1_000 };
  const seeds = quick ? 1 : 4;
  const every = silentPercent === 0 ? 0 : Math.round(100 / silentPercent);
  const medians: number[] = [];
  const tails: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const silent = Array.from({ length: size.devices }, (_, i) => i).filter(
      (i) => every > 0 && i % every === 1,
    );
    const { measures } = run({
      ...size,
      seed,
      adversary: (world) => [new WithholdingDevices(world, holding({ devices: silent }), 1_000)],
    });
    // Hosts have met their silent devices by then.
    const settled = measures.finalityMs.slice(Math.floor(measures.finalityMs.length / 2));
    medians.push(quantile(settled, 0.5));
    tails.push(quantile(settled, 0.99));
  }
  return {
    silentPercent,
    p50: quantile(medians, 0.5),
    p99: bootstrapMean(tails, new Prng(`withholding ${silentPercent}`)),
  };
}

export interface CapturedRow {
  readonly captured: number;
  readonly of: number;
  /** Share of the transactions that became final. */
  readonly final: Interval;
  readonly stalls: number;
  readonly seeds: number;
}

/** f trust nodes that vote for no block but their own. */
export function capturedJob(captured: number, quick: boolean): CapturedRow {
  const size = { ...sizeOf(quick), epochs: 3, transactions: quick ? 120 : 400 };
  const seeds = quick ? 1 : 5;
  const finals: number[] = [];
  let stalls = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const nodes = Array.from({ length: captured }, (_, i) => i);
    const { measures, violation } = run({
      ...size,
      seed,
      adversary: (world) => (captured === 0 ? [] : [new SilentWitness(world, nodes, true)]),
    });
    finals.push(measures.finalityMs.length / size.transactions);
    if (violation !== undefined) stalls += 1;
  }
  return {
    captured,
    of: size.trustNodes,
    final: bootstrapMean(finals, new Prng(`captured ${captured}`)),
    stalls,
    seeds,
  };
}
