/**
 * The boot counter in a directory of the file system. The counter is the highest name of an empty
 * file: creating a name is atomic and exclusive, so there is no torn content, and two processes can
 * not draw one number even where the lock fails them (containers that share a directory).
 */
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type BootStore, MAX_BOOT } from './boot-store.js';

const NUMBER = /^[1-9][0-9]{0,9}$/;
const LOCK = 'lock';
/** Numbers below the newest whose names stay, so that processes at one store can not draw one of them again. */
const KEPT = 16;

/** A store in `directory`, which is made if need be; it belongs to one running device or fleet. */
export function fileBootStore(directory: string): BootStore {
  let held = false;
  return {
    async next() {
      try {
        await mkdir(directory, { recursive: true });
        held ||= await lock(join(directory, LOCK));
        if (!held) {
          return fail('boot-store-locked', `Another process runs with ${directory}; stop it first.`, {
            directory,
          });
        }
        return await raise(directory);
      } catch (error) {
        const cause = (error as NodeJS.ErrnoException).code ?? String(error);
        const message = `The boot counter in ${directory} can't be raised (${cause}); check the disk and the rights.`;
        return fail('boot-store-failed', message, { directory, cause });
      }
    },
    async close() {
      if (held) await rm(join(directory, LOCK), { force: true });
      held = false;
    },
  };
}

async function raise(directory: string): Promise<Result<number>> {
  for (;;) {
    const next = Math.max(0, ...(await numbers(directory))) + 1;
    if (next > MAX_BOOT)
      return fail('boot-store-exhausted', 'The device has used up its boots; give it a new key.');
    if (!(await create(join(directory, String(next)), ''))) continue;
    await syncDirectory(directory);
    const all = await numbers(directory);
    // A name is removed only by who holds one more than KEPT above it. With no such name there, ours was
    // never another's before; with one, it may have been, in the time since we looked first.
    if (Math.max(...all) > next + KEPT) continue;
    for (const old of all) if (old < next - KEPT) await rm(join(directory, String(old)), { force: true });
    return ok(next);
  }
}

async function numbers(directory: string): Promise<number[]> {
  return (await readdir(directory)).filter((name) => NUMBER.test(name)).map(Number);
}

/** Creates and syncs a file; false where the name is taken. */
async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function syncDirectory(directory: string): Promise<void> {
  // Windows opens no directories; NTFS journals names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function lock(path: string): Promise<boolean> {
  const mine = await identity(process.pid);
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await create(path, mine)) return true;
    const holder = await readFile(path, 'utf8').catch(() => '');
    if (await runs(holder)) return false;
    await rm(path, { force: true });
  }
  return false;
}

/** Whether the process that wrote this identity still runs; after a power cut its number may be another's. */
async function runs(holder: string): Promise<boolean> {
  const pid = Number.parseInt(holder, 10);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return holder === (await identity(pid));
}

/** Process number, and on Linux its start and the machine's boot. */
async function identity(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const machine = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  // The start time is the 20th field after the name, which is in parentheses and may hold anything.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${started} ${machine.trim()}\n`;
}
