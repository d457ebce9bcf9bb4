/** The shell's clock: wall time in whole ms that never goes back while the process lives. */
export interface WallClock {
  nowMs(): number;
}

export function wallClock(): WallClock {
  const startMs = Date.now();
  const start = performance.now();
  return { nowMs: () => startMs + Math.floor(performance.now() - start) };
}
