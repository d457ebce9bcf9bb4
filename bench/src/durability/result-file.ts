import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../support/statistics.js';
import type { FailpointFigures } from './failpoint-suite.js';
import type { KillFigures } from './kill-suite.js';
import type { LinkFigures } from './link-suite.js';

/** Everything one run of the suite found. */
export interface DurabilityResult {
  /** Commit the run began on. */
  readonly commit: string;
  readonly seed: number;
  readonly seconds: number;
  readonly kills: KillFigures | undefined;
  readonly failpoints: FailpointFigures | undefined;
  readonly links: LinkFigures | undefined;
  readonly fullDisk: boolean;
  readonly lastLine: string;
}

/** The figures as rows of a table: what, and how much. */
export function figureRows(result: DurabilityResult): [string, string][] {
  const { kills, failpoints, links } = result;
  const rows: [string, string][] = [];
  if (kills !== undefined) {
    rows.push(
      ['kill -9', `${kills.kills}, of them ${kills.whileStarting} while the node started`],
      ['decisions acknowledged to clients', String(kills.acknowledged)],
      ['of them lost or changed', String(kills.lost)],
      ['rounds, epochs', `${kills.rounds}, ${kills.epochs}`],
      ['start to ready', milliseconds(kills.readyMs)],
      ['start to the first decision a client hears', milliseconds(kills.servingMs)],
    );
  }
  if (failpoints !== undefined) {
    rows.push(
      ['failpoints', `${failpoints.names} names, ${failpoints.runs} runs`],
      ['decisions acknowledged under them', String(failpoints.acknowledged)],
      ['of them lost or changed', String(failpoints.lost)],
      ['of them in a commit that a lying disk confirmed and never made', String(failpoints.excused)],
    );
  }
  if (links !== undefined) {
    rows.push(
      ['failpoints of a node split in two processes', `${links.runs} runs`],
      ['decisions acknowledged under them, lost or changed', `${links.acknowledged}, ${links.lost}`],
    );
  }
  if (result.fullDisk) rows.push(['full store, full disk', 'refused by store-full, went on with room']);
  rows.push(['checks', result.lastLine], ['seconds', String(Math.round(result.seconds))]);
  return rows;
}

function milliseconds(values: readonly number[]): string {
  return `p50 ${Math.round(quantile(values, 0.5))} ms, most ${Math.round(quantile(values, 1))} ms`;
}

/** Writes `durability-<date>.md` into `folder`; returns its path. */
export function writeResult(folder: string, result: DurabilityResult): string {
  const date = new Date().toISOString().slice(0, 10);
  const path = join(folder, `durability-${date}.md`);
  const conditions: [string, string][] = [
    ['date', date],
    ['commit', result.commit],
    ['command', `npm run test:long -- durability (seed ${result.seed})`],
    [
      'hardware',
      `${cpus().length} cores, ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB`,
    ],
    ['system', `${process.platform} ${process.arch}, Node ${process.version}`],
    ['network', '4 trust nodes, 1 ledger server, API in one process; 40 devices in another; epochs of 2 s'],
    ['load', '32 clients, one transfer each with wait=final over HTTP'],
  ];
  const table = (rows: readonly [string, string][]) =>
    ['| what | value |', '|---|---|', ...rows.map(([what, value]) => `| ${what} | ${value} |`)].join('\n');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path,
    `# Durability, ${date}\n\nAfter every death the disk was read again from the genesis on and held against every decision a client\nhad been told: id, result code and round. At the end every signature was verified.\n\n${table(conditions)}\n\n${table(figureRows(result))}\n`,
  );
  return path;
}

/** The commit of the working folder, `unknown` outside of a repository. */
export function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
