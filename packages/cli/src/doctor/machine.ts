import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { bad, type Finding, good, warning } from './check.js';

const LEAST_NODE = [20, 15] as const;
const MEGABYTE = 1024 ** 2;
const DEVNET_MEGABYTES = 700;
const DEVNET_CORES = 2;
const LEAST_OPEN_FILES = 4_096;
/** Before this software existed. */
const EARLIEST_MS = Date.UTC(2025, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
const FILE_CLOCK_MS = 2_000;

/** Node's version (`process.versions.node`) against the least that is supported. */
export function checkNodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  if (enough) return good('node', version);
  return bad('node', `${version} is too old`, `install Node ${LEAST_NODE.join('.')} or later`);
}

/** Processors and memory for a devnet. */
export function checkSize(cores = availableParallelism(), free = freemem(), total = totalmem()): Finding {
  const found = `${cores} cores, ${Math.floor(free / MEGABYTE)} of ${Math.floor(total / MEGABYTE)} MiB free`;
  if (free < DEVNET_MEGABYTES * MEGABYTE) {
    return warning(
      'machine',
      found,
      `a devnet of 1,000 devices wants ${DEVNET_MEGABYTES} MiB: try --devices 200`,
    );
  }
  if (cores < DEVNET_CORES)
    return warning('machine', found, 'one core verifies and serves by turns: expect half the speed');
  return good('machine', found);
}

/** Open files a process may have: one for each device connection. */
export async function checkOpenFiles(limits = '/proc/self/limits'): Promise<Finding> {
  const text = await readFile(limits, 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(text)?.[1];
  if (soft === undefined) return good('open files', 'this system does not tell');
  if (soft === 'unlimited' || Number(soft) >= LEAST_OPEN_FILES) return good('open files', soft);
  return warning('open files', soft, `each device is a connection: ulimit -n ${LEAST_OPEN_FILES}`);
}

/** The clock against reason, and against the file system's clock in `directory` (another host's, on a network disk). */
export async function checkClock(directory: string, nowMs = Date.now()): Promise<Finding> {
  const found = new Date(nowMs).toISOString();
  if (nowMs < EARLIEST_MS || nowMs > LATEST_MS) {
    return bad('clock', found, 'set the clock, and let NTP keep it: blocks carry agreed time');
  }
  const file = join(directory, '.iotw-doctor-clock');
  try {
    await writeFile(file, '');
    const { mtimeMs } = await stat(file);
    await rm(file, { force: true });
    const apartMs = Math.abs(mtimeMs - nowMs);
    if (apartMs > FILE_CLOCK_MS) {
      return warning(
        'clock',
        `${found}, the disk's clock is ${Math.round(apartMs)} ms apart`,
        'let NTP set both hosts',
      );
    }
  } catch {
    // The disk's own check says what is wrong with it.
  }
  return good('clock', found);
}

/** Whether this user may listen there. */
export async function checkPort(name: string, host: string, port: number): Promise<Finding> {
  const label = `port ${port}`;
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
  if (error === undefined) return good(label, `free for ${name}`);
  if (error.code === 'EADDRINUSE') {
    return bad(
      label,
      `taken, wanted for ${name}`,
      'stop the process that has it (ss -ltnp), or choose another port',
    );
  }
  if (error.code === 'EACCES') return bad(label, `denied, wanted for ${name}`, 'choose a port above 1023');
  return bad(label, `${error.code ?? error.message}, wanted for ${name}`, `check the address ${host}`);
}

const OTHERS = 0o077;

/** Whether a key file is there and for its owner's eyes only. */
export async function checkSecret(path: string): Promise<Finding> {
  const name = 'key file';
  try {
    const { mode } = await stat(path);
    if ((mode & OTHERS) === 0) return good(name, path);
    return bad(
      name,
      `other users may read ${path}`,
      `chmod 600 ${path}, and rotate the keys if others had access`,
    );
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return bad(name, `${path} can't be read (${cause})`, 'check the member keys of the configuration');
  }
}
