import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Bytes under way in one direction before the sender has to wait: 75 ms at 3.4 Gbit/s. */
const MOST_UNDER_WAY = 32 * 1_048_576;

/**
 * A TCP line of a certain length: whatever comes in at one end goes out at the other `delayMs` later, in both directions and
 * in order. Kernels without netem have no other. It has neither loss nor a limit of bandwidth, and no slow start.
 */
export class DelayProxy {
  readonly place: Place;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(place: Place, server: Server, sockets: Set<Socket>) {
    this.place = place;
    this.#server = server;
    this.#sockets = sockets;
  }

  /** A line to that place; its near end gets a port of its own on the same address. */
  static open(to: Place, delayMs: number): Promise<DelayProxy> {
    const sockets = new Set<Socket>();
    const keep = (socket: Socket): void => {
      socket.setNoDelay(true);
      // A broken line is told by `close`, which follows.
      socket.on('error', () => {});
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    };
    const server = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect({ ...to, allowHalfOpen: true });
      keep(near);
      keep(far);
      carry(near, far, delayMs);
      carry(far, near, delayMs);
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, to.host, () => {
        const address = server.address() as { readonly port: number };
        resolve(new DelayProxy({ host: to.host, port: address.port }, server, sockets));
      });
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** One direction. What has left `from` arrives though `from` is gone: it is under way. */
function carry(from: Socket, to: Socket, delayMs: number): void {
  const waiting: { readonly dueMs: number; readonly chunk: Buffer | 'end' | 'close' }[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const deliver = (): void => {
    timer = undefined;
    const nowMs = performance.now();
    while (waiting.length > 0 && waiting[0]!.dueMs <= nowMs) {
      const { chunk } = waiting.shift()!;
      if (chunk === 'end') to.end();
      else if (chunk === 'close') to.destroySoon();
      else {
        bytes -= chunk.length;
        to.write(chunk);
      }
    }
    if (bytes < MOST_UNDER_WAY) from.resume();
    if (waiting.length > 0) timer = setTimeout(deliver, Math.max(0, waiting[0]!.dueMs - nowMs));
  };
  const send = (chunk: Buffer | 'end' | 'close'): void => {
    waiting.push({ dueMs: performance.now() + delayMs, chunk });
    if (typeof chunk !== 'string') bytes += chunk.length;
    if (bytes >= MOST_UNDER_WAY) from.pause();
    timer ??= setTimeout(deliver, delayMs);
  };
  from.on('data', send);
  from.on('end', () => send('end'));
  from.on('close', () => send('close'));
  to.on('close', () => clearTimeout(timer));
}
