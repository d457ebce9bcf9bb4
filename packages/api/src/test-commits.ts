import { fail, ok } from '@iotw/kernel/result';
import type { LightBlock } from '@iotw/protocol/light-block';
import type { CommitSource } from './backend.js';

/** Commits for tests: round n is in height 2n, and what a height commits is `block`. */
export interface TestCommits extends CommitSource {
  height: number;
  /** How many wait for a height. */
  readonly listening: number;
  /** The next height is committed. */
  advance(): void;
}

export function testCommits(height: number, block?: (height: number) => LightBlock): TestCommits {
  const listeners = new Set<() => void>();
  return {
    height,
    get listening() {
      return listeners.size;
    },
    heightOf: (round) => 2 * round,
    async lightBlock(wanted) {
      if (block === undefined || wanted > this.height)
        return fail('commit-not-found', `There is no commit of height ${wanted}.`);
      return ok(block(wanted));
    },
    onHeight(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advance() {
      this.height += 1;
      for (const listener of listeners) listener();
    },
  };
}
