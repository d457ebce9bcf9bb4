import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Operated } from './bank.js';

const CHECKER = fileURLToPath(new URL('../../../tools/porcupine', import.meta.url));
const VERDICTS: readonly string[] = ['linearizable', 'not linearizable'];

/**
 * Porcupine's word on a history; `undecided` where it found none in its time. undefined: there is no Go to build it, or its
 * module is not to be had.
 */
export function checkHistory(initial: readonly number[], history: readonly Operated[]): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'iotw-history-'));
  const checker = join(folder, 'checker');
  const file = join(folder, 'history.jsonl');
  try {
    if (spawnSync('go', ['build', '-o', checker, '.'], { cwd: CHECKER }).status !== 0) return undefined;
    writeFileSync(file, `${[initial, ...history].map((line) => JSON.stringify(line)).join('\n')}\n`);
    return VERDICTS[spawnSync(checker, [file]).status ?? 2] ?? 'undecided';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The history with a stale read: the last one answers what the first one did. A checker that takes it is none. */
export function withStaleRead(history: readonly Operated[]): Operated[] {
  const reads = history.filter((operated) => operated.kind === 'read');
  const [first, last] = [reads[0], reads.at(-1)];
  return history.map((operated) =>
    operated === last && first !== undefined ? { ...last, balances: first.balances } : operated,
  );
}
