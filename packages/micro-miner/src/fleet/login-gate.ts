/** Paces the logins of a fleet, which come from one address: so many under way, so many a second. */
export class LoginGate {
  readonly #waiting: (() => void)[] = [];
  readonly #maxInFlight: number;
  readonly #intervalMs: number;
  #inFlight = 0;
  #nextMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(maxInFlight: number, perSecond: number) {
    this.#maxInFlight = maxInFlight;
    this.#intervalMs = 1000 / perSecond;
  }

  /** Resolves when one more login may begin; call what it gives back when that login is over. */
  enter(): Promise<() => void> {
    return new Promise((admitted) => {
      this.#waiting.push(() => {
        let over = false;
        admitted(() => {
          if (over) return;
          over = true;
          this.#inFlight -= 1;
          this.#pump();
        });
      });
      this.#pump();
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#inFlight < this.#maxInFlight) {
      const nowMs = performance.now();
      // Ten milliseconds of logins may go together: timers are no finer than one.
      if (this.#nextMs > nowMs + 10) {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#pump();
        }, this.#nextMs - nowMs);
        return;
      }
      this.#nextMs = Math.max(this.#nextMs, nowMs) + this.#intervalMs;
      this.#inFlight += 1;
      this.#waiting.shift()!();
    }
  }
}
