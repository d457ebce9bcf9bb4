import type { Socket } from 'node:net';
import type { MeshLimits } from './limits.js';

/** Bounds the sockets that are accepted and not yet greeted, in all and per address. */
export class AcceptGate {
  readonly #limits: MeshLimits;
  readonly #waiting = new Map<string, string>();
  readonly #perAddress = new Map<string, number>();

  constructor(limits: MeshLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place for a socket, held until `leave` or its close; false if there is none. */
  enter(socket: Socket): boolean {
    const address = socket.remoteAddress ?? '';
    const taken = this.#perAddress.get(address) ?? 0;
    if (this.#waiting.size >= this.#limits.maxHandshakes || taken >= this.#limits.maxHandshakesPerAddress) {
      return false;
    }
    const place = placeOf(socket);
    this.#waiting.set(place, address);
    this.#perAddress.set(address, taken + 1);
    socket.once('close', () => this.#free(place));
    return true;
  }

  /** Gives the place back: the peer behind the socket has been greeted. */
  leave(socket: Socket): void {
    this.#free(placeOf(socket));
  }

  #free(place: string): void {
    const address = this.#waiting.get(place);
    if (address === undefined) return;
    this.#waiting.delete(place);
    const left = this.#perAddress.get(address)! - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }
}

/** The raw and the TLS socket of one connection share this name. */
function placeOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
