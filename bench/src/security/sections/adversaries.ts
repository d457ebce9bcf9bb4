import type { AdversaryRow, Figure } from '../adversary-rows.js';
import { range, type Section, table } from '../format.js';

const shown = (figures: readonly Figure[]): string =>
  figures
    .map((figure) =>
      'bound' in figure ? `*${figure.bound}*` : `${figure.label} ${range(figure.interval)}`.trim(),
    )
    .join('<br>');

/** Every adversary in one table. */
export function adversariesSection(rows: readonly AdversaryRow[]): Section {
  const markdown = `## Each adversary

What it gains, what it pays and what others suffer, each with its 95% interval over n runs (*slanted*: a bound and its reason, where
nothing is drawn by lot). The simulator's runs have no other faults and stand beside the same seeds without the adversary: pay and p99 of finality
are **over those without attack, 1 is nothing gained**. Counts are per run; money in coins. A row marked *arena* has no
message layer.

${table(
  '| adversary | it holds | n | gain | cost to it | harm to others | runs with a rule broken |',
  rows.map(
    ({ name, holds, n, gain, cost, harm, broken }) =>
      `| ${name} | ${holds} | ${n} | ${shown(gain)} | ${shown(cost)} | ${shown(harm)} | ${broken === undefined ? '-' : range(broken)} |`,
  ),
)}

The rules are the simulator's invariants: money, certificates, draws, pay, penalties and finality, read once more from the spec. So
the last column bounds forged blocks, double spends and unjust penalties as well: with 0 in n runs, its high end. A run that only stops is counted
under *runs that stall*: more than a third of the trust nodes can do that, and no more.

Honest devices on the blacklist are those that a framing lane showed another header: \`unproven\`, no guilt, and reinstated when
that header is shown (\`appeal\`), which convicts the lane. Under the literal rule they stay.`;
  return { markdown, plots: [] };
}
