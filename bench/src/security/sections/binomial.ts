import { number, range, type Section, table } from '../format.js';
import type { BinomialRow, PredictionRow } from '../jobs/arena-jobs.js';

/** Elections against the formula, and what the formula says of sets of witnesses. */
export function binomialSection(
  binomial: readonly BinomialRow[],
  prediction: readonly PredictionRow[],
): Section {
  const line = (name: string, of: (row: PredictionRow) => number) => ({
    name,
    points: prediction.map((row) => [row.p, of(row)] as const),
  });
  const markdown = `## The binomial prediction

With each witness compromised by chance p, a block is forged where at least t of n are, and stalls where fewer than t are
honest (\`iotw security\` computes both exactly). The arena's elections, ${binomial[0]!.trials} committees a point:

${table(
  '| n | p | t | forged | formula, 99% interval | stalled | formula, 99% interval | inside |',
  binomial.map(
    ({ n, p, t, trials, forged, forging, stalled, stalling, inside }) =>
      `| ${n} | ${p} | ${t} | ${number(forged / trials)} | ${range(forging)} | ${number(stalled / trials)} | ${range(stalling)} | ${inside ? 'yes' : 'no'} |`,
  ),
)}

Devices alone (all 4 of a committee must be compromised), trust nodes alone (11 of 16) and both, as every block needs them:

![binomial](security/binomial.svg)

${table(
  '| p | forged: devices | forged: trust nodes | forged: mixed | stalled: devices | stalled: trust nodes |',
  prediction
    .filter((_, i) => i % 2 === 1)
    .map(
      ({ p, devices, trustNodes, mixed, stallDevices, stallTrustNodes }) =>
        `| ${p} | ${number(devices)} | ${number(trustNodes)} | ${number(mixed)} | ${number(stallDevices)} | ${number(stallTrustNodes)} |`,
    ),
)}

A device committee that stalls costs an attempt, not the block: the next ranks are asked. Trust nodes that stall stop the lane.`;
  const plot = {
    title: 'Forging one block: what the formula says',
    x: 'share that is compromised',
    y: 'chance',
    logY: { least: 1e-12 },
    series: [
      line('devices, 4 of 4', ({ devices }) => devices),
      line('trust, 11 of 16', ({ trustNodes }) => trustNodes),
      line('mixed', ({ mixed }) => mixed),
    ],
  };
  return { markdown, plots: [['binomial.svg', plot]] };
}
