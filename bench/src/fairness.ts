/**
 * The fairness suite: `node bench/dist/fairness.js`. First draws in every election mode against their
 * weights, a bias that must be noticed, and what diversity, hedging and damping do to equal chances.
 * `--draws N` (default 1,000,000 in each mode), `--blocks N` (for the deviations), `--commit HASH` (what the
 * seeds are made from, default: git's), `--result FOLDER` keeps the figures there. The last line is JSON.
 */
import { parseArgs } from 'node:util';
import { commit } from './durability/result-file.js';
import { firstDrawMicroseconds } from './fairness/first-draws.js';
import { writeFairness } from './fairness/result-page.js';
import { measureFairness } from './fairness/suite.js';
import { giveUp } from './support/report.js';

const { values } = parseArgs({
  options: {
    draws: { type: 'string', default: '1000000' },
    blocks: { type: 'string', default: '200000' },
    commit: { type: 'string' },
    result: { type: 'string' },
  },
});
const draws = Number(values.draws);
const blocks = Number(values.blocks);
if (!Number.isSafeInteger(draws) || draws < 1_000 || !Number.isSafeInteger(blocks) || blocks < 1_000)
  giveUp('--draws and --blocks take whole numbers of at least 1,000');

const hash = values.commit ?? commit();
const began = performance.now();
const measured = measureFairness(draws, blocks, hash, (line) => console.error(line));
const result = {
  ...measured,
  bench: 'fairness',
  commit: hash,
  firstDrawUs: Math.round(10 * firstDrawMicroseconds()) / 10,
  seconds: Math.round((performance.now() - began) / 1_000),
};
if (values.result !== undefined) console.error(`kept in ${writeFairness(values.result, result)}`);
const failed = [...measured.fair, ...measured.detected].filter(({ good }) => !good);
for (const { name, statistic, p } of failed) console.error(`failed: ${name}, statistic ${statistic}, p ${p}`);
const passed = measured.fair.length + measured.detected.length - failed.length;
console.log(JSON.stringify({ ...result, passed, failed: failed.length }));
process.exit(failed.length > 0 ? 1 : 0);
