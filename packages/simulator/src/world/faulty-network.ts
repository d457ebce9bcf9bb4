import type { Prng } from '@iotw/kernel/prng';
import type { Coverage } from './coverage.js';
import type { EventLog } from './event-log.js';
import type { EventQueue } from './event-queue.js';

/** How bad the wires are; chances in per mille. */
export interface NetworkFaults {
  lossPerMille: number;
  doublePerMille: number;
  latePerMille: number;
  /** A late message takes up to this long, ms. */
  lateMs: number;
  /** Any other takes 1 to this long, ms. */
  delayMs: number;
}

export const HEALTHY: NetworkFaults = {
  lossPerMille: 0,
  doublePerMille: 0,
  latePerMille: 0,
  lateMs: 1,
  delayMs: 4,
};

/** Whoever can be sent to, while it runs. */
export interface Endpoint {
  receive(from: string, bytes: Uint8Array): void;
}

/** Carries bytes between endpoints: loses, doubles, delays and so reorders them; partitions cut it. */
export class FaultyNetwork {
  faults: NetworkFaults = { ...HEALTHY };
  readonly #events: EventQueue;
  readonly #log: EventLog;
  readonly #coverage: Coverage;
  readonly #prng: Prng;
  readonly #endpoints = new Map<string, Endpoint>();
  /** Side of each endpoint while the network is cut; those without a side reach everybody. */
  #sides = new Map<string, number>();

  constructor(events: EventQueue, log: EventLog, coverage: Coverage, prng: Prng) {
    this.#events = events;
    this.#log = log;
    this.#coverage = coverage;
    this.#prng = prng;
  }

  attach(name: string, endpoint: Endpoint): void {
    this.#endpoints.set(name, endpoint);
  }

  detach(name: string): void {
    this.#endpoints.delete(name);
  }

  cut(sides: Map<string, number>): void {
    this.#sides = sides;
  }

  /** Whether the two can reach each other now. */
  connected(a: string, b: string): boolean {
    const sideA = this.#sides.get(a);
    const sideB = this.#sides.get(b);
    return sideA === undefined || sideB === undefined || sideA === sideB;
  }

  send(from: string, to: string, what: string, bytes: Uint8Array): void {
    const prng = this.#prng;
    const { lossPerMille, doublePerMille } = this.faults;
    this.#coverage.add('messages');
    if (!this.connected(from, to)) {
      this.#coverage.add('messagesCutOff');
      return;
    }
    if (prng.chance(lossPerMille, 1000)) {
      this.#coverage.add('messagesLost');
      return;
    }
    this.#carry(from, to, what, bytes);
    if (prng.chance(doublePerMille, 1000)) {
      this.#coverage.add('messagesDoubled');
      this.#carry(from, to, what, bytes);
    }
  }

  #carry(from: string, to: string, what: string, bytes: Uint8Array): void {
    const { latePerMille, lateMs, delayMs } = this.faults;
    const late = this.#prng.chance(latePerMille, 1000);
    if (late) this.#coverage.add('messagesLate');
    this.#events.after(1 + this.#prng.below(late ? lateMs : delayMs), () => {
      const endpoint = this.#endpoints.get(to);
      if (endpoint === undefined) return;
      this.#log.note(this.#events.nowMs, `${from} > ${to} ${what}`, bytes);
      endpoint.receive(from, bytes);
    });
  }
}
