import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Fairness, Judged } from './suite.js';

export interface FairnessResult extends Fairness {
  /** What the seeds were made from. */
  readonly commit: string;
  readonly firstDrawUs: number;
  readonly seconds: number;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function judged({ name, draws, statistic, dof, p, good }: Judged): (string | number)[] {
  return [name, draws, statistic.toFixed(2), dof, p.toPrecision(3), good ? 'yes' : 'NO'];
}

/** Writes `fairness-<date>.md` into `folder`; returns its path. */
export function writeFairness(folder: string, result: FairnessResult): string {
  const date = new Date().toISOString().slice(0, 10);
  const path = join(folder, `fairness-${date}.md`);
  const head = ['test', 'draws', 'statistic', 'degrees of freedom', 'p', 'good'];
  const page = `# Fairness, ${date}

First draws (rank 0) of elections without damping, in every mode, against the weights of the pool.
Seeds are made from the commit's hash, so nobody chose them. ${result.alpha} is the chance of any false alarm in
the whole run; each test has ${result.perTest.toPrecision(2)} of it (Bonferroni). Chi-square tests are over all devices, upper
tail; "half" is the z of the half of the pool with odd numbers, both tails. Pools: 1,000 devices with histories
and stakes of all sizes, an epoch's seed each 1,000 elections; mode vrf: 200 devices that make real proofs in each
epoch (weighted: by uptime), who wins tickets and who is drawn among the winners apart.

${table(
  ['what', 'value'],
  [
    ['date', date],
    ['commit', result.commit],
    ['command', '`npm run test:long -- fairness`'],
    [
      'hardware',
      `${cpus().length} cores, ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB`,
    ],
    ['system', `${process.platform} ${process.arch}, Node ${process.version}`],
    ['one first draw', `${result.firstDrawUs} us`],
    ['seconds', result.seconds],
  ],
)}

## Frequencies match weights

${table(head, result.fair.map(judged))}

## 1% more weight for half the pool is noticed

The same test of the half, over draws in which the odd devices weighed 101 where the others weighed 100.

${table(head, result.detected.map(judged))}

## What the other rules do to equal chances

Mode random, 1,000 devices: regions of 40, 30, 20 and 10 in a hundred, makers of 40, 25, 15, 12 and 8. "Moved"
is the part of all seats that would have to change hands for every device to have the same; chance alone
moves what the first line says at its number of draws, and more where there are fewer. A group's figure is the
seats of one of its devices, where 1 is an equal chance. Seats are those of committees of 4; for the farms, first draws. A farm is
300 of the 1,000 devices. Hedging asks the next rank sooner and pays the lowest ranks that answered: here a tenth of all devices never answers,
and the line is about those that do.

${table(
  ['rule', 'moved, %', 'seats per device'],
  result.deviations.map(({ what, movedPercent, groups }) => [
    what,
    movedPercent,
    Object.entries(groups)
      .map(([name, share]) => `${name}: ${share}`)
      .join(', '),
  ]),
)}
`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, page);
  return path;
}
