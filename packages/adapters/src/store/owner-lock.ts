import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fail, ok, type Result } from '@iotw/kernel/result';

export interface OwnerLock {
  release(): Promise<void>;
}

const SOCKET = /^owner-[0-9a-f]{12}\.sock$/;
/** sun_path has 104 (BSD) or 108 bytes (Linux). */
const SOCKET_PATH_MAX = 100;

/**
 * Makes this process the one owner of a directory until release or death, without a trace to mend
 * after kill -9. Every owner listens on a Unix socket of its own in the directory: the kernel ends
 * the listening with the process, so a socket file that refuses connections is stale, whatever
 * pid or container left it. Each claimant listens first and looks at the others afterwards; of two
 * at the same time at least one therefore sees the other, and never do both go on.
 *
 * Codes: `store-locked` a live process owns it; `store-path` the directory takes no socket.
 */
export async function claimDirectory(directory: string): Promise<Result<OwnerLock>> {
  const name = `owner-${randomBytes(6).toString('hex')}.sock`;
  // Where the directory's path is too long for a socket address, go through its descriptor.
  const long = Buffer.byteLength(join(directory, name)) > SOCKET_PATH_MAX;
  const descriptor = long ? openSync(directory, 'r') : undefined;
  const base = descriptor === undefined ? directory : `/proc/self/fd/${descriptor}`;
  const closeDescriptor = () => {
    if (descriptor !== undefined) closeSync(descriptor);
  };

  let server: Server;
  try {
    server = await listen(join(base, name));
  } catch (error) {
    closeDescriptor();
    return fail('store-path', `${directory} takes no Unix socket (use a local file system): ${text(error)}`, {
      directory,
    });
  }
  const release = async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(join(directory, name), { force: true });
    closeDescriptor();
  };

  const others = readdirSync(directory).filter((entry) => SOCKET.test(entry) && entry !== name);
  for (const other of others) {
    if (await answers(join(base, other))) {
      await release();
      return fail('store-locked', `another process has ${directory} open: stop it first`, { directory });
    }
  }
  // Our file is gone only if an owner took it for stale between bind and listen.
  if (!existsSync(join(directory, name))) {
    await release();
    return fail('store-locked', `another process opened ${directory} at the same moment`, { directory });
  }
  for (const other of others) rmSync(join(directory, other), { force: true });
  return ok({ release });
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

/** Only a refusal or a vanished file prove the owner dead; anything else counts as alive. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
