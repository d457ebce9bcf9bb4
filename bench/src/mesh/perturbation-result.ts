import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../support/statistics.js';
import type { Kind } from './perturbation.js';

export interface PerturbationResult {
  readonly commit: string;
  readonly seed: number;
  readonly count: number;
  readonly kinds: readonly Kind[];
  readonly seconds: number;
  /** From the begin of healing to the next final transfer anywhere, and at the perturbed server, ms. */
  readonly progressMs: readonly number[];
  readonly backMs: readonly number[];
  readonly finals: number;
  readonly reads: number;
  readonly rounds: number;
  /** Opened by the threshold beacon, and the longest wait behind the due time, ms. */
  readonly epochs: number;
  readonly latestEpochMs: number;
  readonly verdict: string;
  readonly lastLine: string;
}

/** The figures as lines; written as `perturbations-<date>.md`, too, where a folder is named. */
export function writePerturbations(folder: string | undefined, result: PerturbationResult): string[] {
  const times = (values: readonly number[]): string =>
    [0.5, 0.99, 1].map((q) => `${(quantile(values, q) / 1_000).toFixed(1)} s`).join(', ');
  const rows: [string, string][] = [
    ['perturbations, one site at a time', `${result.count}: ${result.kinds.join(', ')}`],
    ['progress after healing began: p50, p99, most', times(result.progressMs)],
    ['the perturbed server itself tells finals: p50, p99, most', times(result.backMs)],
    ['rounds with one state hash at all four servers', String(result.rounds)],
    [
      'epochs opened by the common key; the latest behind its time',
      `${result.epochs}; ${(result.latestEpochMs / 1_000).toFixed(1)} s`,
    ],
    ['transfers told final, found at every server', String(result.finals)],
    ['reads of all balances, sum kept', String(result.reads)],
    ['transfers and reads by Porcupine', result.verdict],
    ['checks', result.lastLine],
    ['seconds', String(Math.round(result.seconds))],
  ];
  if (folder !== undefined) {
    const date = new Date().toISOString().slice(0, 10);
    const hardware = `${cpus().length} cores, ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB`;
    const conditions: [string, string][] = [
      ['date', date],
      ['commit', result.commit],
      ['command', `npm run test:long -- perturbations (seed ${result.seed})`],
      ['hardware', hardware],
      ['network', '4 sites, each a ledger server with CometBFT and a trust node; 40 devices; epochs of 1 s'],
      [
        'load',
        '8 clients at all four API servers: a transfer with wait=final, then half the time a read of all balances',
      ],
    ];
    const table = (lines: readonly [string, string][]): string =>
      ['| what | value |', '|---|---|', ...lines.map(([what, value]) => `| ${what} | ${value} |`)].join('\n');
    mkdirSync(folder, { recursive: true });
    const text = `# Perturbations, ${date}\n\n${table(conditions)}\n\n${table(rows)}\n`;
    writeFileSync(join(folder, `perturbations-${date}.md`), text);
  }
  return rows.map(([what, value]) => `${what}: ${value}`);
}
