/**
 * Stands before the broker: a stranger's socket costs one ticket and at most one CONNECT packet of
 * memory, and the broker sees it only once that packet is whole. Bounds how many such sockets there
 * are, how fast an address may open them and how long one may take to log in.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Incidents } from './incidents.js';
import type { TransportLimits } from './limits.js';
import { KeyedBuckets } from './token-bucket.js';

/** Addresses remembered for the accept rate; more share one bucket. */
const MAX_ADDRESSES = 65_536;
const CONNECT_FIRST_BYTE = 0x10;

/** One accepted socket. */
export interface Ticket {
  readonly socket: Socket;
  readonly address: string;
  /** The socket logged in: it no longer counts as pending. Idempotent. */
  release(): void;
}

/** An IPv6 host commands a whole /64, so that is its address here. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (mapped) return mapped[1]!;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return groups.slice(0, 4).join(':');
}

/** What the first bytes of a connection are. */
export type FirstPacket = 'more' | 'complete' | 'mqtt-not-connect' | 'mqtt-connect-too-large';

/** Reads the fixed header of the first packet (MQTT 3.1.1 section 2.2). */
export function inspectFirstPacket(bytes: Uint8Array, maxConnectBytes: number): FirstPacket {
  if (bytes.length === 0) return 'more';
  if (bytes[0] !== CONNECT_FIRST_BYTE) return 'mqtt-not-connect';
  let length = 0;
  for (let i = 1; i <= 4; i++) {
    const byte = bytes[i];
    if (byte === undefined) return 'more';
    length += (byte & 0x7f) * 128 ** (i - 1);
    if ((byte & 0x80) === 0) {
      const total = 1 + i + length;
      if (total > maxConnectBytes) return 'mqtt-connect-too-large';
      return bytes.length >= total ? 'complete' : 'more';
    }
  }
  return 'mqtt-not-connect';
}

export class AcceptGate {
  private pending = 0;
  private readonly pendingByAddress = new Map<string, number>();
  private readonly rates: KeyedBuckets;

  constructor(
    private readonly limits: TransportLimits,
    private readonly incidents: Incidents,
    private readonly now: () => number,
  ) {
    this.rates = new KeyedBuckets(limits.acceptPerSecond, limits.acceptBurst, MAX_ADDRESSES, now());
  }

  /** Sockets that have not logged in. */
  get pendingCount(): number {
    return this.pending;
  }

  /** Takes a new socket in, or destroys it and returns `undefined`. */
  accept(socket: Socket): Ticket | undefined {
    socket.on('error', ignore);
    const address = addressKey(socket.remoteAddress ?? '');
    const refusal = this.refusal(address);
    if (refusal !== undefined) {
      this.incidents.add({ code: refusal, address });
      socket.destroy();
      return undefined;
    }
    this.pending += 1;
    this.pendingByAddress.set(address, (this.pendingByAddress.get(address) ?? 0) + 1);
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      clearTimeout(timer);
      this.pending -= 1;
      const left = (this.pendingByAddress.get(address) ?? 1) - 1;
      if (left === 0) this.pendingByAddress.delete(address);
      else this.pendingByAddress.set(address, left);
    };
    const timer = setTimeout(() => {
      this.incidents.add({ code: 'mqtt-connect-timeout', address });
      socket.destroy();
    }, this.limits.connectTimeoutMs);
    socket.once('close', release);
    return { socket, address, release };
  }

  /** Waits for a whole CONNECT on `stream`, then hands the untouched stream on. */
  waitForConnect(stream: Duplex, ticket: Ticket, admit: () => void): void {
    let held: Buffer | undefined;
    const stop = () => {
      stream.removeListener('readable', read);
      stream.removeListener('error', stopAndDestroy);
      stream.removeListener('end', stopAndDestroy);
    };
    const stopAndDestroy = () => {
      stop();
      stream.on('error', ignore);
      stream.destroy();
      ticket.socket.destroy();
    };
    const read = () => {
      const chunk = stream.read() as Buffer | null;
      if (chunk === null) return;
      held = held === undefined ? chunk : Buffer.concat([held, chunk]);
      const first = inspectFirstPacket(held, this.limits.maxConnectBytes);
      if (first === 'more') return;
      if (first !== 'complete') {
        this.incidents.add({ code: first, address: ticket.address });
        stopAndDestroy();
        return;
      }
      stream.removeListener('readable', read);
      const bytes = held;
      // A listener for 'readable' added in the same turn as the last was removed would not be told of the bytes.
      setImmediate(() => {
        stop();
        if (stream.destroyed) return;
        stream.unshift(bytes);
        admit();
      });
    };
    stream.on('readable', read);
    stream.on('error', stopAndDestroy);
    stream.on('end', stopAndDestroy);
  }

  private refusal(address: string): string | undefined {
    if (!this.rates.take(address, this.now())) return 'mqtt-accept-rate';
    if (this.pending >= this.limits.maxPending) return 'mqtt-pending-full';
    const here = this.pendingByAddress.get(address) ?? 0;
    return here >= this.limits.maxPendingPerAddress ? 'mqtt-pending-full' : undefined;
  }
}

function ignore(): void {}
