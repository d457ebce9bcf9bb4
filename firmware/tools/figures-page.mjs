// npm run firmware -- figures [--write FILE]: measures sizes and work, and writes them as docs/firmware-figures.md has them.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { vectorsFolder } from './devices.mjs';
import * as energy from './energy.mjs';
import { CORE_CEILING, coreSizes, imageSize, workOf } from './measure.mjs';
import { provide } from './needs.mjs';
import { sources } from './sources.mjs';
import { M3_CEILINGS } from './targets.mjs';

const BOARDS = { m3: 'Cortex-M3', rv32: 'RV32IM', lx106: 'LX106 (ESP8266)' };
const WORK = {
  'assignment-1': 'assignment of 1 hash, from its first byte to the signed answer',
  'assignment-100': 'assignment of 100 hashes',
  vrf: 'election ticket (VRF proof)',
  login: 'login token',
  presence: 'presence ticket',
  stretch: 'longest stretch of all this between two calls of hal_yield',
};
const IMAGES = { m3: 'lwIP and MQTT, without TLS', 'm3-tls': 'the same with TLS 1.2 and a pinned key' };
const MEGAHERTZ = [80, 160];

/** @param {string[]} words options */
export async function figuresCommand(words) {
  const { values } = parseArgs({ args: words, options: { write: { type: 'string' } } });
  const there = provide(['sources', ...Object.keys(BOARDS)]);
  const from = there.has('sources') ? sources(['lwip', 'bearssl', 'libsodium']) : undefined;
  if (from === undefined || there.size <= Object.keys(BOARDS).length)
    throw new Error('the figures need the compilers, emulators and sources of all three boards');
  const vectors = vectorsFolder();
  const work = {};
  for (const board of Object.keys(BOARDS)) work[board] = (await workOf(board, from, vectors)).work;
  const sizes = {};
  for (const name of Object.keys(IMAGES)) sizes[name] = await imageSize(name, from);
  const page = pageOf(sizes, await coreSizes(), work);
  if (values.write === undefined) console.log(page);
  else writeFileSync(values.write, page);
}

const number = (value) => value.toLocaleString('en');
const row = (cells) => `| ${cells.join(' | ')} |\n`;
const table = (head, rows) => `${row(head)}|${'---|'.repeat(head.length)}\n${rows.map(row).join('')}`;
const span = ([least, most], unit) => `${round(least)} to ${round(most)} ${unit}`;
const round = (value) => (value < 10 ? value.toFixed(1) : number(Math.round(value)));

function pageOf(sizes, core, work) {
  const kinds = Object.entries(WORK);
  const boards = Object.keys(BOARDS);
  const names = Object.values(BOARDS);
  const images = Object.entries(IMAGES).map(([name, what]) => [
    what,
    ...[sizes[name].flash, M3_CEILINGS[name].flash, sizes[name].ram, M3_CEILINGS[name].ram].map(number),
  ]);
  const derived = kinds.flatMap(([kind, what]) =>
    MEGAHERTZ.map((mhz) => [
      `${what}, ${mhz} MHz`,
      ...boards.map((board) => span(energy.milliseconds(work[board][kind], mhz), 'ms')),
    ]),
  );
  const joules = kinds.map(([kind, what]) => [
    what,
    ...boards.map((board) => span(energy.millijoules(work[board][kind]), 'mJ')),
  ]);
  const range = ([least, most]) => `${energy.told(least)} to ${energy.told(most)}`;
  const { watts, busy, idle } = energy.SERVERS;
  return `# What the firmware takes

Written by \`npm run firmware -- figures --write docs/firmware-figures.md\` (Debian 12: GCC 12.2, QEMU 7.2, lwIP 2.1.3, BearSSL 0.6, libsodium 1.0.18), ${new Date().toISOString().slice(0, 10)}.
\`npm run firmware\` holds the sizes to their ceilings.

## Size, Cortex-M3

${table(['whole image', 'flash', 'ceiling', 'RAM with stack', 'ceiling'], images)}
The linker script has the ceilings as its memory: an image that outgrows them does not link. 8,192 bytes of the RAM are stack. In runs against a devnet its
deepest was 4,400 bytes without TLS, 5,168 with it and 6,024 with election tickets.

${table(
  ['`core/`, every function of it', 'bytes', 'ceiling'],
  [
    ['without network and crypto', number(core.rest), number(CORE_CEILING)],
    ['network: MQTT, the session, reconnecting (mqtt, device, wire, backoff)', number(core.network), ''],
    ['crypto: the VRF (vrf); libsodium is no part of core', number(core.crypto), ''],
  ],
)}
The first row takes in assignments, Merkle tree, answers and chain, statements, hello and its JSON, the store and the report.

## Work, instructions

${table(
  ['', ...names],
  kinds.map(([kind, what]) => [what, ...boards.map((board) => number(work[board][kind]))]),
)}
QEMU counts instructions (\`-icount\`), and a run of the same image repeats each of these numbers. Those of the Cortex-M3 are up to a thousandth too high: its
board's timers take part. The LX106 multiplies 32 by 32 bits to 32 only; libsodium's portable code asks for 64, which takes four products.

## Time and energy: derived, not measured

From one cycle an instruction to ${energy.MOST_CYCLES}: chips wait for flash and take more than one cycle for some instructions.

${table(['time', ...names], derived)}
Energy of the chip with its radio off, at the power of an ESP8266: 15 mA at 3.3 V and 80 MHz (Espressif, ESP8266EX data sheet, 2020, table 3-4). Power is
taken to go with the clock, so that the energy is the same at 160 MHz. An ESP32-C3 takes about the same: 27 mA at 160 MHz was measured (R. Dobson, 2023).

${table(['energy', ...names], joules)}
## A transaction, here and elsewhere: derived

${table(
  ['', 'energy a transaction'],
  [
    [
      `all devices of an attested transaction (a miner and ${energy.COMMITTEE - 1} witnesses)`,
      range(energy.joulesATransaction(work)),
    ],
    ['servers beside them', range(energy.joulesOfServers())],
    ...energy.OTHERS.map((other) => [other.name, range(energy.joulesElsewhere(other))]),
  ],
)}
- Devices: from a block of 100 transactions on the thriftiest chip, its radio left out, to a block of one on the hungriest with 20 ms of sending at 170 mA. An
  appliance is on anyway: what it takes while it waits is not counted.
- Servers: from one machine of ${watts} W (a guess) at ${number(busy.perSecond)} transactions a second ([measured](results/2026-11-23.md)) to ${idle.machines} such machines that carry ${idle.perSecond} a second.
  They take nearly all of the energy, and an idle network's share for a transaction is as high as its load is low.
${energy.OTHERS.map(({ name, source, transactionsADay: [few, many] }) => `- ${name}: ${source}; ${number(few)} to ${number(many)} transactions a day (a wide guess for 2023).\n`).join('')}- The estimates for other networks differ between sources by a factor of two and more, and their energy does not grow with their transactions:
  the quotient says how the sum is spread, not what one more transaction takes. The networks differ in what they protect and in their size.
`;
}
