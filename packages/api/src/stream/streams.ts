import { fail, ok, type Result } from '@iotw/kernel/result';
import { MAX_STREAMS, MAX_STREAMS_PER_ADDRESS, STREAM_HEARTBEAT_MS, STREAM_STALL_MS } from '../limits.js';

/** One open stream, whatever carries it. */
export interface OpenStream {
  /** A round is durable: there may be something to send. */
  wake(): void;
  /** Sends a sign of life where nothing else waits. */
  beat(): void;
  /** When the client's connection last took what was written, ms; undefined: nothing waits. */
  readonly blockedSinceMs: number | undefined;
  /** Ends it; the code says why. */
  drop(code: 'stream-slow-client' | 'stream-closing'): void;
}

export interface StreamCounts {
  opened(kind: 'sse' | 'websocket'): void;
  closed(kind: 'sse' | 'websocket'): void;
  dropped(code: string): void;
}

/** Every open stream of the server: how many there may be, and the end of those whose client does not read. */
export class Streams {
  readonly #open = new Map<OpenStream, { address: string; kind: 'sse' | 'websocket' }>();
  readonly #perAddress = new Map<string, number>();
  readonly #counts: StreamCounts;
  readonly #stallMs: number;
  readonly #timer: NodeJS.Timeout;
  #sinceBeatMs = 0;

  constructor(counts: StreamCounts, stallMs = STREAM_STALL_MS) {
    this.#counts = counts;
    this.#stallMs = stallMs;
    const everyMs = Math.max(10, Math.min(1_000, stallMs / 4));
    this.#timer = setInterval(() => this.#check(everyMs), everyMs);
    this.#timer.unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** Errors: `streams-full`. */
  admit(address: string): Result<void> {
    const mine = this.#perAddress.get(address) ?? 0;
    const full = this.#open.size >= MAX_STREAMS || (!isLoopback(address) && mine >= MAX_STREAMS_PER_ADDRESS);
    return full
      ? fail('streams-full', 'As many streams are open as may be: close one, or try again later.')
      : ok(undefined);
  }

  add(stream: OpenStream, address: string, kind: 'sse' | 'websocket'): void {
    this.#open.set(stream, { address, kind });
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    this.#counts.opened(kind);
  }

  remove(stream: OpenStream): void {
    const entry = this.#open.get(stream);
    if (entry === undefined) return;
    this.#open.delete(stream);
    const left = (this.#perAddress.get(entry.address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(entry.address, left);
    else this.#perAddress.delete(entry.address);
    this.#counts.closed(entry.kind);
  }

  /** A round is durable. */
  wake(): void {
    for (const stream of this.#open.keys()) stream.wake();
  }

  #check(elapsedMs: number): void {
    this.#sinceBeatMs += elapsedMs;
    const beat = this.#sinceBeatMs >= STREAM_HEARTBEAT_MS;
    if (beat) this.#sinceBeatMs = 0;
    const nowMs = Date.now();
    for (const stream of [...this.#open.keys()]) {
      const since = stream.blockedSinceMs;
      if (since !== undefined && nowMs - since > this.#stallMs) {
        this.#counts.dropped('stream-slow-client');
        stream.drop('stream-slow-client');
      } else if (beat && since === undefined) stream.beat();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const stream of [...this.#open.keys()]) stream.drop('stream-closing');
  }
}

/** Whether the address is this machine's. A socket that has just closed has none. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
