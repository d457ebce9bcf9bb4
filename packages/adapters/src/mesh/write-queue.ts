import type { Writable } from 'node:stream';
import { FRAME_HEADER_BYTES, writeFrameHeader } from './frame-reader.js';

/** Largest write handed to TLS at once, unless one frame is larger: keeps progress visible. */
const MAX_BATCH_BYTES = 256 * 1024;
/** Writes under way at once: one is encrypted while the kernel takes the other. */
const MAX_WRITES_UNDER_WAY = 2;

/**
 * Frames waiting for one socket. Everything queued in one turn of the event loop leaves in one write, so
 * the batch is one frame under light load and hundreds under heavy load. Bounded by `maxQueuedBytes`.
 */
export class WriteQueue {
  readonly #socket: Writable;
  readonly #maxQueuedBytes: number;
  #frames: { kind: number; payload: Uint8Array }[] = [];
  #waitingBytes = 0;
  #underWayBytes = 0;
  #writesUnderWay = 0;
  #flushScheduled = false;
  #progressAt = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(socket: Writable, maxQueuedBytes: number) {
    this.#socket = socket;
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  /** Bytes taken and not yet accepted by the kernel, headers included. */
  get queuedBytes(): number {
    return this.#waitingBytes + this.#underWayBytes;
  }

  /**
   * Takes a frame for sending, in order. False, with nothing taken, if it doesn't fit the bound. The payload
   * is read when it leaves, so it must not change after this call.
   */
  push(kind: number, payload: Uint8Array): boolean {
    const size = FRAME_HEADER_BYTES + payload.length;
    if (this.queuedBytes + size > this.#maxQueuedBytes) return false;
    this.#frames.push({ kind, payload });
    this.#waitingBytes += size;
    if (this.#waitingBytes >= MAX_BATCH_BYTES) this.#flush();
    else if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      setImmediate(() => {
        this.#flushScheduled = false;
        this.#flush();
      });
    }
    return true;
  }

  /** How long the kernel has taken nothing although bytes wait; 0 while nothing waits. */
  stalledMs(now: number): number {
    return this.#writesUnderWay === 0 ? 0 : now - this.#progressAt;
  }

  /** Gives back time in which this process itself stood still. */
  forgive(lagMs: number): void {
    this.#progressAt += lagMs;
  }

  /** Calls back once, when everything queued so far and until then has been taken by the kernel. */
  whenEmpty(then: () => void): void {
    this.#whenEmpty = then;
    this.#flush();
  }

  #flush(): void {
    while (this.#frames.length > 0 && this.#writesUnderWay < MAX_WRITES_UNDER_WAY) this.#writeBatch();
    if (this.#frames.length === 0 && this.#writesUnderWay === 0 && this.#whenEmpty !== undefined) {
      const then = this.#whenEmpty;
      this.#whenEmpty = undefined;
      then();
    }
  }

  #writeBatch(): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) {
      this.#discard();
      return;
    }
    let bytes = 0;
    let count = 0;
    while (count < this.#frames.length) {
      const size = FRAME_HEADER_BYTES + this.#frames[count]!.payload.length;
      if (count > 0 && bytes + size > MAX_BATCH_BYTES) break;
      bytes += size;
      count += 1;
    }
    const batch = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      const { kind, payload } = this.#frames[i]!;
      writeFrameHeader(batch, at, kind, payload.length);
      batch.set(payload, at + FRAME_HEADER_BYTES);
      at += FRAME_HEADER_BYTES + payload.length;
    }
    this.#frames = count === this.#frames.length ? [] : this.#frames.slice(count);
    this.#waitingBytes -= bytes;
    this.#underWayBytes += bytes;
    if (this.#writesUnderWay === 0) this.#progressAt = performance.now();
    this.#writesUnderWay += 1;
    this.#socket.write(batch, () => {
      this.#writesUnderWay -= 1;
      this.#underWayBytes -= bytes;
      this.#progressAt = performance.now();
      this.#flush();
    });
  }

  /** A closed socket takes nothing more: what waited is lost, as the endpoint's contract says. */
  #discard(): void {
    this.#frames = [];
    this.#waitingBytes = 0;
  }
}
