import type { Interval } from '@iotw/simulator/statistics/intervals';
import {
  type BinomialRow,
  binomialJob,
  type ChoiceRow,
  choiceJob,
  GRIEFING_RULES,
  GRIEFING_SEEDS,
  type GriefingRun,
  type GrindingRow,
  griefingJob,
  grindingJob,
  type PredictionRow,
  predictionJob,
  SYBIL_JOBS,
  type SybilRow,
  sybilJob,
} from './jobs/arena-jobs.js';
import { runVariant, type Sample, seedsOf } from './jobs/simulator-runs.js';
import {
  type DetectionRow,
  detectionJob,
  falseAlarmJob,
  type ShareRow,
  type SkipRow,
  type SoftRow,
  skipJob,
  skipShareJob,
  softSkipJob,
} from './jobs/skip-jobs.js';
import { SILENT, silentName, VARIANTS } from './jobs/variants.js';
import type { Findings } from './page.js';

type Job = () => unknown;

const MISBEHAVING = [1, 4, 8];
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const griefingName = (rule: string, seed: number): string => `griefing ${rule}, seed ${seed}`;
const runName = (variant: string, seed: number): string => `${variant}, seed ${seed}`;

/** Seeds there are at most. */
const MOST_SEEDS = Math.max(2 * GRIEFING_SEEDS, ...VARIANTS.map(({ seeds }) => seeds));

/** Griefing goes with every other seed of the rest: its runs are eight times as long. */
const griefingSeeds = (seeds: number): number => Math.min(GRIEFING_SEEDS, Math.ceil(seeds / 2));

/** The jobs of one seed: all that has so many. */
function roundOf(seed: number, quick: boolean): [string, Job][] {
  const griefing = griefingSeeds(seed);
  const rules = griefing > griefingSeeds(seed - 1) && (!quick || griefing === 1) ? GRIEFING_RULES : [];
  return [
    ...rules.map((rule): [string, Job] => [
      griefingName(rule, griefing),
      () => griefingJob(rule, griefing, quick),
    ]),
    ...VARIANTS.filter((variant) => seed <= seedsOf(variant, quick)).map(({ name }): [string, Job] => [
      runName(name, seed),
      () => runVariant(name, seed, quick),
    ]),
  ];
}

const withoutSeeds = (quick: boolean): [string, Job][] => [
  ...SYBIL_JOBS.map((index): [string, Job] => [`sybil ${index}`, () => sybilJob(index, quick)]),
  ['binomial', () => binomialJob(quick)],
  ['choice', () => choiceJob(quick)],
  ['skip', () => skipJob(quick)],
  ['skip shares', () => skipShareJob(quick)],
  ['soft misses', () => softSkipJob(quick)],
  ...MISBEHAVING.map((count): [string, Job] => [`detection ${count}`, () => detectionJob(count, quick)]),
  ['false alarms', () => falseAlarmJob(quick)],
  ['grinding', () => grindingJob(quick)],
  ['prediction', predictionJob],
];

/** Jobs by name, seed after seed: what is finished early is a page with fewer seeds. */
export function jobsOf(quick: boolean): ReadonlyMap<string, Job> {
  return new Map<string, Job>([
    ...withoutSeeds(quick),
    ...upTo(MOST_SEEDS).flatMap((seed) => roundOf(seed, quick)),
  ]);
}

/** Seeds of which every job is among the results; undefined where there is no page in them yet. */
export function seedsFinished(results: ReadonlyMap<string, unknown>, quick: boolean): number | undefined {
  const finished = (jobs: readonly [string, Job][]): boolean => jobs.every(([name]) => results.has(name));
  if (!finished(withoutSeeds(quick))) return undefined;
  const first = upTo(MOST_SEEDS).findIndex((seed) => !finished(roundOf(seed, quick)));
  if (first === 0) return undefined;
  return first === -1 ? MOST_SEEDS : first;
}

/** What the jobs found, by their names; of each kind the first `seeds` at most. */
export function findingsOf(results: ReadonlyMap<string, unknown>, seeds: number, quick: boolean): Findings {
  const of = <T>(name: string): T => results.get(name) as T;
  const runs = new Map(
    VARIANTS.map((variant) => [
      variant.name,
      upTo(Math.min(seeds, seedsOf(variant, quick))).map((seed) => of<Sample>(runName(variant.name, seed))),
    ]),
  );
  return {
    binomial: of<BinomialRow[]>('binomial'),
    prediction: of<PredictionRow[]>('prediction'),
    choice: of<ChoiceRow[]>('choice'),
    skipping: {
      skip: of<SkipRow[]>('skip'),
      shares: of<ShareRow[]>('skip shares'),
      soft: of<SoftRow[]>('soft misses'),
      detection: MISBEHAVING.flatMap((count) => of<DetectionRow[]>(`detection ${count}`)),
      falseAlarms: of<Interval>('false alarms'),
    },
    griefing: new Map(
      GRIEFING_RULES.map((rule) => [
        rule,
        upTo(quick ? 1 : griefingSeeds(seeds)).map((seed) => of<GriefingRun>(griefingName(rule, seed))),
      ]),
    ),
    sybil: SYBIL_JOBS.map((index) => of<SybilRow>(`sybil ${index}`)),
    grinding: of<GrindingRow[]>('grinding'),
    runs,
    withholding: new Map(SILENT.map((percent) => [percent, runs.get(silentName(percent))!])),
  };
}
