import { Prng } from '@iotw/kernel/prng';
import { chance } from '@iotw/sdk/security/chance';
import { mixedRisk, type SetRisk, setRisk, shownChance } from '@iotw/sdk/security/witness-risk';
import { type GriefingResult, grief } from '@iotw/simulator/arena/griefing';
import { grindSeeds } from '@iotw/simulator/arena/seed-grinding';
import { farm } from '@iotw/simulator/arena/sybil';
import { chooseWitnesses, drawCommittees, type WitnessChoice } from '@iotw/simulator/arena/witness-sets';
import {
  bootstrapMean,
  expectedFrequency,
  type Interval,
  wilson,
} from '@iotw/simulator/statistics/intervals';

/** The twelve points at which the calculator's formula is held against elections. */
const POINTS = [
  [4, 0.1, 3],
  [4, 0.2, 3],
  [4, 0.3, 3],
  [4, 0.3, 4],
  [5, 0.2, 3],
  [7, 0.2, 4],
  [7, 0.3, 5],
  [7, 0.5, 5],
  [10, 0.3, 7],
  [10, 0.4, 7],
  [16, 0.4, 11],
  [16, 0.5, 11],
] as const;

function risk(members: number, p: number, threshold: number): SetRisk {
  const compromised = chance(p);
  if (!compromised.ok) throw new Error(compromised.error.message);
  const result = setRisk({ members, compromised: compromised.value, threshold });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

export interface BinomialRow {
  readonly n: number;
  readonly p: number;
  readonly t: number;
  readonly trials: number;
  readonly forged: number;
  readonly forging: Interval;
  readonly stalled: number;
  readonly stalling: Interval;
  readonly inside: boolean;
}

export function binomialJob(quick: boolean): BinomialRow[] {
  const trials = quick ? 2_000 : 20_000;
  return POINTS.map(([n, p, t]) => {
    const { forged, stalled } = drawCommittees({ n, p, t }, trials, 'report');
    const { forging, stalling } = risk(n, p, t);
    const expected = [forging, stalling].map((c) => expectedFrequency(shownChance(c).value, trials));
    const inside = [forged, stalled].every((count, i) => {
      const frequency = count / trials;
      return frequency >= expected[i]!.low && frequency <= expected[i]!.high;
    });
    return { n, p, t, trials, forged, forging: expected[0]!, stalled, stalling: expected[1]!, inside };
  });
}

export interface PredictionRow {
  readonly p: number;
  readonly devices: number;
  readonly trustNodes: number;
  readonly mixed: number;
  readonly stallDevices: number;
  readonly stallTrustNodes: number;
}

/** A device committee of 4 that must agree, 16 trust nodes of which 11 must, and both. */
export function predictionJob(): PredictionRow[] {
  return Array.from({ length: 19 }, (_, i) => {
    const p = (i + 1) / 20;
    const devices = risk(4, p, 4);
    const trustNodes = risk(16, p, 11);
    const value = (c: SetRisk['forging']): number => shownChance(c).value;
    return {
      p,
      devices: value(devices.forging),
      trustNodes: value(trustNodes.forging),
      mixed: value(mixedRisk(devices, trustNodes).forging),
      stallDevices: value(devices.stalling),
      stallTrustNodes: value(trustNodes.stalling),
    };
  });
}

export interface ChoiceRow {
  readonly choice: WitnessChoice;
  readonly p: number;
  readonly seats: Interval;
  readonly whole: Interval;
}

export function choiceJob(quick: boolean): ChoiceRow[] {
  const committees = quick ? 400 : 4_000;
  const rows: ChoiceRow[] = [];
  for (const choice of ['random', 'first-to-arrive', 'diversity'] as const)
    for (const p of [0.05, 0.1, 0.2, 0.3, 0.4, 0.5]) {
      const { taken, seats, whole } = chooseWitnesses(choice, p, committees, 'report');
      rows.push({ choice, p, seats: wilson(taken, seats), whole: wilson(whole, committees) });
    }
  return rows;
}

const GRIEFING = { devices: 1_000, blocksPerEpoch: 25, griefersPerMille: 50 };
export const GRIEFING_RULES = ['honest', 'adjudicated', 'literal', 'adjudicated 50', 'literal 50'];
export const GRIEFING_SEEDS = 8;

export interface GriefingRun extends GriefingResult {
  readonly epochs: number;
  readonly griefers: number;
}

/** One run: `rule` is honest, adjudicated, literal, or one of the last two with a term of 50 epochs. */
export function griefingJob(rule: string, seed: number, quick: boolean): GriefingRun {
  const epochs = quick ? 8 : 1_000;
  const size = quick ? { ...GRIEFING, devices: 100 } : GRIEFING;
  const result = grief({
    ...size,
    epochs,
    adjudicate: rule.startsWith('literal') ? 0 : 1,
    blacklistEpochs: rule.endsWith('50') ? 50 : 8_640,
    strike: rule !== 'honest',
    seed: `report ${seed}`,
  });
  return { ...result, epochs, griefers: (size.devices * size.griefersPerMille) / 1_000 };
}

export interface SybilRow {
  readonly mode: string;
  readonly owners: number;
  readonly seeds: number;
  /** The farm's pay over what its share of the devices would be. */
  readonly share: Interval;
}

const FARMS = [
  ['random', 1],
  ['random', 10],
  ['random', 30],
  ['random', 300],
  ['reputation', 10],
  ['uptime', 10],
] as const;

/** One job for each kind of farm; the interval is over seeds. */
export const SYBIL_JOBS: readonly number[] = FARMS.map((_, index) => index);

export function sybilJob(index: number, quick: boolean): SybilRow {
  const [mode, owners] = FARMS[index]!;
  const seeds = quick ? 2 : 10;
  const size = quick
    ? { devices: 100, captured: 30, epochs: 3, blocksPerEpoch: 40 }
    : { devices: 1_000, captured: 300, epochs: 10, blocksPerEpoch: 100 };
  const shares = Array.from({ length: seeds }, (_, seed) => {
    const run = farm({ ...size, owners: Math.min(owners, size.captured), mode, seed: `report ${seed}` });
    return run.reduce((sum, share) => sum + share, 0) / run.length;
  });
  return { mode, owners, seeds, share: bootstrapMean(shares, new Prng(`sybil ${mode} ${owners}`)) };
}

export interface GrindingRow {
  readonly variants: number;
  readonly trials: number;
  readonly known: Interval;
  readonly unknown: Interval;
}

export function grindingJob(quick: boolean): GrindingRow[] {
  const trials = quick ? 5 : 200;
  return [1, 4, 16, 64].map((variants) => {
    const { known, unknown } = grindSeeds(variants, trials, 'report');
    const prng = new Prng(`grinding ${variants}`);
    return { variants, trials, known: bootstrapMean(known, prng), unknown: bootstrapMean(unknown, prng) };
  });
}
