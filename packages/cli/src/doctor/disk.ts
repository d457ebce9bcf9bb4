import { existsSync } from 'node:fs';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { claimDirectory } from '@iotw/adapters/store/owner-lock';
import { bad, type Finding, good, warning } from './check.js';

const GIGABYTE = 1024 ** 3;
const LEAST_FREE = GIGABYTE;
const AMPLE_FREE = 5 * GIGABYTE;
const PROBES = 24;
const PROBE_BYTES = 4_096;
const SLOW_SYNC_MS = 20;

/** The nearest directory that exists, from `path` upwards. */
export function existingDirectory(path: string): string {
  let at = path === '' ? '.' : path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

/** Free space for the ledger. */
export async function checkSpace(directory: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const found = `${(free / GIGABYTE).toFixed(1)} GiB free in ${directory}`;
  if (free < LEAST_FREE) return bad('disk space', found, 'free some, or choose another directory (--data)');
  if (free < AMPLE_FREE)
    return warning('disk space', found, 'a million transactions take about 0.5 GiB: watch it');
  return good('disk space', found);
}

/** What a durable commit costs there: 4 KiB written and synced, 24 times. */
export async function checkSync(directory: string): Promise<Finding> {
  let folder: string;
  try {
    folder = await mkdtemp(join(directory, '.iotw-doctor-'));
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return bad(
      'disk write',
      `${directory} can't be written (${cause})`,
      'check owner and rights, or choose another (--data)',
    );
  }
  try {
    const times = await probe(join(folder, 'probe'));
    const [median, slowest] = [times[Math.floor(times.length / 2)]!, times.at(-1)!];
    const found = `4 KiB durable in ${median.toFixed(2)} ms, at most ${slowest.toFixed(1)} ms`;
    if (median > SLOW_SYNC_MS) {
      return warning('disk write', found, 'every round waits for it: use a local SSD, no network disk');
    }
    return good('disk write', found);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function probe(path: string): Promise<number[]> {
  const file = await open(path, 'w');
  const bytes = new Uint8Array(PROBE_BYTES).fill(0x5a);
  const times: number[] = [];
  try {
    for (let i = 0; i < PROBES; i++) {
      const began = performance.now();
      await file.write(bytes, 0, PROBE_BYTES, i * PROBE_BYTES);
      await file.datasync();
      times.push(performance.now() - began);
    }
  } finally {
    await file.close();
  }
  return times.sort((a, b) => a - b);
}

/** Whether another process has the store open. `directory`: the store's own, which may not exist yet. */
export async function checkLock(directory: string): Promise<Finding> {
  const name = 'data lock';
  if (!existsSync(directory)) return good(name, `${directory} does not exist yet: it will be made`);
  const claimed = await claimDirectory(directory);
  if (claimed.ok) {
    await claimed.value.release();
    return good(name, `nobody has ${directory} open`);
  }
  if (claimed.error.code === 'store-locked') {
    return bad(name, `another process has ${directory} open`, 'stop it first; one process owns a ledger');
  }
  return bad(name, claimed.error.message, 'use a local file system that takes Unix sockets');
}
