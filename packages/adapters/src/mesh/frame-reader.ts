import type { MeshCode } from './types.js';

/** Frame layout: u32 LE payload length, u8 kind, payload. */
export const FRAME_HEADER_BYTES = 5;

/** Largest payload of every kind but data: control frames are tiny. */
export const MAX_CONTROL_BYTES = 128;

/** Kinds of frame. A kind outside this table closes the link (`mesh-bad-frame`). */
export const FRAME_KIND = {
  hello: 0,
  data: 1,
  ping: 2,
  pong: 3,
  /** The sender sends nothing more on this link; payload u8: 0 it shuts down, 1 another link replaces this one. */
  bye: 4,
  /** Asks the dialling side to dial again, because the sender's link key changed. */
  renew: 5,
  /** The sender refuses or closes; payload: its code in ASCII. */
  refuse: 6,
} as const;

const HIGHEST_KIND = FRAME_KIND.refuse;

/** Writes a frame header at `at`. */
export function writeFrameHeader(out: Buffer, at: number, kind: number, payloadBytes: number): void {
  out.writeUInt32LE(payloadBytes, at);
  out[at + 4] = kind;
}

/** One whole frame, for control frames and tests. */
export function encodeFrame(kind: number, payload: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(out, 0, kind, payload.length);
  out.set(payload, FRAME_HEADER_BYTES);
  return out;
}

/**
 * Cuts a byte stream into frames. Holds at most one partial frame (header + `maxFrameBytes`) and, while
 * delivery is held, the chunk it stopped in. Payloads inside one chunk are views of it, not copies.
 */
export class FrameReader {
  readonly #maxFrameBytes: number;
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerFill = 0;
  #body: Buffer | undefined;
  #bodyFill = 0;
  #rest: Buffer | undefined;
  #startedAt = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** When the first byte of the unfinished frame came, or undefined between frames. */
  get partialSince(): number | undefined {
    return this.#headerFill > 0 ? this.#startedAt : undefined;
  }

  /** Restarts the clock of an unfinished frame after time that was not the peer's fault. */
  restartClock(now: number): void {
    this.#startedAt = now;
  }

  /**
   * Takes the next chunk; calls `sink` for each whole frame until it returns false, then keeps the rest
   * for the next call (an empty chunk resumes). Returns the code that must close the link, if any.
   */
  push(chunk: Buffer, now: number, sink: (kind: number, payload: Buffer) => boolean): MeshCode | undefined {
    const input = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    while (at < input.length) {
      if (this.#headerFill === 0) this.#startedAt = now;
      if (this.#headerFill < FRAME_HEADER_BYTES) {
        const taken = input.copy(
          this.#header,
          this.#headerFill,
          at,
          at + FRAME_HEADER_BYTES - this.#headerFill,
        );
        this.#headerFill += taken;
        at += taken;
        if (this.#headerFill < FRAME_HEADER_BYTES) return undefined;
        const refused = this.#checkHeader();
        if (refused !== undefined) return refused;
      }
      const length = this.#header.readUInt32LE(0);
      let payload: Buffer;
      if (this.#body === undefined && input.length - at >= length) {
        payload = input.subarray(at, at + length);
        at += length;
      } else {
        this.#body ??= Buffer.allocUnsafeSlow(length);
        const taken = input.copy(this.#body, this.#bodyFill, at);
        this.#bodyFill += taken;
        at += taken;
        if (this.#bodyFill < length) return undefined;
        payload = this.#body;
      }
      this.#body = undefined;
      this.#bodyFill = 0;
      this.#headerFill = 0;
      if (!sink(this.#header[4]!, payload)) {
        if (at < input.length) this.#rest = input.subarray(at);
        return undefined;
      }
    }
    return undefined;
  }

  #checkHeader(): MeshCode | undefined {
    const kind = this.#header[4]!;
    if (kind > HIGHEST_KIND) return 'mesh-bad-frame';
    const limit = kind === FRAME_KIND.data ? this.#maxFrameBytes : MAX_CONTROL_BYTES;
    return this.#header.readUInt32LE(0) > limit ? 'mesh-frame-too-large' : undefined;
  }
}
