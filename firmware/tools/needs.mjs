// Compilers and emulators: which program each port needs, which package of Debian 12 has it, and how it gets here.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program and package, by what they are for. The C libraries of the routers' builds come beside their compilers. */
export const NEEDS = {
  sources: [['dpkg-source', 'dpkg-dev']],
  host: [
    ['gcc', 'gcc'],
    ['/usr/include/stdio.h', 'libc6-dev'],
  ],
  m3: [
    ['arm-none-eabi-gcc', 'gcc-arm-none-eabi'],
    ['qemu-system-arm', 'qemu-system-arm'],
  ],
  rv32: [
    ['riscv64-unknown-elf-gcc', 'gcc-riscv64-unknown-elf'],
    ['qemu-system-riscv32', 'qemu-system-misc'],
  ],
  lx106: [
    ['xtensa-lx106-elf-gcc', 'gcc-xtensa-lx106'],
    ['qemu-system-xtensa', 'qemu-system-misc'],
  ],
  armhf: [
    ['arm-linux-gnueabihf-gcc', 'gcc-arm-linux-gnueabihf'],
    ['/usr/arm-linux-gnueabihf/include/stdio.h', 'libc6-dev-armhf-cross'],
    ['qemu-arm', 'qemu-user'],
  ],
  mipsel: [
    ['mipsel-linux-gnu-gcc', 'gcc-mipsel-linux-gnu'],
    ['/usr/mipsel-linux-gnu/include/stdio.h', 'libc6-dev-mipsel-cross'],
    ['qemu-mipsel', 'qemu-user'],
  ],
};

/** @param {string} program a name on the path, or the path of a file */
export function isThere(program) {
  if (program.startsWith('/')) return existsSync(program);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** @param {string} need a key of NEEDS @returns {string[]} packages that are missing */
export function missing(need) {
  return NEEDS[need].filter(([program]) => !isThere(program)).map(([, name]) => name);
}

/**
 * Installs what is missing where this is root on a machine with apt, and says in one line what is not to be had.
 * @param {string[]} needs keys of NEEDS
 * @returns {Set<string>} those that are there now
 */
export function provide(needs) {
  const wanted = [...new Set(needs.flatMap(missing))];
  if (wanted.length > 0 && process.getuid?.() === 0 && isThere('apt-get')) install(wanted);
  const there = new Set(needs.filter((need) => missing(need).length === 0));
  for (const need of needs) {
    if (!there.has(need)) console.log(`skipped ${need}: apt-get install ${missing(need).join(' ')}`);
  }
  return there;
}

function install(packages) {
  const apt = (...words) =>
    spawnSync('apt-get', ['-q', ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  const all = ['install', '-y', '--no-install-recommends'];
  if (apt(...all, ...packages)) return;
  apt('update');
  // One that this distribution lacks must not keep the others away.
  if (!apt(...all, ...packages)) for (const name of packages) apt(...all, name);
}
