// npm run firmware: gets compilers, emulators and the libraries' sources where it may, builds the images, runs the
// spec's vectors on each instruction set, holds sizes against their ceilings and tells what the work costs. Other commands: main.mjs.
// What a machine lacks is said in one line and counted as skipped. The last line counts.
import { spawnSync } from 'node:child_process';
import { lastLine } from '../../tools/test/steps.mjs';
import { build } from './compile.mjs';
import { devicesOf, vectorsFolder } from './devices.mjs';
import { buildCommandLine } from './devnet.mjs';
import { runToEnd } from './emulator.mjs';
import { endToEnd } from './end-to-end.mjs';
import { buildForHost, hostCompiler, installHostCompiler } from './host.mjs';
import { CORE_CEILING, coreSizes, imageSize, workOf } from './measure.mjs';
import { provide } from './needs.mjs';
import { sources } from './sources.mjs';
import { M3_CEILINGS, ROUTERS, routerProgram } from './targets.mjs';

const BOARDS = ['m3', 'rv32', 'lx106'];
const ROUTER_NAMES = Object.keys(ROUTERS);
/** What runs on this machine, with sanitizers: the vectors, hostile brokers, power that goes at every byte of a write, fuzzing. */
const HOST = ['vectors', 'machine', 'power', 'fuzz'];
/** What an image may take to run the vectors on a busy machine, ms. */
const RUN_MS = 120_000;
/** Answers in certificates that show a device at work. */
const FEW_ANSWERS = 30;

const count = { passed: 0, failed: 0, skipped: 0 };
installHostCompiler();
const there = provide(['sources', ...BOARDS, ...ROUTER_NAMES]);
const cc = hostCompiler();
if (cc !== undefined) there.add('host');
else
  console.log(
    'no C compiler with libsodium here, so nothing runs on this machine: apt-get install gcc libsodium-dev',
  );
for (const name of HOST) await doing('host', `${name} on this machine`, () => onHost(name));
const from = there.has('sources') ? sources(['lwip', 'bearssl', 'libsodium']) : undefined;
if (from === undefined) {
  count.skipped += 4 + BOARDS.length + ROUTER_NAMES.length;
} else {
  const vectors = vectorsFolder();
  for (const name of Object.keys(M3_CEILINGS)) await doing('m3', `size of ${name}`, () => size(name));
  await doing('m3', 'size of core', core);
  // Most of the time it waits for epochs to end: the rest runs beside it.
  const joins = there.has('host')
    ? doing('m3', 'm3 over TLS and linux join a devnet', joinDevnet)
    : undefined;
  if (joins === undefined) count.skipped += 1;
  for (const board of BOARDS) await doing(board, `vectors on ${board}`, () => figures(board, vectors));
  for (const router of ROUTER_NAMES)
    await doing(router, `vectors on ${router}`, () => onRouter(router, vectors));
  await joins;
}
console.log(lastLine(count));
process.exitCode = count.failed > 0 ? 1 : 0;

async function doing(need, what, work) {
  if (!there.has(need)) {
    count.skipped += 1;
    return;
  }
  try {
    console.log(`ok     ${what}: ${await work()}`);
    count.passed += 1;
  } catch (error) {
    console.log(`FAILED ${what}: ${error.message}`);
    count.failed += 1;
  }
}

/** A program of firmware/test counts its checks in its last line. */
function onHost(name) {
  const { status, stdout, stderr } = spawnSync(buildForHost(name, cc), [], {
    encoding: 'utf8',
    timeout: RUN_MS,
  });
  if (status !== 0) throw new Error(`${stdout}${stderr}`.slice(-1_000) || 'it said nothing');
  return stdout.trimEnd().split('\n').at(-1);
}

/** The short form of `npm run firmware -- end-to-end`. A busy machine may let a device be late: that is told and no fault. */
async function joinDevnet() {
  const { devices } = await devicesOf('m3,linux');
  buildCommandLine();
  const { outcomes, seconds } = await endToEnd(devices, FEW_ANSWERS, { missesCount: false });
  const faults = outcomes.flatMap((one) => one.faults.map((fault) => `${one.name}: ${fault}`));
  if (faults.length > 0) throw new Error(faults.join('; '));
  const told = outcomes.map(
    ({ name, figures }) =>
      `${name} mined ${figures.mined}, witnessed ${figures.witnessed}, missed ${figures.missed}, was paid ${figures.paid}`,
  );
  return `${told.join('; ')} (${seconds} s)`;
}

async function size(name) {
  const { flash, ram } = await imageSize(name, from);
  return `flash ${flash} of ${M3_CEILINGS[name].flash} bytes, RAM with stack ${ram} of ${M3_CEILINGS[name].ram}`;
}

async function core() {
  const { rest, network, crypto } = await coreSizes();
  if (rest > CORE_CEILING) throw new Error(`${rest} bytes, more than ${CORE_CEILING}`);
  return `${rest} of ${CORE_CEILING} bytes without network (${network}) and crypto (${crypto})`;
}

async function figures(board, vectors) {
  const { told, work } = await workOf(board, from, vectors);
  return `${told}; instructions: ${Object.entries(work)
    .map((pair) => pair.join(' '))
    .join(', ')}`;
}

/** Built by a router's cross compiler, run by QEMU's user emulation. */
async function onRouter(router, vectors) {
  const program = await build(routerProgram(router, 'vectors', from, vectors));
  const { code, output } = await runToEnd([...ROUTERS[router].runner, program], RUN_MS);
  if (code !== 0) throw new Error(output.slice(-1_000) || 'it said nothing');
  return output.trimEnd().split('\n').at(-1);
}
