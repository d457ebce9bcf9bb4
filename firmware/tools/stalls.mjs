// When this machine stood still, or let a process wait for a processor: then devices are late, and that is not theirs.
import { readdirSync, readFileSync } from 'node:fs';

const TIMER_MS = 20;
const SAMPLE_MS = 1_000;
const NS_PER_MS = 1_000_000;

export class Stalls {
  /** `atMs`: Date.now() when it was over; `forMs`: how long, or how long in the second before. @type {{atMs: number, forMs: number, what: string}[]} */
  seen = [];
  /** The longest of all, ms. */
  longestMs = 0;
  #leastMs;
  #timers = [];

  /** Watches this process' own timer. @param {number} leastMs shorter ones are passed over */
  constructor(leastMs) {
    this.#leastMs = leastMs;
    let due = performance.now() + TIMER_MS;
    this.#every(TIMER_MS, () => {
      const now = performance.now();
      this.#add('a timer came late', now - due);
      due = now + TIMER_MS;
    });
  }

  /** Watches how long a process waits for a processor, too, where Linux tells. @param {string} what @param {number} pid */
  watch(what, pid) {
    let before = waitsOf(pid);
    this.#every(SAMPLE_MS, () => {
      const now = waitsOf(pid);
      const longest = Math.max(0, ...[...now].map(([thread, ns]) => ns - (before.get(thread) ?? ns)));
      before = now;
      this.#add(`${what} waited for a processor`, longest / NS_PER_MS);
    });
  }

  #every(ms, look) {
    const timer = setInterval(look, ms);
    timer.unref();
    this.#timers.push(timer);
  }

  #add(what, forMs) {
    this.longestMs = Math.max(this.longestMs, Math.round(forMs));
    if (forMs >= this.#leastMs) this.seen.push({ atMs: Date.now(), forMs: Math.round(forMs), what });
  }

  /** @param {number} fromMs @param {number} toMs @returns {{forMs: number, what: string} | undefined} the longest in between */
  longestBetween(fromMs, toMs) {
    const within = this.seen.filter(
      ({ atMs, forMs }) => atMs >= fromMs && atMs - Math.max(forMs, SAMPLE_MS) <= toMs,
    );
    return within.reduce((longest, one) => (one.forMs > (longest?.forMs ?? 0) ? one : longest), undefined);
  }

  end() {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

/** Nanoseconds that each thread of a process was ready to run and did not. */
function waitsOf(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return new Map(
      threads.map((each) => [
        each,
        Number(readFileSync(`/proc/${pid}/task/${each}/schedstat`, 'utf8').split(' ')[1]),
      ]),
    );
  } catch {
    return new Map();
  }
}
