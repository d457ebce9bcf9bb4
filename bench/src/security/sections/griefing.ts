import { Prng } from '@iotw/kernel/prng';
import { bootstrapMean, type Interval } from '@iotw/simulator/statistics/intervals';
import { banded, range, type Section, table } from '../format.js';
import type { GriefingRun } from '../jobs/arena-jobs.js';

/** Runs by rule, the seeds in the same order in each. */
export type GriefingRuns = ReadonlyMap<string, readonly GriefingRun[]>;

/** What honest devices lose of their reward by a rule, in percent; a minus: they gain. */
export function lossOf(griefing: GriefingRuns, rule: string): Interval {
  const honest = griefing.get('honest')!;
  const losses = griefing.get(rule)!.map((run, i) => 100 * (1 - run.honestPaid / honest[i]!.honestPaid));
  return bootstrapMean(losses, new Prng(`loss ${rule}`));
}

/** Devices that strike at the first chance they get. */
export function griefingSection(griefing: GriefingRuns): Section {
  const rules = [...griefing.keys()].filter((rule) => rule !== 'honest');
  const runs = griefing.get('honest')!;
  const mean = (rule: string, of: (run: GriefingRun) => number): string =>
    range(bootstrapMean(griefing.get(rule)!.map(of), new Prng(`griefing ${rule}`)));
  const markdown = `## Griefing

${runs.length} seeds of ${runs[0]!.epochs} epochs of the arena, each beside the same seed in which nobody strikes; 5% of the devices lie at
the first chance they get. \`50\`: with a blacklist term of 50 epochs, so that they come back and strike again.

${table(
  '| rule | strikes | honest devices’ loss of pay, % (minus: gain) | honest devices blacklisted | right answers unpaid, % | griefers’ pay, % of all |',
  rules.map(
    (rule) =>
      `| ${rule} | ${mean(rule, ({ strikes }) => strikes)} | ${range(lossOf(griefing, rule))} | ${mean(rule, ({ honestBlacklisted }) => honestBlacklisted)} | ${mean(rule, ({ wasted, paidAnswers }) => (100 * wasted) / (paidAnswers + wasted))} | ${mean(rule, ({ grieferPaid, honestPaid }) => (100 * grieferPaid) / (grieferPaid + honestPaid))} |`,
  ),
)}

![griefing](security/griefing.svg)`;
  const line = (name: string, suffix: string) =>
    banded(
      name,
      ['adjudicated', 'literal'].map((rule, i) => [i, lossOf(griefing, rule + suffix)] as const),
    );
  const plot = {
    title: 'What honest devices lose to 5% griefers, simulated',
    x: 'rule: 0 adjudicated, 1 literal',
    y: 'percent of their reward',
    ticks: [0, 1],
    series: [line('out for the run', ''), line('back after 50', ' 50')],
  };
  return { markdown, plots: [['griefing.svg', plot]] };
}
