/**
 * `npm run security`: what attacks gain and cost, measured and written to docs/security.md with its plots;
 * `--quick` measures little and writes nothing unless `--out FOLDER` is given. The last line is JSON.
 */
import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  binomialJob,
  choiceJob,
  detectionJob,
  type GriefingRow,
  griefingJob,
  grindingJob,
  predictionJob,
  skipJob,
  sybilJob,
} from './security/arena-jobs.js';
import { barsOf, type Findings, pageOf, plotsOf } from './security/page.js';
import {
  type AdversaryRow,
  adversaryJob,
  type CapturedRow,
  capturedJob,
  SIMULATED_ADVERSARIES,
  type WithholdingRow,
  withholdingJob,
} from './security/simulator-jobs.js';

const WORKERS = 2;
const GRIEFING_RULES = ['honest', 'adjudicated', 'literal', 'adjudicated 50', 'literal 50'];
const SILENT = [0, 2, 5, 10, 20];
const CAPTURED = [0, 1, 2, 3];

type Job = (quick: boolean) => unknown;

/** Jobs by name; the longest first, so that both workers end at about the same time. */
const JOBS: Readonly<Record<string, Job>> = {
  ...Object.fromEntries(
    GRIEFING_RULES.map((rule) => [`griefing ${rule}`, (q: boolean) => griefingJob(rule, q)]),
  ),
  sybil: sybilJob,
  binomial: binomialJob,
  choice: choiceJob,
  ...Object.fromEntries(SILENT.map((n) => [`withholding ${n}`, (q: boolean) => withholdingJob(n, q)])),
  ...Object.fromEntries(
    SIMULATED_ADVERSARIES.map((name) => [`attack ${name}`, (q: boolean) => adversaryJob(name, q)]),
  ),
  ...Object.fromEntries(CAPTURED.map((n) => [`captured ${n}`, (q: boolean) => capturedJob(n, q)])),
  skip: skipJob,
  grinding: grindingJob,
  detection: detectionJob,
  prediction: predictionJob,
};

async function runAll(quick: boolean): Promise<Map<string, unknown>> {
  const results = new Map<string, unknown>();
  const left = Object.keys(JOBS);
  const worker = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(import.meta.url), ['--worker', ...(quick ? ['--quick'] : [])]);
      const next = (): void => {
        const name = left.shift();
        if (name === undefined) child.disconnect();
        else child.send(name);
      };
      child.on('message', ({ name, result }: { name: string; result: unknown }) => {
        results.set(name, result);
        console.error(`${name} (${results.size} of ${Object.keys(JOBS).length})`);
        next();
      });
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
      next();
    });
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return results;
}

function findingsOf(results: ReadonlyMap<string, unknown>): Findings {
  const of = <T>(name: string): T => results.get(name) as T;
  return {
    binomial: of('binomial'),
    prediction: of('prediction'),
    choice: of('choice'),
    skip: of('skip'),
    detection: of('detection'),
    griefing: GRIEFING_RULES.map((rule) => of<GriefingRow>(`griefing ${rule}`)),
    sybil: of('sybil'),
    grinding: of('grinding'),
    adversaries: SIMULATED_ADVERSARIES.map((name) => of<AdversaryRow>(`attack ${name}`)),
    withholding: SILENT.map((n) => of<WithholdingRow>(`withholding ${n}`)),
    captured: CAPTURED.map((n) => of<CapturedRow>(`captured ${n}`)),
  };
}

function write(folder: string, findings: Findings, quick: boolean): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const made = `Made by \`npm run security${quick ? ' -- --quick' : ''}\` at commit ${commit}.`;
  mkdirSync(join(folder, 'security'), { recursive: true });
  writeFileSync(join(folder, 'security.md'), pageOf(findings, made));
  for (const [name, svg] of plotsOf(findings)) writeFileSync(join(folder, 'security', name), svg);
}

async function main(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick');
  if (args.includes('--worker')) {
    process.on('message', (name: string) => process.send!({ name, result: JOBS[name]!(quick) }));
    return;
  }
  const findings = findingsOf(await runAll(quick));
  const out = args.indexOf('--out');
  if (out !== -1) write(args[out + 1]!, findings, quick);
  else if (!quick) write('docs', findings, quick);
  const { binomial, griefing, sybil, withholding, ...figures } = barsOf(findings);
  console.log(
    JSON.stringify({ bench: 'security', quick, binomial, griefing, sybil, withholding, ...figures }),
  );
}

await main(process.argv.slice(2));
