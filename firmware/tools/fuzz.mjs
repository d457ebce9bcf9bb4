#!/usr/bin/env node
// Fuzzes the device's codec and parsers on this machine, with sanitizers (firmware/test/fuzz.c), and looks whether
// planted bugs are found.
//
//   node firmware/tools/fuzz.mjs [--executions N] [--seed N] [--result FOLDER]
//
// Own mutations first; then, with clang, as many executions of libFuzzer from what those kept. The last line counts.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lastLine } from '../../tools/test/steps.mjs';
import { PLANTS, plant } from './fuzz-plants.mjs';
import { buildForHost, hostCompiler, installHostCompiler } from './host.mjs';

/** Executions within which a planted bug has to be found. */
const PLANT_EXECUTIONS = 1_000_000;

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    result: { type: 'string' },
  },
});
const count = { passed: 0, failed: 0, skipped: 0 };
/** Rows of the result page: what was run, what came of it. @type {[string, string][]} */
const rows = [];
installHostCompiler();
const cc = hostCompiler();
if (cc === undefined) {
  console.log('skipped: no C compiler with libsodium (apt-get install gcc libc6-dev libsodium-dev)');
  count.skipped += 2 + PLANTS.length;
} else {
  const kept = mkdtempSync(join(tmpdir(), 'iotw-fuzz-'));
  try {
    await ownMutations(kept);
    await libFuzzer(kept);
    for (const one of PLANTS) await planted(one);
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
}
if (values.result !== undefined) console.log(`kept in ${writeResult(values.result)}`);
console.log(lastLine(count));
process.exitCode = count.failed > 0 ? 1 : 0;

async function ownMutations(kept) {
  const { code, output, seconds } = await run(buildForHost('fuzz', cc), [
    values.executions,
    values.seed,
    kept,
  ]);
  settle('own mutations', code === 0, code === 0 ? `${output.trim()}, ${seconds} s` : output.slice(-2_000));
}

async function libFuzzer(kept) {
  let program;
  try {
    program = buildForHost('libfuzzer', 'clang');
  } catch (error) {
    console.log(`skipped libFuzzer: apt-get install clang (${String(error.message).split('\n')[0]})`);
    count.skipped += 1;
    return;
  }
  const { code, output, seconds } = await run(program, [
    ...[`-runs=${values.executions}`, `-seed=${values.seed}`, '-max_len=4096', '-print_final_stats=1'],
    ...[`-artifact_prefix=${kept}/`, kept],
  ]);
  const done = /stat::number_of_executed_units: (\d+)/.exec(output)?.[1];
  const reached = [...output.matchAll(/cov: (\d+)/g)].at(-1)?.[1];
  const well = code === 0 && Number(done) >= Number(values.executions);
  settle(
    'libFuzzer',
    well,
    well
      ? `${done} executions, seed ${values.seed}, ${reached} edges, 0 findings, ${seconds} s`
      : output.slice(-4_000),
  );
}

async function planted(one) {
  const folder = mkdtempSync(join(tmpdir(), 'iotw-planted-'));
  try {
    plant(one, folder);
    const { code, output } = await run(buildForHost('fuzz', cc, folder), [
      String(PLANT_EXECUTIONS),
      values.seed,
    ]);
    const told = /(not so: .*|runtime error: .*|SUMMARY: .*)/.exec(output)?.[1];
    const found = code !== 0 && told !== undefined;
    settle(
      `planted: ${one.name}`,
      found,
      found ? `found: ${told.replaceAll(folder, '').replaceAll(/\/\S*\//g, '')}` : 'not found',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function settle(what, well, told) {
  console.log(`${well ? 'ok    ' : 'FAILED'} ${what}: ${told}`);
  count[well ? 'passed' : 'failed'] += 1;
  rows.push([what, well ? told : 'failed']);
}

/** Runs a program at low priority to its end. */
function run(program, words) {
  const start = process.hrtime.bigint();
  return new Promise((resolve) => {
    const child = spawn('nice', ['-n', '10', program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-200_000);
      });
    child.on('close', (code) =>
      resolve({ code, output, seconds: Number((process.hrtime.bigint() - start) / 1_000_000_000n) }),
    );
  });
}

function writeResult(folder) {
  const today = new Date().toISOString().slice(0, 10);
  const git = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' });
  const version = (program) =>
    spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? 'not there';
  const facts = [
    ['date', today],
    ['commit', git.stdout?.trim() || 'unknown'],
    ['command', 'npm run test:long -- firmware-fuzz'],
    ['hardware', `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`],
    ['compilers', `${version(cc ?? 'cc')}; ${version('clang')}`],
  ];
  const table = (lines) =>
    `| what | value |\n|---|---|\n${lines.map(([a, b]) => `| ${a} | ${b} |\n`).join('')}`;
  const path = join(folder, `firmware-fuzz-${today}.md`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path,
    `# Fuzzing the firmware, ${today}\n\nThe device's packet reader, hello, assignment and store parsers and the whole device, on this machine, with\nAddressSanitizer and UndefinedBehaviorSanitizer ([fuzz.c](../../firmware/test/fuzz.c)). A finding ends a run.\n\n${table(facts)}\n${table(rows)}`,
  );
  return path;
}
