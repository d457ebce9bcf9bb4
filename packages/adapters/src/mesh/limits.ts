/** Named bounds of a mesh endpoint; times in milliseconds, sizes in bytes. */
export interface MeshLimits {
  /** Largest payload of one frame; larger closes the link (`mesh-frame-too-large`). */
  readonly maxFrameBytes: number;
  /** Bytes waiting per link; at the bound `send` returns false and the frame is not taken. */
  readonly maxQueuedBytes: number;
  /** Live links; a new peer beyond it is refused (`mesh-links-full`). */
  readonly maxLinks: number;
  /** Accepted sockets that have not finished hello; beyond it dropped (`mesh-handshakes-full`). */
  readonly maxHandshakes: number;
  /** The same per remote address, so one address can't take every place. */
  readonly maxHandshakesPerAddress: number;
  /** From TCP connect or accept to a finished hello. */
  readonly handshakeTimeoutMs: number;
  /** From a frame's first byte to its last. */
  readonly frameTimeoutMs: number;
  /** Ping interval. */
  readonly heartbeatMs: number;
  /** Silence that ends a link. */
  readonly idleTimeoutMs: number;
  /** Waiting bytes that make no progress for this long end the link (`mesh-slow-peer`). */
  readonly slowPeerMs: number;
  /** Longest orderly hand-over or shutdown. */
  readonly drainTimeoutMs: number;
  /** First and largest pause between dials of one peer. */
  readonly backoffFirstMs: number;
  readonly backoffCapMs: number;
  /** A link up for this long resets the pause. */
  readonly stableLinkMs: number;
  /** How often timeouts are looked at. */
  readonly tickMs: number;
}

export const DEFAULT_MESH_LIMITS: MeshLimits = {
  maxFrameBytes: 4 * 1024 * 1024,
  maxQueuedBytes: 16 * 1024 * 1024,
  maxLinks: 256,
  maxHandshakes: 64,
  maxHandshakesPerAddress: 32,
  handshakeTimeoutMs: 5_000,
  frameTimeoutMs: 10_000,
  heartbeatMs: 2_000,
  idleTimeoutMs: 8_000,
  slowPeerMs: 5_000,
  drainTimeoutMs: 2_000,
  backoffFirstMs: 100,
  backoffCapMs: 10_000,
  stableLinkMs: 5_000,
  tickMs: 250,
};

/**
 * Pause before dial number `attempt` (0 for the first retry): doubles from the first pause to the cap,
 * then takes a random half to whole of it so that peers of one failed node don't return in step.
 * @param random uniform in [0, 1).
 */
export function backoffMs(attempt: number, limits: MeshLimits, random: number): number {
  const full = Math.min(limits.backoffCapMs, limits.backoffFirstMs * 2 ** Math.min(attempt, 30));
  return full / 2 + (full / 2) * random;
}
