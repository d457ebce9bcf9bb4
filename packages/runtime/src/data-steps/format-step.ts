import type { Store } from '@iotw/kernel/ports/store';
import type { Result } from '@iotw/kernel/result';

/** Brings a store from one format to the next. */
export interface FormatStep {
  /** What it does, for the operator. */
  readonly what: string;
  /**
   * In commits of a bounded size, each of which may be the last before a kill: run again, it goes on with what is left. The
   * number of the format is written behind it. `progress`: entries done of so many.
   */
  readonly run: (store: Store, progress: (done: number, total: number) => void) => Promise<Result<void>>;
}
