import { banded, range, type Section, table } from '../format.js';
import type { GrindingRow } from '../jobs/arena-jobs.js';

/** What may be won by choosing keys. */
export function seedsSection(grinding: readonly GrindingRow[]): Section {
  const markdown = `## Seeds

Keys registered against a known seed: the attacker picks, of v sets of 10 devices among 200, the one that wins most of 20 blocks.
Pools are frozen before the seed before their own can be known, so it can only pick blindly; ${grinding[0]!.trials} trials:

${table(
  '| sets to choose from | seed known | pool frozen before |',
  grinding.map(({ variants, known, unknown }) => `| ${variants} | ${range(known)} | ${range(unknown)} |`),
)}

![grinding](security/grinding.svg)

The last revealer under the source \`vrf\` (row last-revealer above) can delay an epoch and learns the seed first; it can't choose it: the
proof is unique, and the epoch waits for it. The source \`threshold\` takes that away as well.`;
  const plot = {
    title: 'Grinding keys against a seed, simulated',
    x: 'sets of keys to choose from',
    y: 'seats over fair share',
    ticks: grinding.map(({ variants }) => variants),
    series: [
      banded(
        'seed known',
        grinding.map(({ variants, known }) => [variants, known] as const),
      ),
      banded(
        'pool frozen before',
        grinding.map(({ variants, unknown }) => [variants, unknown] as const),
      ),
    ],
  };
  return { markdown, plots: [['grinding.svg', plot]] };
}
