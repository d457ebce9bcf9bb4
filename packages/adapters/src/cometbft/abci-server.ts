import { createServer, type Server, type Socket } from 'node:net';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { type AbciApplication, answerTo, exceptionOf } from './abci-application.js';
import { encodeFrame, FrameReader } from './frames.js';

/** A message holds at most one round (block.max_bytes of the genesis) and the votes and evidence around it. */
export const MAX_MESSAGE_BYTES = 67_108_864;

/** CometBFT opens four; the ones of a process that ended may still be there beside them. */
const MAX_CONNECTIONS = 16;

export interface AbciServerOptions {
  readonly application: AbciApplication;
  /** A connection was closed for this. */
  readonly onFault: (fault: Failure) => void;
  /** There is a new connection; what comes back is called once it is closed, by whichever side. */
  readonly onConnection?: () => (() => void) | undefined;
  /** Of one message; below 2^28. */
  readonly maxMessageBytes?: number;
}

/**
 * Serves ABCI on a socket. Each connection's requests are answered one after the other; while one is worked on
 * nothing more is read from that connection, so each holds at most one message and one chunk behind it.
 */
export class AbciServer {
  readonly #options: AbciServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: AbciServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens on a Unix socket. Errors: `abci-socket` (the path is taken, too long, or not to be written). */
  listen(path: string): Promise<Result<void>> {
    return new Promise((resolve) => {
      this.#server.once('error', (error) =>
        resolve(fail('abci-socket', `No ABCI socket at ${path}: ${error.message}.`, { path })),
      );
      this.#server.listen(path, () => resolve(ok(undefined)));
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const closed = this.#options.onConnection?.();
    const reader = new FrameReader(this.#options.maxMessageBytes ?? MAX_MESSAGE_BYTES);
    socket.on('data', (chunk: Buffer) => {
      socket.pause();
      void this.#take(socket, reader, chunk).then(() => socket.resume());
    });
    // CometBFT was killed, or ends: the close behind it says the same.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      closed?.();
    });
  }

  async #take(socket: Socket, reader: FrameReader, chunk: Buffer): Promise<void> {
    const messages = reader.push(chunk);
    if (!messages.ok) {
      await this.#refuse(socket, messages.error);
      return;
    }
    for (const message of messages.value) {
      const answer = await answerTo(message, this.#options.application);
      if (!answer.ok) {
        await this.#refuse(socket, answer.error);
        return;
      }
      await send(socket, answer.value);
    }
  }

  async #refuse(socket: Socket, error: Failure): Promise<void> {
    this.#options.onFault(error);
    await send(socket, exceptionOf(error));
    socket.destroy();
  }
}

/** Resolves when the socket has taken it, or is gone. */
function send(socket: Socket, message: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.write(encodeFrame(message), () => resolve());
  });
}
