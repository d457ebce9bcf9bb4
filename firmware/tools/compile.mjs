// Compiles C files to objects, two at a time, only those that changed, and links them.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { BUILD, FIRMWARE } from './places.mjs';

/**
 * @typedef {object} Unit what one image is made of
 * @property {string} name of the image
 * @property {string} cc
 * @property {string[]} flags
 * @property {string[]} sources C and assembler files
 * @property {string[]} foreign of libraries: their warnings are not ours
 * @property {string[]} link flags and files for the linker
 */

/** Characters of a compiler's complaint that are repeated. */
const TOLD = 6_000;
const WARNINGS = ['-Wall', '-Wextra', '-Wshadow', '-Wstrict-prototypes', '-Wmissing-prototypes', '-Werror'];

/**
 * @param {Unit} unit
 * @returns {Promise<string>} path of the image. Throws what the compiler said.
 */
export async function build({ name, cc, flags, sources, foreign, link }) {
  const headers = newestHeader(FIRMWARE);
  const folder = join(BUILD, name);
  mkdirSync(folder, { recursive: true });
  const jobs = [
    ...sources.map((source) => ({ source, flags: [...flags, ...WARNINGS] })),
    ...foreign.map((source) => ({ source, flags: [...flags, '-w'] })),
  ].map((job) => ({ ...job, object: objectOf(folder, cc, job) }));
  const stale = jobs.filter(({ source, object }) => {
    if (!existsSync(object)) return true;
    const made = statSync(object).mtimeMs;
    return made < statSync(source).mtimeMs || made < headers;
  });
  await eachAtOnce(availableParallelism(), stale, ({ source, object, flags: own }) =>
    run(cc, [...own, '-c', source, '-o', object]),
  );
  const image = join(folder, `${name}.elf`);
  await run(cc, [
    ...flags,
    ...jobs.map(({ object }) => object),
    ...link,
    `-Wl,-Map=${image}.map`,
    '-o',
    image,
  ]);
  return image;
}

function objectOf(folder, cc, { source, flags }) {
  const key = createHash('sha256')
    .update([cc, source, ...flags].join('\0'))
    .digest('hex')
    .slice(0, 12);
  return join(folder, `${basename(source).replace(/\W/g, '_')}-${key}.o`);
}

function newestHeader(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!/[.](h|inc)$/.test(entry.name)) continue;
    newest = Math.max(newest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  }
  return newest;
}

async function eachAtOnce(width, jobs, work) {
  const left = [...jobs];
  const worker = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

function run(program, words) {
  return new Promise((resolve, reject) => {
    execFile(program, words, { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} … ${words.at(-1)}\n${stderr.slice(0, TOLD)}`));
    });
  });
}

/** @param {string} folder @param {RegExp} [which] @returns {string[]} C and assembler files right in a folder, sorted */
export function filesIn(folder, which = /[.][cS]$/) {
  return readdirSync(folder)
    .filter((name) => which.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Sizes of an image's sections by name. @param {string} size the toolchain's size program @param {string} image */
export async function sections(size, image) {
  const lines = (await run(size, ['-A', image])).split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const match = /^(\S+)\s+(\d+)\s+\d+$/.exec(line);
      return match ? [[match[1], Number(match[2])]] : [];
    }),
  );
}

/** @param {string} path */
export function textOf(path) {
  return readFileSync(path, 'utf8');
}
