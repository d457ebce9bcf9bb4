/** Watches sessions over time: who doesn't read, who sends too many bytes, whose hello is over. */
import type { Socket } from 'node:net';
import type { Client } from 'aedes';
import type { TransportLimits } from './limits.js';
import { type DeviceRate, monotonicMs } from './transport-core.js';

const TICK_MS = 250;
const BYTES_EVERY = 8;

/** One logged-in device. */
export interface GatewaySession {
  readonly client: Client;
  readonly deviceKey: Uint8Array;
  readonly rate: DeviceRate;
  readonly socket: Socket | undefined;
  /** Subscribed to its assignments. */
  present: boolean;
  /** Subscribed to hello. */
  hears: boolean;
  /** It asked to be told where it belongs. */
  movable: boolean;
  /** Refused subscriptions. */
  strikes: number;
  /** When its receive window shut; 0: open. */
  stalledAt: number;
  bytesSeen: number;
}

export class SessionWatch {
  private timer: NodeJS.Timeout | undefined;
  private ticks = 0;
  private readonly stalls = new Set<GatewaySession>();

  constructor(
    private readonly limits: TransportLimits,
    private readonly sessions: ReadonlyMap<string, GatewaySession>,
    private readonly helloClients: ReadonlyMap<Client, number>,
    private readonly drop: (client: Client, code: string) => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  session(
    client: Client,
    deviceKey: Uint8Array,
    rate: DeviceRate,
    socket: Socket | undefined,
  ): GatewaySession {
    return {
      client,
      deviceKey,
      rate,
      socket,
      present: false,
      hears: false,
      movable: false,
      strikes: 0,
      stalledAt: 0,
      bytesSeen: socket?.bytesRead ?? 0,
    };
  }

  /** A write did not leave at once: from now the device has `drainTimeoutMs` to read. */
  stalled(session: GatewaySession): void {
    if (session.stalledAt !== 0) return;
    session.stalledAt = monotonicMs();
    this.stalls.add(session);
    session.client.conn.once('drain', () => this.forget(session));
  }

  forget(session: GatewaySession): void {
    session.stalledAt = 0;
    this.stalls.delete(session);
  }

  private tick(): void {
    const now = monotonicMs();
    for (const session of this.stalls) {
      if (now - session.stalledAt < this.limits.drainTimeoutMs) continue;
      this.stalls.delete(session);
      this.drop(session.client, 'mqtt-slow-subscriber');
    }
    for (const [client, since] of this.helloClients) {
      if (now - since >= this.limits.helloLifetimeMs) this.drop(client, 'mqtt-hello-expired');
    }
    this.ticks += 1;
    if (this.ticks % BYTES_EVERY === 0) this.checkBytes();
  }

  private checkBytes(): void {
    const allowed = (this.limits.bytesPerSecond * TICK_MS * BYTES_EVERY) / 1000;
    for (const session of this.sessions.values()) {
      const seen = session.socket?.bytesRead ?? 0;
      const delta = seen - session.bytesSeen;
      session.bytesSeen = seen;
      if (delta > allowed) this.drop(session.client, 'mqtt-rate-exceeded');
    }
  }
}
