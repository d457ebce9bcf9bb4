import { toHex, utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';

const CHUNK = 65_536;

/** Everything that happened, hashed in order: two runs with one digest are the same run, bit for bit. */
export class EventLog {
  readonly #trace: ((line: string) => void) | undefined;
  readonly #chunk = new Uint8Array(32 + CHUNK);
  #at = 32;
  #events = 0;

  /** `trace`: told every line as well. */
  constructor(trace?: (line: string) => void) {
    this.#trace = trace;
  }

  get events(): number {
    return this.#events;
  }

  /** One event: a line, and the bytes that crossed a wire or a disk with it. */
  note(nowMs: number, line: string, bytes?: Uint8Array): void {
    const text = `${nowMs} ${line}${bytes === undefined ? '' : ` ${bytes.length}`}\n`;
    this.#events += 1;
    this.#append(utf8(text));
    if (bytes !== undefined) this.#append(bytes);
    this.#trace?.(text.trimEnd());
  }

  #append(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const take = Math.min(bytes.length - from, this.#chunk.length - this.#at);
      this.#chunk.set(bytes.subarray(from, from + take), this.#at);
      this.#at += take;
      from += take;
      if (this.#at === this.#chunk.length) this.#fold();
    }
  }

  #fold(): void {
    this.#chunk.set(sha256(this.#chunk.subarray(0, this.#at)), 0);
    this.#at = 32;
  }

  /** Hex of the digest over everything noted so far. */
  digest(): string {
    return toHex(sha256(this.#chunk.subarray(0, this.#at)));
  }
}
