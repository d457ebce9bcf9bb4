// Runs images in QEMU, and programs for routers under its user emulation.
import { spawn } from 'node:child_process';

/** What each board is started with; `-icount shift=7`: an instruction is 128 ns of its clock (ICOUNT_NS in board.h), so that counts repeat. */
const BOARDS = {
  m3: (image, argument) => [
    'qemu-system-arm',
    ...['-M', 'mps2-an385', '-kernel', image, '-nic', 'user,model=lan9118'],
    '-semihosting-config',
    `enable=on,target=native${argument === undefined ? '' : `,arg=${argument}`}`,
  ],
  rv32: (image) => ['qemu-system-riscv32', '-M', 'virt', '-bios', 'none', '-nic', 'none', '-kernel', image],
  lx106: (image) => [
    'qemu-system-xtensa',
    '-M',
    'sim',
    '-cpu',
    'lx106',
    '-semihosting',
    '-nic',
    'none',
    '-kernel',
    image,
  ],
};
const QUIET = ['-display', 'none', '-monitor', 'none', '-serial', 'stdio'];

/**
 * @param {keyof typeof BOARDS} board
 * @param {string} image
 * @param {{argument?: string, counted?: boolean}} [how] `argument`: the image's own; `counted`: instructions are counted
 * @returns {string[]} command
 */
export function boardCommand(board, image, { argument, counted = false } = {}) {
  return [...BOARDS[board](image, argument), ...QUIET, ...(counted ? ['-icount', 'shift=7'] : [])];
}

/**
 * Runs a command to its end.
 * @param {string[]} command
 * @param {number} limitMs after this it is killed
 * @returns {Promise<{code: number | null, output: string}>} code null: it was killed
 */
export function runToEnd([program, ...words], limitMs) {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
      });
    child.on('error', (error) => {
      output += String(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}
