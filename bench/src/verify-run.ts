/**
 * `npm run verify:run -- --blocks 10000`: networks of real machines run under faults and adversaries in the
 * simulator; what their ledger servers publish is written to files; another process verifies the files by
 * the genesis and nothing else. One JSON line says how many committees were verified. Networks are added,
 * seed after seed, until together they have made so many blocks.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '@iotw/kernel/bytes';
import { networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import { publicDataToJson } from '@iotw/protocol/public-data';
import { DEFAULT_SIZE, Simulation } from '@iotw/simulator/simulation';
import { giveUp, note } from './support/report.js';
import { publicHistory } from './verify-run/simulated-history.js';

const IOTW = fileURLToPath(import.meta.resolve('@iotw/cli/main'));
const EPOCHS = 100;
const TRANSACTIONS = 8_000;
const FAULTS_MS = 170_000;

interface Verdict {
  readonly genuine: boolean;
  readonly epochs: number;
  readonly rounds: number;
  readonly blocks: number;
  readonly transactions: number;
  readonly committees: Readonly<Record<string, number>>;
  readonly checks: readonly {
    readonly subject: string;
    readonly name: string;
    readonly state: string;
    readonly reason: string;
  }[];
}

function argument(name: string, otherwise: number): number {
  const at = process.argv.indexOf(name);
  const value = at < 0 ? otherwise : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) giveUp(`${name} takes a positive integer.`);
  return value;
}

const wanted = argument('--blocks', 10_000);
const firstSeed = argument('--seed', 1);
const dir = mkdtempSync(join(tmpdir(), 'iotw-verify-'));
const sums = { epochs: 0, rounds: 0, blocks: 0, transactions: 0, bytes: 0, runs: 0 };
const committees: Record<string, number> = {};
const failed: string[] = [];
let verifyMs = 0;

for (let seed = firstSeed; sums.blocks < wanted; seed++) {
  const part = Math.min(1, Math.max(0.05, (wanted - sums.blocks) / 3_000));
  const simulation = new Simulation({
    ...DEFAULT_SIZE,
    seed,
    epochs: Math.ceil(EPOCHS * part),
    transactions: Math.ceil(TRANSACTIONS * part),
    faultsMs: FAULTS_MS,
  });
  const { violation } = simulation.run();
  if (violation !== undefined) giveUp(`seed ${seed}: ${violation.message}`);
  const data = publicHistory(simulation.genesis, simulation.history());
  const genesis = join(dir, 'genesis.json');
  const file = join(dir, 'data.json');
  writeFileSync(genesis, JSON.stringify(genesisToJson(simulation.genesis)));
  writeFileSync(file, JSON.stringify(publicDataToJson(data)));
  const network = toHex(networkId(simulation.genesis));
  const began = performance.now();
  const verifier = spawnSync(
    process.execPath,
    [IOTW, 'verify', 'data', file, '--genesis', genesis, '--network', network, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, IOTW_API: 'http://127.0.0.1:1' } },
  );
  verifyMs += performance.now() - began;
  const verdict = JSON.parse(verifier.stdout) as Verdict;
  if (verifier.status !== 0 || !verdict.genuine) {
    const wrong = verdict.checks.filter(({ state }) => state === 'fail');
    failed.push(...wrong.map(({ subject, name, reason }) => `seed ${seed}: ${subject}: ${name}: ${reason}`));
  }
  for (const key of ['epochs', 'rounds', 'blocks', 'transactions'] as const) sums[key] += verdict[key];
  for (const [mode, n] of Object.entries(verdict.committees)) committees[mode] = (committees[mode] ?? 0) + n;
  sums.bytes += statSync(file).size;
  sums.runs++;
  note(`seed ${seed}: ${verdict.blocks} blocks of ${verdict.epochs} epochs, ${sums.blocks} of ${wanted}`);
}
rmSync(dir, { recursive: true, force: true });
for (const line of failed.slice(0, 10)) note(line);
const verified = Object.values(committees).reduce((sum, n) => sum + n, 0);
process.stdout.write(
  `${JSON.stringify({
    bench: 'verify-run',
    figures: {
      ...sums,
      committeesVerified: verified,
      committeesPercent: (100 * verified) / sums.blocks,
      ...committees,
    },
    failed: failed.length,
    conditions: {
      source: 'the simulator: real machines and keys, faults and adversaries drawn from each seed',
      verifier: 'another process (iotw verify data) with the exported files, the genesis and its id only',
      verifySeconds: Math.round(verifyMs / 1_000),
      firstSeed,
    },
  })}\n`,
);
process.stdout.write(`${verified} passed, ${sums.blocks - verified + failed.length} failed\n`);
process.exitCode = failed.length === 0 && verified === sums.blocks ? 0 : 1;
