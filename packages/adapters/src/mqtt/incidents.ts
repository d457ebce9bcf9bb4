import type { Incident } from './device-transport.js';

/** Counts incidents by code and logs a bounded number of them: a flood must not fill the log. */
export class Incidents {
  private readonly counts = new Map<string, number>();
  private readonly window = new Map<string, { startedAt: number; logged: number; suppressed: number }>();

  constructor(
    private readonly log: ((incident: Incident) => void) | undefined,
    private readonly logPerSecond: number,
    private readonly now: () => number,
  ) {}

  /** Counts one incident; codes come from our own code, so their number is bounded. */
  add(incident: Incident): void {
    this.counts.set(incident.code, (this.counts.get(incident.code) ?? 0) + 1);
    if (this.log === undefined) return;
    const now = this.now();
    let window = this.window.get(incident.code);
    if (window === undefined) {
      window = { startedAt: now, logged: 0, suppressed: 0 };
      this.window.set(incident.code, window);
    } else if (now - window.startedAt >= 1000) {
      window.startedAt = now;
      window.logged = 0;
    }
    if (window.logged >= this.logPerSecond) {
      window.suppressed += 1;
      return;
    }
    window.logged += 1;
    const { suppressed } = window;
    window.suppressed = 0;
    this.log(suppressed === 0 ? incident : { ...incident, suppressed });
  }

  /** Counts by code. */
  toRecord(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}
