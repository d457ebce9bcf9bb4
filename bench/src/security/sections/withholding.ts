import { Prng } from '@iotw/kernel/prng';
import { bootstrapMean, type Interval } from '@iotw/simulator/statistics/intervals';
import { banded, number, range, type Section, table } from '../format.js';
import type { Sample } from '../jobs/simulator-runs.js';

/** Runs by the percentage of silent devices, the seeds in the same order in each. */
export type SilentRuns = ReadonlyMap<number, readonly Sample[]>;

const mean = (values: readonly number[], label: string): Interval =>
  bootstrapMean(values, new Prng(`withholding ${label}`));

/** p99 with `percent` silent devices over that with none: of the means, and its interval over seeds. */
export function silenceRatio(withholding: SilentRuns, percent: number): Interval {
  const calm = withholding.get(0)!;
  const base = calm.reduce((sum, { settled99 }) => sum + settled99, 0) / calm.length;
  return mean(
    withholding.get(percent)!.map(({ settled99 }) => settled99 / base),
    `ratio ${percent}`,
  );
}

/** Devices that are there and say nothing. */
export function withholdingSection(withholding: SilentRuns): Section {
  const percents = [...withholding.keys()];
  const of = (percent: number, what: 'settled50' | 'settled99'): Interval =>
    mean(
      withholding.get(percent)!.map((run) => run[what]),
      `${what} ${percent}`,
    );
  const markdown = `## Withheld answers

Devices that are present and never answer; time to finality in the simulator over the second half of each run, when hosts have met
them; ${withholding.get(0)!.length} seeds. At the hedge interval (the p95 of the answers a host has seen) the host signs a soft miss, and the next rank takes the place; a
device that was silent gets a hard miss then, until it has answered four times. Until a host has seen 32 answers the interval is a quarter of \`answerTimeoutMs\`.
Only where a host owes a lane too many soft misses, or fewer than a whole committee can answer, does a silence cost up to \`answerTimeoutMs\` (80 ms here).

${table(
  '| silent | p50, ms | p99, ms | p99 over that with none |',
  percents.map(
    (percent) =>
      `| ${number(percent)}% | ${range(of(percent, 'settled50'))} | ${range(of(percent, 'settled99'))} | ${range(silenceRatio(withholding, percent))} |`,
  ),
)}

![withholding](security/withholding.svg)`;
  const plot = {
    title: 'Finality with silent devices, simulated ms',
    x: 'percent of devices that are silent',
    y: 'ms',
    ticks: percents,
    series: [
      banded(
        'p99',
        percents.map((percent) => [percent, of(percent, 'settled99')] as const),
      ),
      banded(
        'p50',
        percents.map((percent) => [percent, of(percent, 'settled50')] as const),
      ),
    ],
  };
  return { markdown, plots: [['withholding.svg', plot]] };
}
