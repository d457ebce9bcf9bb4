/** From samples to the rows of the table of adversaries: gain, cost and harm with their intervals. */
import { Prng } from '@iotw/kernel/prng';
import { bootstrapMean, type Interval, wilson } from '@iotw/simulator/statistics/intervals';
import { number } from './format.js';
import type { GriefingRun, GrindingRow, SybilRow } from './jobs/arena-jobs.js';
import type { Sample } from './jobs/simulator-runs.js';
import type { Variant } from './jobs/variants.js';

/** A measured figure, or what bounds it where nothing is drawn by lot. */
export type Figure =
  | { readonly label: string; readonly interval: Interval }
  | { readonly label: string; readonly bound: string };

export interface AdversaryRow {
  readonly name: string;
  readonly holds: string;
  readonly n: string;
  readonly gain: readonly Figure[];
  readonly cost: readonly Figure[];
  readonly harm: readonly Figure[];
  /** Runs in which a rule other than progress was broken; undefined where rules are not checked. */
  readonly broken: Interval | undefined;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
/** Some lane, the epochs or transactions stand still at the end. */
export const stalls = ({ violation }: Sample): boolean =>
  violation !== undefined && /progress|settle/.test(violation);

/** Why a party that holds no such thing can neither gain nor lose it. */
const BOUNDS: Readonly<Record<string, { readonly gain?: string; readonly cost?: string }>> = {
  'last-revealer': {
    gain: 'none: the proof is unique, the seed can’t be chosen',
    cost: 'none on ledger: no bond; the committee can suspend it',
  },
  'lying-proposer': {
    gain: 'none: its rounds are refused by the others',
    cost: 'none on ledger: no bond; the committee can suspend it',
  },
  'hostile-sender': { gain: 'at most the change of its money, to the right', cost: '' },
  'sybil-farm': { gain: 'none here: its keys are no devices (arena below)', cost: '' },
};

function ratios(
  attacked: readonly Sample[],
  calm: readonly Sample[],
  of: (sample: Sample, i: number) => number,
): number[] {
  return attacked.map(
    (sample, i) => of(sample, i) / sample.epochs / (of(calm[i]!, i) / calm[i]!.epochs || 1),
  );
}

/** One adversary beside the same seeds without it. */
export function simulatedRow(
  { name, holds, victims = [] }: Variant,
  attacked: readonly Sample[],
  calm: readonly Sample[],
): AdversaryRow {
  const prng = new Prng(`report ${name}`);
  const mean = (values: readonly number[]): Interval => bootstrapMean(values, prng);
  // Who is held is drawn with the seed: the run without the adversary is read for the same parties.
  const devices = (own: boolean) => (sample: Sample, i: number) =>
    sum(sample.earned.filter((_, device) => attacked[i]!.heldDevices.includes(device) === own));
  const nodes = (own: boolean) => (sample: Sample, i: number) =>
    sum(
      sample.trustNodes
        .filter((_, node) => attacked[i]!.heldNodes.includes(node) === own)
        .map(({ earned }) => earned),
    );
  const gain: Figure[] = [];
  const cost: Figure[] = [];
  const harm: Figure[] = [];
  const first = attacked[0]!;
  const bound = BOUNDS[name];
  const stolen = name.startsWith('extraction');
  if (first.heldDevices.length > 0) {
    const pay = mean(ratios(attacked, calm, devices(true)));
    if (stolen) harm.push({ label: 'these devices’ pay', interval: pay });
    else gain.push({ label: 'its devices’ pay', interval: pay });
    const out = attacked.map(
      ({ blacklisted, heldDevices }) =>
        blacklisted.filter((device) => heldDevices.includes(device)).length / heldDevices.length,
    );
    cost.push({ label: `share of ${stolen ? 'the keys' : 'its devices'} blacklisted`, interval: mean(out) });
  }
  if (first.heldNodes.length > 0) {
    gain.push({ label: 'its trust nodes’ pay', interval: mean(ratios(attacked, calm, nodes(true))) });
    const suspended = attacked.flatMap(({ heldNodes, trustNodes }) =>
      heldNodes.map((node) => trustNodes[node]!.suspended),
    );
    cost.push({
      label: 'its lanes suspended',
      interval: wilson(suspended.filter(Boolean).length, suspended.length),
    });
    const bonds = attacked.map(({ heldNodes, trustNodes }, i) =>
      sum(heldNodes.map((node) => calm[i]!.trustNodes[node]!.bond - trustNodes[node]!.bond)),
    );
    cost.push({ label: 'bond lost, coins', interval: mean(bonds) });
  }
  if (bound?.gain !== undefined) gain.push({ label: '', bound: bound.gain });
  if (bound?.cost !== undefined && bound.cost !== '') cost.push({ label: '', bound: bound.cost });
  const money = mean(attacked.map(({ attackersMoney }) => attackersMoney));
  if (stolen) gain.push({ label: 'the thief’s money, coins', interval: money });
  else if (money.value !== 0) cost.push({ label: 'change of its money, coins', interval: money });
  harm.push({ label: 'other devices’ pay', interval: mean(ratios(attacked, calm, devices(false))) });
  if (victims.length > 0) {
    const pay = (sample: Sample): number => sum(victims.map((device) => sample.earned[device]!));
    harm.push({ label: 'the victims’ pay', interval: mean(ratios(attacked, calm, pay)) });
  }
  const framed = attacked.map(
    ({ blacklisted, heldDevices }) => blacklisted.filter((device) => !heldDevices.includes(device)).length,
  );
  if (framed.some((count) => count > 0))
    harm.push({ label: 'honest devices blacklisted, a run', interval: mean(framed) });
  const stalled = attacked.filter(stalls).length;
  if (name.startsWith('captured') || stalled > 0) {
    harm.push({
      label: 'transactions final',
      interval: mean(attacked.map(({ final }) => final)),
    });
    harm.push({ label: 'runs that stall', interval: wilson(stalled, attacked.length) });
  } else {
    const tails = attacked.map(({ p99 }, i) => p99 / Math.max(1, calm[i]!.p99));
    harm.push({ label: 'finality p99', interval: mean(tails) });
  }
  const broken = attacked.filter((run) => run.violation !== undefined && !stalls(run)).length;
  return {
    name,
    holds,
    n: `${attacked.length} seeds, ${number(sum(attacked.map(({ acts }) => acts)) / attacked.length)} acts each`,
    gain,
    cost,
    harm,
    broken: wilson(broken, attacked.length),
  };
}

/** Griefers in a network of a thousand over a thousand epochs, by rule. */
export function griefingRow(
  rule: string,
  runs: readonly GriefingRun[],
  honest: readonly GriefingRun[],
): AdversaryRow {
  const prng = new Prng(`griefing ${rule}`);
  const mean = (of: (run: GriefingRun, honest: GriefingRun) => number): Interval =>
    bootstrapMean(
      runs.map((run, i) => of(run, honest[i]!)),
      prng,
    );
  return {
    name: `griefing devices, ${rule === 'literal' ? 'literal' : 'adjudicating'} rule (arena)`,
    holds: '5% of 1000 devices',
    n: `${runs.length} seeds of ${runs[0]!.epochs} epochs`,
    gain: [{ label: 'its devices’ pay', interval: mean((run, calm) => run.grieferPaid / calm.grieferPaid) }],
    cost: [
      { label: 'strikes before each is out', interval: mean(({ strikes, griefers }) => strikes / griefers) },
    ],
    harm: [
      { label: 'other devices’ pay', interval: mean((run, calm) => run.honestPaid / calm.honestPaid) },
      {
        label: 'honest devices blacklisted, a run',
        interval: mean(({ honestBlacklisted }) => honestBlacklisted),
      },
    ],
    broken: undefined,
  };
}

/** A farm that has captured a maker batch, under ten owners. */
export function farmRow({ owners, seeds, share }: SybilRow): AdversaryRow {
  return {
    name: 'Sybil farm, captured maker batch (arena)',
    holds: `30% of 1000 devices, ${owners} owners`,
    n: `${seeds} seeds`,
    gain: [{ label: 'pay over its share by number', interval: share }],
    cost: [
      { label: 'share of its pay damped away', interval: mirrored(share) },
      { label: '', bound: 'its maker revokes the batch, or a vote suspends the maker: all of it is out' },
    ],
    harm: [{ label: 'other devices’ pay', interval: left(0.3, share) }],
    broken: undefined,
  };
}

const mirrored = ({ value, low, high }: Interval): Interval => ({
  value: 1 - value,
  low: 1 - high,
  high: 1 - low,
});

/** What is left to the others where a part of the whole gets `interval` times its share. */
const left = (part: number, { value, low, high }: Interval): Interval => {
  const of = (own: number): number => (1 - part * own) / (1 - part);
  return { value: of(value), low: of(high), high: of(low) };
};

/** Keys ground against a seed, as the rules are and as they would be without the freeze. */
export function grindingRows({ variants, trials, known, unknown }: GrindingRow): AdversaryRow[] {
  const row = (name: string, interval: Interval): AdversaryRow => ({
    name: `seed grinding, ${name} (arena)`,
    holds: `${variants} sets of 10 keys to choose from, 5% of the devices`,
    n: `${trials} trials of 20 blocks`,
    gain: [{ label: 'seats over its share', interval }],
    cost: [{ label: '', bound: `${10 * variants} keys for 10 devices: quota of a batch` }],
    harm: [{ label: 'other devices’ seats', interval: left(0.05, interval) }],
    broken: undefined,
  });
  return [row('pool frozen before the seed', unknown), row('were the seed known', known)];
}
