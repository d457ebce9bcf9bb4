import { fail, ok, type Result } from '@iotw/kernel/result';

/** A length of so many bytes (7 bits each) is below 2^28; a longer one is above every limit there is. */
const MAX_LENGTH_BYTES = 4;

/** ABCI's framing: the message's length as a protobuf varint, then the message. */
export function encodeFrame(message: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = message.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  const out = Buffer.allocUnsafe(length.length + message.length);
  out.set(length);
  out.set(message, length.length);
  return out;
}

/**
 * Cuts a byte stream into messages. Holds at most one unfinished message of at most `maxBytes`; a length above that
 * is refused before its message is waited for. Messages inside one chunk are views of it, not copies.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #length = 0;
  #lengthBytes = 0;
  #body: Buffer | undefined;
  #bodyFill = 0;

  /** `maxBytes`: of one message, below 2^28. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the stream stands between two messages. */
  get atRest(): boolean {
    return this.#lengthBytes === 0 && this.#body === undefined;
  }

  /** The messages that the next chunk completes. Errors: `abci-frame-too-large`; the stream can't be read on. */
  push(chunk: Buffer): Result<Buffer[]> {
    const messages: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#body === undefined) {
        const length = this.#readLength(chunk[at++]!);
        if (!length.ok) return length;
        if (length.value === undefined) continue;
        if (chunk.length - at >= length.value) {
          messages.push(chunk.subarray(at, at + length.value));
          at += length.value;
          continue;
        }
        this.#body = Buffer.allocUnsafeSlow(length.value);
        this.#bodyFill = 0;
      }
      const taken = chunk.copy(this.#body, this.#bodyFill, at);
      at += taken;
      this.#bodyFill += taken;
      if (this.#bodyFill < this.#body.length) break;
      messages.push(this.#body);
      this.#body = undefined;
    }
    return ok(messages);
  }

  /** The length once its last byte is there. */
  #readLength(byte: number): Result<number | undefined> {
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#lengthBytes);
    this.#lengthBytes += 1;
    const ended = byte < 0x80;
    if ((!ended && this.#lengthBytes === MAX_LENGTH_BYTES) || this.#length > this.#maxBytes) {
      return fail(
        'abci-frame-too-large',
        `An ABCI message is above the limit of ${this.#maxBytes} bytes: the peer is no CometBFT, or block.max_bytes of its genesis is not the one that iotw wrote.`,
      );
    }
    if (!ended) return ok(undefined);
    const length = this.#length;
    this.#length = 0;
    this.#lengthBytes = 0;
    return ok(length);
  }
}
