/** At which trust node a device logs in: where it was sent, or another where that one can't be reached. */
import type { Hello, HostAddress, HostMove } from '@iotw/protocol/hello';
import type { Connector } from './connection.js';
import type { HelloReader } from './hello-reader.js';

/** One trust node's entrance. */
export interface Place {
  readonly connector: Connector;
  readonly hello: HelloReader;
}

/** Makes the entrance at an address; undefined where this device can't go there. */
export type PlaceAt = (host: HostAddress) => Place | undefined;

/** Attempts in vain before another host is tried. */
const FAILURES_BEFORE_OTHER = 3;
/** How long a host that could not be reached is not gone back to, ms. */
const AVOID_MS = 600_000;
/** Between two moves: as long as a pool takes from its freeze to its epoch. */
const EPOCHS_BETWEEN_MOVES = 3;
/** Addresses kept of what a hello tells. */
const MAX_OTHERS = 64;

/** Follows the moves a host tells, at most one in three epochs and never to a host that just failed. */
export class HostChoice {
  readonly #placeAt: PlaceAt | undefined;
  #place: Place;
  #here: number | undefined;
  #others: readonly HostAddress[] = [];
  #move: HostMove | undefined;
  #movedEpoch = Number.NEGATIVE_INFINITY;
  #failures = 0;
  readonly #avoidUntil = new Map<number, number>();

  constructor(place: Place, placeAt?: PlaceAt) {
    this.#place = place;
    this.#placeAt = placeAt;
  }

  /** Where to log in now. */
  get place(): Place {
    return this.#place;
  }

  /** Whether this device can go elsewhere at all. */
  get movable(): boolean {
    return this.#placeAt !== undefined;
  }

  /** The host that a presence ticket names: the one it will be drawn at. */
  ticketHost(loggedInAt: number): number {
    return this.#move?.trustNode ?? loggedInAt;
  }

  learned(hello: Hello): void {
    this.#here = hello.trustNode;
    if (hello.hosts !== undefined) this.#others = hello.hosts.slice(0, MAX_OTHERS);
  }

  /** Logged in. */
  connected(): void {
    this.#failures = 0;
  }

  /** The host says where the device belongs; whether it will go. `epoch`: the running one. */
  told(move: HostMove, epoch: number, nowMs: number): boolean {
    if (this.#placeAt === undefined || move.trustNode === this.#here) return false;
    if (epoch < this.#movedEpoch + EPOCHS_BETWEEN_MOVES) return false;
    if ((this.#avoidUntil.get(move.trustNode) ?? 0) > nowMs) return false;
    this.#move = move;
    return true;
  }

  /** An epoch runs: true where the device now leaves for the host it was sent to. */
  leaves(epoch: number): boolean {
    const move = this.#move;
    if (move === undefined || epoch < move.epoch) return false;
    this.#move = undefined;
    if (!this.#go(move)) return false;
    this.#movedEpoch = epoch;
    return true;
  }

  /** An attempt failed. After some, another host is tried; `pick` below 1 chooses which. True where it is. */
  failed(nowMs: number, pick: number): boolean {
    this.#failures += 1;
    if (this.#failures < FAILURES_BEFORE_OTHER) return false;
    if (this.#here !== undefined) this.#avoidUntil.set(this.#here, nowMs + AVOID_MS);
    const left = this.#others.filter(
      ({ trustNode }) => trustNode !== this.#here && (this.#avoidUntil.get(trustNode) ?? 0) <= nowMs,
    );
    // All have failed: any of them, again.
    const open = left.length > 0 ? left : this.#others.filter(({ trustNode }) => trustNode !== this.#here);
    const next = open[Math.floor(pick * open.length)];
    return next !== undefined && this.#go(next);
  }

  #go(host: HostAddress): boolean {
    const place = this.#placeAt?.(host);
    if (place === undefined) return false;
    this.#place = place;
    this.#here = host.trustNode;
    this.#failures = 0;
    this.#move = undefined;
    return true;
  }
}
