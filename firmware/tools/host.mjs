#!/usr/bin/env node
// Builds a program for the machine it runs on, with its compiler and its libsodium, if it was not built from the same
// files before, and prints its path. Exit code 3: there is no C compiler or no libsodium; one line says so.
//
//   node firmware/tools/host.mjs device|vectors|machine|power|fuzz
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeVectors } from './vectors.mjs';

const FIRMWARE = fileURLToPath(new URL('..', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/firmware/host', import.meta.url));

const STANDARD = ['-std=c99', '-pedantic', '-D_POSIX_C_SOURCE=200809L'];
const WARNINGS = [
  ...['-Wall', '-Wextra', '-Wshadow', '-Wconversion', '-Wstrict-prototypes', '-Wmissing-prototypes'],
  '-Werror',
];
const CHECKED = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** A port and a broker that a test drives. */
const BROKER = ['test/fake_hal.c', 'test/broker.c'];
const FUZZED = ['core', 'crypto', 'test/fuzz.c', ...BROKER];
/** Small rooms, so that short inputs reach their ends. */
const SMALL = ['-DIOTW_LANES=4', '-DIOTW_ASSIGNERS=3', '-DIOTW_ANSWERS=4'];

/** Folders and files of each program, and the flags it is built with. @type {Record<string, {files: string[], flags: string[]}>} */
const PROGRAMS = {
  device: { files: ['core', 'crypto', 'ports/linux'], flags: ['-O2'] },
  vectors: {
    files: ['core', 'crypto', 'test/vectors.c', 'test/host_vectors.c', 'test/fake_hal.c'],
    flags: CHECKED,
  },
  machine: {
    files: ['core', 'crypto', 'test/machine', 'test/expect.c', ...BROKER],
    flags: CHECKED,
  },
  power: { files: ['core', 'crypto', 'test/power.c', 'test/expect.c', ...BROKER], flags: CHECKED },
  fuzz: {
    files: FUZZED,
    flags: [...CHECKED, ...SMALL, '-fsanitize=bounds-strict', '-fsanitize-coverage=trace-pc'],
  },
  libfuzzer: { files: FUZZED, flags: [...CHECKED, ...SMALL, '-fsanitize=fuzzer', '-DIOTW_LIBFUZZER'] },
};

const NEEDED = '#include <sodium/crypto_core_ed25519.h>\nint main(void) { return 0; }\n';

/** @returns {string | undefined} a C compiler that finds libsodium's headers */
export function hostCompiler() {
  return ['cc', 'gcc', 'clang'].find(
    (cc) =>
      spawnSync(cc, ['-x', 'c', '-', '-o', '/dev/null', '-lsodium'], {
        input: NEEDED,
        stdio: ['pipe', 'ignore', 'ignore'],
      }).status === 0,
  );
}

/** What installing may take, ms. */
const INSTALL_MS = 300_000;

/** Where there is none: installs Debian's, if this process is root and apt-get is there. */
export function installHostCompiler() {
  if (hostCompiler() !== undefined || process.getuid?.() !== 0) return;
  console.log('no C compiler with libsodium: trying apt-get install gcc libc6-dev libsodium-dev');
  const options = {
    stdio: 'ignore',
    timeout: INSTALL_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  for (const words of [
    ['update'],
    ['install', '-y', '--no-install-recommends', 'gcc', 'libc6-dev', 'libsodium-dev'],
  ])
    if (spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...words], options).status !== 0)
      return;
}

function filesOf(root, place, ending) {
  const path = join(root, place);
  if (place.endsWith('.c')) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(path, name));
}

/**
 * @param {string} name a key of PROGRAMS
 * @param {string} cc
 * @param {string} [root] where the files are
 * @returns {string} path of the program. Throws what the compiler said.
 */
export function buildForHost(name, cc, root = FIRMWARE) {
  const { files, flags } = PROGRAMS[name];
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'making-'));
  try {
    writeVectors(join(folder, 'vectors_data.h'));
    const sources = files.flatMap((place) => filesOf(root, place, '.c'));
    const headers = ['core', 'crypto', 'hal', 'test', 'test/machine', 'ports/linux'].flatMap((place) =>
      filesOf(root, place, '.h'),
    );
    const hash = createHash('sha256').update([cc, ...STANDARD, ...WARNINGS, ...flags].join('\0'));
    for (const file of [...sources, ...headers, join(folder, 'vectors_data.h')])
      hash.update(readFileSync(file));
    const program = join(CACHE, `${name}-${hash.digest('hex').slice(0, 16)}`);
    if (existsSync(program)) return program;
    const made = join(folder, name);
    const words = [...STANDARD, ...WARNINGS, ...flags, `-I${folder}`, ...sources, '-lsodium', '-o', made];
    const { status, stderr } = spawnSync(cc, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${cc} can't build ${name}:\n${stderr}`);
    renameSync(made, program);
    return program;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const name = process.argv[2];
  if (!Object.hasOwn(PROGRAMS, name ?? ''))
    throw new Error(`usage: host.mjs ${Object.keys(PROGRAMS).join('|')}`);
  const cc = hostCompiler();
  if (cc === undefined) {
    console.log('skipped: no C compiler with libsodium (apt-get install gcc libc6-dev libsodium-dev)');
    process.exitCode = 3;
  } else console.log(buildForHost(name, cc));
}
