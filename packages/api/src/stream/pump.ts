import type { ApiContext } from '../context.js';
import { locationOf, roundOf } from '../index-store/location.js';
import { STREAM_ROUNDS_PER_TURN } from '../limits.js';
import { eventsOf, type StreamEvent, type StreamFilter } from './events.js';

/** Where one stream's events go. */
export interface StreamSink {
  /** Whether the client has read enough to be sent more. */
  readonly ready: boolean;
  write(event: StreamEvent): void;
}

/**
 * Feeds one client from the rounds: it draws events as fast as the client reads, so nothing piles up
 * here however slow that is. What it missed comes from memory, then from disk.
 */
export class StreamPump {
  readonly #context: ApiContext;
  readonly #filter: StreamFilter;
  readonly #sink: StreamSink;
  /** Next location to tell of. */
  #next: number;
  #current: Iterator<StreamEvent> | undefined;
  #scheduled = false;
  #stopped = false;

  /** `from`: location of the first event wanted. */
  constructor(context: ApiContext, filter: StreamFilter, sink: StreamSink, from: number) {
    this.#context = context;
    this.#filter = filter;
    this.#sink = sink;
    this.#next = from;
  }

  /** Something is new, or the client has read: goes on in this turn, for a bounded number of rounds. */
  run(): void {
    if (this.#stopped || this.#scheduled) return;
    let rounds = STREAM_ROUNDS_PER_TURN;
    while (this.#sink.ready && !this.#stopped) {
      const number = roundOf(this.#next);
      if (number > this.#context.rounds.latest) return;
      if (this.#writeRound(number)) {
        this.#next = locationOf(number + 1, 0);
        if (--rounds === 0) {
          this.#later();
          return;
        }
      }
    }
  }

  /** Whether the round is told to its end; false where the client must read first. */
  #writeRound(number: number): boolean {
    if (this.#current === undefined) {
      const layout = this.#context.rounds.layout(number);
      if (layout === undefined) return true;
      this.#current = eventsOf(this.#context, layout, this.#filter, this.#next);
    }
    while (this.#sink.ready) {
      const next = this.#current.next();
      if (next.done === true) {
        this.#current = undefined;
        return true;
      }
      this.#sink.write(next.value);
    }
    return false;
  }

  #later(): void {
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.run();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#current = undefined;
  }
}
