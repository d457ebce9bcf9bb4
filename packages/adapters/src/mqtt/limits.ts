/** Every bound of the device transports, with what happens there (spec: clause 12). */
export interface TransportLimits {
  /** Devices logged in at once; one more is refused: `mqtt-sessions-full`. */
  readonly maxSessions: number;
  /** Sockets that have not logged in yet; one more is closed at accept: `mqtt-pending-full`. */
  readonly maxPending: number;
  /** The same for one address (IPv6: one /64). */
  readonly maxPendingPerAddress: number;
  /** New sockets a second from one address, and how many may come at once; above: `mqtt-accept-rate`. */
  readonly acceptPerSecond: number;
  readonly acceptBurst: number;
  /** Time from accept to a complete login; later: `mqtt-connect-timeout`. */
  readonly connectTimeoutMs: number;
  /** Largest CONNECT packet; larger: `mqtt-connect-too-large`. */
  readonly maxConnectBytes: number;
  /** Largest packet of a device; larger: `mqtt-packet-too-large`. Larger transactions use the API server. */
  readonly maxPacketBytes: number;
  /** Largest keepalive in seconds; 0 or more than this is refused on MQTT 3.1.1, replaced on MQTT 5. */
  readonly maxKeepaliveSeconds: number;
  /** Messages a second of one device and how many at once; above they are dropped: `mqtt-rate-exceeded`. */
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  /** Dropped messages after which the device is disconnected. */
  readonly excessBeforeClose: number;
  /** Bytes a second of one device, averaged over two seconds; above it is disconnected. */
  readonly bytesPerSecond: number;
  /** Refused subscriptions after which the device is disconnected: `mqtt-too-many-subscriptions`. */
  readonly refusedSubscriptions: number;
  /** How long a device may leave its receive window shut before it is disconnected: `mqtt-slow-subscriber`. */
  readonly drainTimeoutMs: number;
  /** Bytes waiting for one device; more: disconnected at once. */
  readonly maxQueuedBytes: number;
  /** Hello readers at once and a second (and at once in a burst); more: `mqtt-hello-rate`. */
  readonly maxHello: number;
  readonly helloPerSecond: number;
  readonly helloBurst: number;
  /** After this a hello reader is disconnected. */
  readonly helloLifetimeMs: number;
  /** Incidents of one code that are logged in a second; the rest is only counted. */
  readonly logPerSecond: number;
}

export const DEFAULT_LIMITS: TransportLimits = {
  maxSessions: 20_000,
  maxPending: 1024,
  maxPendingPerAddress: 512,
  acceptPerSecond: 200,
  acceptBurst: 2000,
  connectTimeoutMs: 5000,
  maxConnectBytes: 1024,
  maxPacketBytes: 16_384,
  maxKeepaliveSeconds: 300,
  messagesPerSecond: 100,
  messageBurst: 400,
  excessBeforeClose: 64,
  bytesPerSecond: 65_536,
  refusedSubscriptions: 8,
  drainTimeoutMs: 1000,
  maxQueuedBytes: 262_144,
  maxHello: 256,
  helloPerSecond: 200,
  helloBurst: 2000,
  helloLifetimeMs: 5000,
  logPerSecond: 5,
};
