import type { MeshCode } from './types.js';

/** Counters of one endpoint, and the log that stays bounded under a flood of refusals. */
export class MeshCounters {
  framesSent = 0;
  framesReceived = 0;
  bytesSent = 0;
  bytesReceived = 0;
  sendNoLink = 0;
  sendQueueFull = 0;
  sendTooLarge = 0;
  readonly ended: Partial<Record<MeshCode, number>> = {};
  readonly #log: (line: string, data: Readonly<Record<string, unknown>>) => void;

  constructor(log: ((line: string, data: Readonly<Record<string, unknown>>) => void) | undefined) {
    this.#log = log ?? (() => {});
  }

  /** Counts and logs the end of a link or dial of a known peer. */
  linkEnded(code: MeshCode, data: Readonly<Record<string, unknown>>): void {
    this.#count(code);
    this.#log(`mesh link ended: ${code}`, data);
  }

  /** Counts a refusal of somebody unknown; logs the 1st, 2nd, 4th, 8th ... of its code. */
  strangerRefused(code: MeshCode): void {
    const count = this.#count(code);
    if ((count & (count - 1)) === 0) this.#log(`mesh refused a connection: ${code}`, { count });
  }

  linkUp(data: Readonly<Record<string, unknown>>): void {
    this.#log('mesh link up', data);
  }

  #count(code: MeshCode): number {
    const count = (this.ended[code] ?? 0) + 1;
    this.ended[code] = count;
    return count;
  }
}
