// The images: which compiler, which flags, which files, which linker script.
import { join } from 'node:path';
import { filesIn } from './compile.mjs';
import { bearssl, libsodium, lwip } from './libraries.mjs';
import { FIRMWARE } from './places.mjs';

const port = (...path) => join(FIRMWARE, 'ports', ...path);
const C99 = ['-std=c99', '-Os', '-ffunction-sections', '-fdata-sections', `-I${join(FIRMWARE, 'core')}`];
const PARTS = [`-I${join(FIRMWARE, 'crypto')}`, `-I${join(FIRMWARE, 'hal')}`, `-I${join(FIRMWARE, 'test')}`];
const FREESTANDING = [
  ...['-ffreestanding', '-fno-tree-loop-distribute-patterns', '-fno-common'],
  ...[`-I${port('freestanding/include')}`, `-I${port('freestanding')}`],
];
const BARE_LINK = ['-nostdlib', '-nostartfiles', '-Wl,--gc-sections', '-Wl,--fatal-warnings'];
const M3 = ['-mcpu=cortex-m3', '-mthumb'];

/** The bars of the Cortex-M3's images: what does not fit does not link. Stack within the RAM. */
export const M3_CEILINGS = {
  m3: { flash: 110 * 1024, ram: 24 * 1024, stack: 8 * 1024 },
  'm3-tls': { flash: 160 * 1024, ram: 32 * 1024, stack: 8 * 1024 },
};

/** Compiler, flags and port of each instruction set's image without a network. */
const FIGURES = {
  'm3-figures': {
    cc: 'arm-none-eabi-gcc',
    machine: M3,
    folder: 'qemu-m3',
    script: 'm3.ld',
    own: ['startup.c', 'semihosting.c'],
  },
  'rv32-figures': {
    cc: 'riscv64-unknown-elf-gcc',
    machine: ['-march=rv32im', '-mabi=ilp32', '-mcmodel=medany'],
    link: ['-Wl,--no-warn-rwx-segments'],
    ...{ folder: 'qemu-rv32', script: 'rv32.ld', own: ['start.S', 'board.c'] },
  },
  'lx106-figures': {
    cc: 'xtensa-lx106-elf-gcc',
    machine: ['-mlongcalls', '-mtext-section-literals'],
    link: ['-Wl,--no-warn-rwx-segments'],
    ...{ folder: 'qemu-lx106', script: 'lx106.ld', own: ['start.S', 'board.c', 'arithmetic.c'] },
  },
};

const core = () => filesIn(join(FIRMWARE, 'core'));
const crypto = () => [join(FIRMWARE, 'crypto', 'crypto_sodium.c'), ...filesIn(port('freestanding'))];

/**
 * The whole image of the Cortex-M3.
 * @param {'m3' | 'm3-tls'} name
 * @param {Record<string, string>} from folders of the libraries
 * @returns {import('./compile.mjs').Unit}
 */
export function m3Image(name, from) {
  const tls = name === 'm3-tls';
  const libraries = [libsodium(from.libsodium), lwip(from.lwip), ...(tls ? [bearssl(from.bearssl)] : [])];
  const { flash, ram, stack } = M3_CEILINGS[name];
  const own = filesIn(port('qemu-m3')).filter((path) => tls || !/(tls|pinned_key)[.]c$/.test(path));
  return {
    name,
    cc: 'arm-none-eabi-gcc',
    flags: [
      ...[...C99, ...PARTS, ...FREESTANDING, ...M3, `-I${port('qemu-m3')}`],
      ...libraries.flatMap(({ flags }) => flags),
      ...(tls ? ['-DIOTW_TLS'] : []),
    ],
    sources: [...own, ...core(), ...crypto()],
    foreign: libraries.flatMap(({ foreign }) => foreign),
    link: [
      ...[...BARE_LINK, '-T', port('qemu-m3/m3.ld'), '-lgcc'],
      ...[
        `-Wl,--defsym=FLASH_BYTES=${flash}`,
        `-Wl,--defsym=RAM_BYTES=${ram}`,
        `-Wl,--defsym=STACK_BYTES=${stack}`,
      ],
    ],
  };
}

/** The portable core alone, for the Cortex-M3. @returns {Pick<import('./compile.mjs').Unit, 'cc' | 'flags' | 'sources'>} */
export function coreUnit() {
  return { cc: 'arm-none-eabi-gcc', flags: [...C99, ...PARTS, ...FREESTANDING, ...M3], sources: core() };
}

/**
 * The image that runs vectors and figures.
 * @param {keyof typeof FIGURES} name
 * @param {Record<string, string>} from folders of the libraries
 * @param {string} vectors folder of vectors_data.h
 * @returns {import('./compile.mjs').Unit}
 */
export function figuresImage(name, from, vectors) {
  const { cc, machine, folder, script, own, link = [] } = FIGURES[name];
  const sodium = libsodium(from.libsodium);
  return {
    name,
    cc,
    flags: [
      ...C99,
      ...PARTS,
      ...FREESTANDING,
      ...machine,
      `-I${port(folder)}`,
      `-I${vectors}`,
      ...sodium.flags,
    ],
    sources: [
      ...own.map((file) => port(folder, file)),
      ...[port('figures/main.c'), join(FIRMWARE, 'test/vectors.c')],
      ...core().filter((path) => !/(device|report|backoff|mqtt|wire|store)[.]c$/.test(path)),
      ...crypto(),
    ],
    foreign: sodium.foreign,
    link: [
      ...[...BARE_LINK, '-T', port(folder, script), '-lgcc', ...link],
      // The vectors are no part of a product: there is room for them.
      ...['-Wl,--defsym=FLASH_BYTES=4M', '-Wl,--defsym=RAM_BYTES=128K', '-Wl,--defsym=STACK_BYTES=16K'],
    ],
  };
}

/** Routers' instruction sets: Debian's cross compiler, and how a program of it runs on this machine. */
export const ROUTERS = {
  armhf: { cc: 'arm-linux-gnueabihf-gcc', runner: ['qemu-arm', '-L', '/usr/arm-linux-gnueabihf'] },
  mipsel: { cc: 'mipsel-linux-gnu-gcc', runner: ['qemu-mipsel', '-L', '/usr/mipsel-linux-gnu'] },
};

/**
 * A program for a router: the device with its Linux port, or the vectors. libsodium's objects are linked in.
 * @param {keyof typeof ROUTERS} router
 * @param {'device' | 'vectors'} what
 * @param {Record<string, string>} from folders of the libraries
 * @param {string} vectors folder of vectors_data.h
 * @returns {import('./compile.mjs').Unit}
 */
export function routerProgram(router, what, from, vectors) {
  const sodium = libsodium(from.libsodium);
  const own =
    what === 'device'
      ? filesIn(port('linux'))
      : ['vectors.c', 'host_vectors.c', 'fake_hal.c'].map((file) => join(FIRMWARE, 'test', file));
  return {
    name: `${router}-${what}`,
    cc: ROUTERS[router].cc,
    flags: [...C99, ...PARTS, '-D_POSIX_C_SOURCE=200809L', `-I${vectors}`, ...sodium.flags],
    sources: [...own, ...core(), join(FIRMWARE, 'crypto', 'crypto_sodium.c'), port('freestanding/sodium.c')],
    foreign: sodium.foreign,
    link: ['-Wl,--gc-sections'],
  };
}
