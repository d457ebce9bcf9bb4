/**
 * The durability suite: `node bench/dist/durability.js --kills N --failpoints each|all --full-disk`, each part where
 * it is asked for. `--seed S` (default 1) sets the moments of the kills and the load; `--only PREFIX` plays the
 * failpoints of that prefix; `--result FOLDER` keeps the figures there. The last line counts.
 */
import { parseArgs } from 'node:util';
import { runFailpoints } from './durability/failpoint-suite.js';
import { Findings } from './durability/findings.js';
import { runFullDisk } from './durability/full-disk-suite.js';
import { runKills } from './durability/kill-suite.js';
import { runLinks } from './durability/link-suite.js';
import { commit, figureRows, writeResult } from './durability/result-file.js';
import { giveUp } from './support/report.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '0' },
    failpoints: { type: 'string' },
    only: { type: 'string' },
    'full-disk': { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    result: { type: 'string' },
  },
});
const { failpoints: which, only, 'full-disk': fullDisk } = values;
const kills = Number(values.kills);
const seed = Number(values.seed);
if (!Number.isSafeInteger(kills) || kills < 0 || !Number.isSafeInteger(seed))
  giveUp('--kills and --seed take whole numbers');
if (which !== undefined && which !== 'each' && which !== 'all') giveUp('--failpoints takes each or all');

const begunOn = commit();
const began = performance.now();
const findings = new Findings();
const killed = kills === 0 ? undefined : await runKills(kills, seed, findings.add);
const failed = which === undefined ? undefined : await runFailpoints(which, only, seed, findings.add);
const linked = which === undefined ? undefined : await runLinks(which, only, seed, findings.add);
if (fullDisk) findings.skipped += await runFullDisk(seed, findings.add);
const result = {
  commit: begunOn,
  seed,
  seconds: (performance.now() - began) / 1_000,
  kills: killed,
  failpoints: failed,
  links: linked,
  fullDisk,
  lastLine: findings.lastLine,
};
for (const [what, value] of figureRows(result)) console.log(`${what}: ${value}`);
if (values.result !== undefined) console.log(`kept in ${writeResult(values.result, result)}`);
console.log(findings.lastLine);
process.exit(findings.failed > 0 || findings.passed === 0 ? 1 : 0);
