// What the images take: flash, RAM, instructions.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, sections } from './compile.mjs';
import { boardCommand, runToEnd } from './emulator.mjs';
import { BUILD } from './places.mjs';
import { coreUnit, figuresImage, M3_CEILINGS, m3Image } from './targets.mjs';

/** The bar of the core without crypto and network, bytes. */
export const CORE_CEILING = 6 * 1024;
/** The VRF's prover stands on the library's group operations: crypto. */
const CRYPTO = ['vrf.c'];
/** MQTT, and what keeps a session by it: the packets, the connection's steps, keepalive and reconnecting. */
const NETWORK = ['mqtt.c', 'wire.c', 'device.c', 'backoff.c'];
/** What an image may take to run the vectors on a busy machine, ms. */
const RUN_MS = 240_000;

/**
 * @param {keyof typeof M3_CEILINGS} name
 * @param {Record<string, string>} from folders of the libraries
 * @returns {Promise<{flash: number, ram: number}>} bytes. The linker holds an image to its ceilings; this tells what it takes.
 */
export async function imageSize(name, from) {
  const found = await sections('arm-none-eabi-size', await build(m3Image(name, from)));
  const data = found['.data'] ?? 0;
  return { flash: found['.text'] + data, ram: data + (found['.bss'] ?? 0) + (found['.stack'] ?? 0) };
}

/** @returns {Promise<{rest: number, network: number, crypto: number}>} bytes of code and constants of core/*.c on the Cortex-M3, all of its functions counted */
export async function coreSizes() {
  const { cc, flags, sources } = coreUnit();
  const partOf = (path) =>
    CRYPTO.includes(basename(path)) ? 'crypto' : NETWORK.includes(basename(path)) ? 'network' : 'rest';
  const sizes = { rest: 0, network: 0, crypto: 0 };
  mkdirSync(join(BUILD, 'core'), { recursive: true });
  for (const part of Object.keys(sizes)) {
    const object = join(BUILD, 'core', `${part}.o`);
    const files = sources.filter((path) => partOf(path) === part);
    const { status, stderr } = spawnSync(cc, [...flags, '-r', '-nostdlib', ...files, '-o', object], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    const found = Object.entries(await sections('arm-none-eabi-size', object));
    sizes[part] = found
      .filter(([name]) => /^[.](text|rodata|data)/.test(name))
      .reduce((sum, [, bytes]) => sum + bytes, 0);
  }
  return sizes;
}

/**
 * Runs the vectors on a board and tells what its work takes.
 * @param {string} board m3, rv32 or lx106
 * @param {Record<string, string>} from folders of the libraries
 * @param {string} vectors folder of vectors_data.h
 * @returns {Promise<{told: string, work: Record<string, number>}>} told: "N passed, 0 failed"; work: instructions. Throws what it said
 *   if a vector failed.
 */
export async function workOf(board, from, vectors) {
  const image = await build(figuresImage(`${board}-figures`, from, vectors));
  const { code, output } = await runToEnd(boardCommand(board, image, { counted: true }), RUN_MS);
  const told = /^\d+ passed, \d+ failed$/m.exec(output)?.[0];
  if (code !== 0 || told === undefined) throw new Error(output.slice(-1_000) || 'it said nothing');
  const work = [...output.matchAll(/^work (\S+) (\d+)$/gm)].map(([, name, cost]) => [name, Number(cost)]);
  return { told, work: Object.fromEntries(work) };
}
