/**
 * `npm run security`: what attacks gain and cost, measured and written to docs/security.md with its plots;
 * `--quick` measures little and writes nothing unless `--out FOLDER` is given. Finished jobs are kept in .iotw/security, and a run
 * that was interrupted goes on there as long as the code is the same; `--fresh` begins anew, `--finished` runs nothing and makes the
 * page of the seeds that are finished. The last line is JSON.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveJobs, shareOut } from '@iotw/simulator/worker-pool';
import { findingsOf, jobsOf, seedsFinished } from './security/job-list.js';
import { barsOf, type Findings, pageOf } from './security/page.js';
import { digestOf, ResultsCache } from './security/results-cache.js';

const WORKERS = 2;
const CACHE = '.iotw/security';
/** Packages whose code results depend on; how they are shown is not among it. */
const PACKAGES = ['kernel', 'protocol', 'assignment', 'ledger', 'nodes', 'simulator', 'sdk'];

async function runAll(quick: boolean, fresh: boolean, only: boolean): Promise<Map<string, unknown>> {
  if (fresh) rmSync(CACHE, { recursive: true, force: true });
  const code = [...PACKAGES.map((name) => `packages/${name}/dist`), 'bench/dist/security/jobs'];
  const cache = new ResultsCache(join(CACHE, quick ? 'quick' : 'full'), digestOf(code));
  const jobs = jobsOf(quick);
  const results = new Map<string, unknown>();
  const left: string[] = [];
  for (const name of jobs.keys()) {
    const known = cache.get(name);
    if (known === undefined) left.push(name);
    else results.set(name, known);
  }
  if (results.size > 0) console.error(`${results.size} of ${jobs.size} jobs are known from before`);
  if (only) return results;
  const module = fileURLToPath(import.meta.url);
  const args = ['--worker', ...(quick ? ['--quick'] : [])];
  await shareOut<string, unknown>({ module, args, workers: WORKERS, jobs: left }, (name, result) => {
    cache.put(name, result);
    results.set(name, result);
    console.error(`${name} (${results.size} of ${jobs.size})`);
  });
  return results;
}

/** How much was measured. */
interface Extent {
  readonly quick: boolean;
  readonly seeds: number;
  readonly whole: boolean;
}

function write(folder: string, findings: Findings, { quick, seeds, whole }: Extent): void {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', 'packages', 'bench') === '' ? '' : ', with changes';
  const made = `Made by \`npm run security${quick ? ' -- --quick' : ''}\` at commit ${git('rev-parse', '--short', 'HEAD')}${changed}${whole ? '' : `, stopped after ${seeds} seeds: bootstrap intervals over so few are too narrow`}.`;
  const { page, plots } = pageOf(findings, made);
  mkdirSync(join(folder, 'security'), { recursive: true });
  writeFileSync(join(folder, 'security.md'), page);
  for (const [name, svg] of plots) writeFileSync(join(folder, 'security', name), svg);
}

async function main(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick');
  if (args.includes('--worker')) {
    const jobs = jobsOf(quick);
    serveJobs((name: string) => jobs.get(name)!());
    return;
  }
  const results = await runAll(quick, args.includes('--fresh'), args.includes('--finished'));
  const seeds = seedsFinished(results, quick);
  if (seeds === undefined) {
    console.error('no seed is finished yet');
    process.exitCode = 1;
    return;
  }
  const findings = findingsOf(results, seeds, quick);
  const extent = { quick, seeds, whole: results.size === jobsOf(quick).size };
  const out = args.indexOf('--out');
  if (out !== -1) write(args[out + 1]!, findings, extent);
  else if (!quick) write('docs', findings, extent);
  console.log(JSON.stringify({ bench: 'security', quick, seeds, ...barsOf(findings) }));
}

await main(process.argv.slice(2));
