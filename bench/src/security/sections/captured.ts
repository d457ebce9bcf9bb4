import { Prng } from '@iotw/kernel/prng';
import { bootstrapMean, wilson } from '@iotw/simulator/statistics/intervals';
import { stalls } from '../adversary-rows.js';
import { banded, range, type Section } from '../format.js';
import type { Sample } from '../jobs/simulator-runs.js';

export interface CapturedFindings {
  readonly captured: number;
  readonly of: number;
  readonly runs: readonly Sample[];
}

/** Trust nodes that vote for no block but their own; the figures stand in the table of adversaries. */
export function capturedSection(captured: readonly CapturedFindings[]): Section {
  const rows = captured
    .map(({ captured: count, of, runs }) => ({
      share: count / of,
      name: `${count} of ${of}`,
      final: bootstrapMean(
        runs.map(({ final }) => final),
        new Prng(`captured ${count} ${of}`),
      ),
      stalled: wilson(runs.filter(stalls).length, runs.length),
    }))
    .sort((a, b) => a.share - b.share);
  const markdown = `## Captured trust nodes

Some of the trust nodes never vote for a block of another lane, to the end. Less than a third changes nothing but their own
pay; more than a third stops the honest lanes (while the captured and one more still make a quorum, the captured lanes go on and carry everything), and forges only with the device committees
and the ledger servers besides (binomial above). Share of the transactions that became final: ${rows.map(({ name, final }) => `${name}: ${range(final)}`).join('; ')}.

![captured](security/captured.svg)`;
  const plot = {
    title: 'Captured trust nodes, simulated',
    x: 'share of the trust nodes that is captured',
    y: 'share of transactions, of runs',
    ticks: [0.25, 1 / 3, 0.5, 0.75],
    series: [
      banded(
        'final transactions',
        rows.map(({ share, final }) => [share, final] as const),
      ),
      banded(
        'runs that stall',
        rows.map(({ share, stalled }) => [share, stalled] as const),
      ),
    ],
  };
  return { markdown, plots: [['captured.svg', plot]] };
}
