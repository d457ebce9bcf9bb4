/**
 * A mesh of four sites under faults, one site at a time, while a bank works at it: `node bench/dist/perturbations.js --count N`.
 * `--seed S` (default 1): order, victims, lengths; `--kinds kill,pause`: those alone; `--result FOLDER` keeps the figures there. The
 * last line counts.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { Prng } from '@iotw/kernel/prng';
import { Findings } from './durability/findings.js';
import { within } from './durability/node-run.js';
import { commit } from './durability/result-file.js';
import { Bank } from './mesh/bank.js';
import { checkHistory, withStaleRead } from './mesh/linearizable.js';
import { MeshCheck } from './mesh/mesh-check.js';
import { MeshNetwork, SITES } from './mesh/mesh-network.js';
import { NamespaceWiring } from './mesh/namespaces.js';
import { KINDS, type Kind, perturb, planOf } from './mesh/perturbation.js';
import { writePerturbations } from './mesh/perturbation-result.js';
import { LocalWiring } from './mesh/wiring.js';
import { giveUp } from './support/report.js';

const DEVICES = 40;
const EPOCH_MS = 1_000;
/** An epoch that opens so much later than it may has missed its seed. */
const MISS_MS = 10_000;
const ACCOUNTS = 8;
const FUNDS = 100_000_000_000;
/** Between two operations of a client. */
const PAUSE_MS = 100;
/** Without a final transfer for so long after healing, a perturbation has failed. */
const STUCK_MS = 90_000;
const DISK = '320m';
const MOUNT = 'mount';
const UNMOUNT = 'umount';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    kinds: { type: 'string' },
    result: { type: 'string' },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed))
  giveUp('--count and --seed take whole numbers');
const asked = values.kinds?.split(',') ?? KINDS;
if (!asked.every((kind): kind is Kind => (KINDS as readonly string[]).includes(kind)))
  giveUp(`--kinds takes some of ${KINDS.join(',')}`);
const cometbft = cometBftForTests();
if (cometbft === undefined) {
  console.log('skipped: no CometBFT, so no mesh is perturbed: node tools/cometbft/install.mjs');
  console.log('0 passed, 0 failed, 1 skipped');
  process.exit(0);
}

const begunOn = commit();
const began = performance.now();
const findings = new Findings();
const namespaces = NamespaceWiring.open();
const wiring = namespaces ?? new LocalWiring();
const mesh = await MeshNetwork.make({
  cometbft,
  wiring,
  devices: DEVICES,
  payers: ACCOUNTS,
  parameters: { epochMs: EPOCH_MS },
});
const disks = Array.from({ length: SITES }, (_, site) => mesh.ledgerDir(site));
const mount = (dir: string): boolean =>
  spawnSync(MOUNT, ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', dir], { stdio: 'ignore' }).status === 0;
const mounted = (asked as readonly string[]).includes('full-disk') && disks.every(mount);
const possible = asked.filter(
  (kind) =>
    (namespaces !== undefined || (kind !== 'partition' && kind !== 'disconnect')) &&
    (mounted || kind !== 'full-disk'),
);
for (const kind of asked) {
  if (possible.includes(kind)) continue;
  console.log(`       ${kind}: skipped, it takes root`);
  findings.skipped += 1;
}
const started = await mesh.start();
if (!started.ok) giveUp(`${started.error.code}: ${started.error.message}`);

const prng = new Prng(`perturbations ${seed}`);
const bank = new Bank(mesh, ACCOUNTS, seed);
const check = new MeshCheck(mesh, bank);
const progressMs: number[] = [];
const backMs: number[] = [];
bank.start(PAUSE_MS);
await bank.next();
for (const [i, perturbation] of planOf(count, possible, prng).entries()) {
  const { kind, site, other, ms } = perturbation;
  const wrong: string[] = [];
  const healedMs = await perturb(perturbation, mesh, namespaces);
  const victim = bank.next(site);
  const anybody = bank.next();
  const progress = await within(anybody, STUCK_MS);
  if (progress === undefined) wrong.push(`nothing was final for ${STUCK_MS} ms after it`);
  else progressMs.push(progress.toldMs - healedMs);
  const back = await within(victim, STUCK_MS);
  if (back === undefined) wrong.push(`server ${site} told nothing final for ${STUCK_MS} ms`);
  else backMs.push(back.toldMs - healedMs);
  wrong.push(...(await check.look()), ...bank.violations.splice(0));
  if (wrong.length > 0) wrong.push(...mesh.lastWords(site));
  const where = kind === 'disconnect' ? `${site} from ${other}` : `${site}`;
  const figures = [progressMs, backMs].map((list) => `${((list.at(-1) ?? Number.NaN) / 1_000).toFixed(1)} s`);
  findings.add({
    name: `${i + 1} of ${count}: ${kind} ${where} for ${ms} ms; progress after ${figures[0]}, there itself after ${figures[1]}`,
    wrong,
  });
}
await bank.stop();
findings.add({
  name: `one state at each of ${check.rounds} rounds, all finals everywhere`,
  wrong: await check.look(),
});
findings.add({ name: `the sum of ${bank.reads.length} reads`, wrong: check.sums(ACCOUNTS * FUNDS) });
const waits = check.openings.slice(1).map((timeMs, i) => timeMs - check.openings[i]! - EPOCH_MS);
const missed = waits.filter((ms) => ms > MISS_MS).length;
findings.add({
  name: `${check.openings.length} epochs opened by the common key, the latest ${Math.max(...waits)} ms behind its time`,
  wrong: missed === 0 ? [] : [`${missed} opened more than ${MISS_MS} ms behind`],
});
await mesh.stop();
for (const dir of mounted ? disks : []) spawnSync(UNMOUNT, ['-l', dir]);
await mesh.close();

const initial = new Array<number>(ACCOUNTS).fill(FUNDS);
const verdict = checkHistory(initial, bank.history);
if (verdict === undefined) {
  console.log('       linearizability: skipped, Porcupine takes Go and its module');
  findings.skipped += 1;
} else {
  findings.add({
    name: `${bank.history.length} operations: ${verdict}`,
    wrong: verdict === 'linearizable' ? [] : ['Porcupine found no order for them'],
  });
  const spoiled = checkHistory(initial, withStaleRead(bank.history));
  findings.add({
    name: 'the same with a stale read',
    wrong: spoiled === 'not linearizable' ? [] : [`it was to be refused, but is ${spoiled}`],
  });
}
const result = {
  commit: begunOn,
  seed,
  count,
  kinds: possible,
  seconds: (performance.now() - began) / 1_000,
  progressMs,
  backMs,
  finals: bank.finals.length,
  reads: bank.reads.length,
  rounds: check.rounds,
  epochs: check.openings.length,
  latestEpochMs: Math.max(...waits),
  verdict: verdict ?? 'skipped',
  lastLine: findings.lastLine,
};
for (const line of writePerturbations(values.result, result)) console.log(line);
console.log(findings.lastLine);
process.exit(findings.failed > 0 || findings.passed === 0 ? 1 : 0);
