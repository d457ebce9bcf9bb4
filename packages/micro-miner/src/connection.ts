/** The port between a device's session and the MQTT library that carries it. */

export interface ConnectionRequest {
  /** Also the user name of a device; `hello` for a reader of the hello topic. */
  readonly clientId: string;
  readonly username: string;
  /** The login token; absent for a reader of hello. */
  readonly password?: Uint8Array;
  /** What the broker publishes when the device is gone without a word; the payload is ASCII. */
  readonly will?: { readonly topic: string; readonly payload: Uint8Array };
  readonly keepaliveSeconds: number;
}

/** What a connection tells its owner; `closed` comes exactly once and last. */
export interface ConnectionOwner {
  /** The broker accepted the login. */
  connected(): void;
  /** `payload` is the receiver's only until the call returns. */
  received(topic: string, payload: Uint8Array): void;
  /** `refused`: the broker turned the login down, so that a new attempt needs a new hello. */
  closed(reason: string, refused: boolean): void;
}

export interface DeviceConnection {
  /** QoS 0. A refused subscription closes the connection. */
  subscribe(topics: readonly string[]): void;
  /** QoS 0, not retained: an answer that comes late is worth nothing, and a repeat is harmless. */
  publish(topic: string, payload: Uint8Array): void;
  /** Sends what waits, says goodbye (so that the will is not published) and closes. */
  end(): void;
}

/** Opens one connection; it never reconnects by itself. */
export type Connector = (request: ConnectionRequest, owner: ConnectionOwner) => DeviceConnection;
