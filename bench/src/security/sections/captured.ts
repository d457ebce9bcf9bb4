import { Prng } from '@iotw/kernel/prng';
import { bootstrapMean } from '@iotw/simulator/statistics/intervals';
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
    }))
    .sort((a, b) => a.share - b.share);
  const markdown = `## Captured trust nodes

Some of the trust nodes never vote for a block of another lane, to the end. Less than a third changes nothing but their own
pay; more than a third stops the honest lanes (while the captured and one more still make a quorum, the captured lanes go on and carry everything), and forges only with the device committees
and the ledger servers besides (binomial above). Share of the transactions that became final: ${rows.map(({ name, final }) => `${name}: ${range(final)}`).join('; ')}.

![captured](security/captured.svg)`;
  const plot = {
    title: 'What becomes final with captured trust nodes, simulated',
    x: 'share of the trust nodes that is captured',
    y: 'share of the transactions',
    series: [
      banded(
        'final',
        rows.map(({ share, final }) => [share, final] as const),
      ),
    ],
  };
  return { markdown, plots: [['captured.svg', plot]] };
}
