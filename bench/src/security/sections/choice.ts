import { banded, range, type Section, table } from '../format.js';
import type { ChoiceRow } from '../jobs/arena-jobs.js';

/** Three ways to choose witnesses against an attacker near by. */
export function choiceSection(choice: readonly ChoiceRow[]): Section {
  const markdown = `## Who is asked: by lot, first to arrive, or diverse

An attacker holds the devices of one maker, in one region, near the asker (answers in 10 ms on average, others in 40 ms).
Committees of 4, arena:

${table(
  '| choice | its share of devices | its share of seats | whole committees |',
  choice.map(({ choice: name, p, seats, whole }) => `| ${name} | ${p} | ${range(seats)} | ${range(whole)} |`),
)}

![choice](security/choice.svg)`;
  const plot = {
    title: 'Seats of one maker’s near devices, simulated',
    x: 'share of the devices',
    y: 'share of the seats',
    series: (['random', 'first-to-arrive', 'diversity'] as const).map((name) =>
      banded(
        name,
        choice.filter((row) => row.choice === name).map(({ p, seats }) => [p, seats] as const),
      ),
    ),
  };
  return { markdown, plots: [['choice.svg', plot]] };
}
