import { BoundedMap } from '@iotw/kernel/bounded-map';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, type Result } from '@iotw/kernel/result';
import type { LightBlock } from '@iotw/protocol/light-block';
import { fetchLightBlock } from './light-rpc.js';
import { readRoundHeight } from './position.js';

/** Light blocks that are remembered: rounds that are asked for are mostly the newest. */
const REMEMBERED = 256;

export interface CometCommitsOptions {
  readonly store: Pick<Store, 'get'>;
  /** The last round that was ordered without CometBFT. */
  readonly originRound: number;
  /** Last height that was committed here. */
  readonly height: () => number;
  /** Where CometBFT's RPC answers by now. */
  readonly socket: () => string | undefined;
  readonly fetch?: typeof fetchLightBlock;
}

/** What proves the rounds of this ledger server: commits of its CometBFT (spec: clause 9.15). */
export class CometCommits {
  readonly #options: CometCommitsOptions;
  readonly #known = new BoundedMap<number, LightBlock>(REMEMBERED);
  readonly #listeners = new Set<() => void>();

  constructor(options: CometCommitsOptions) {
    this.#options = options;
  }

  /** The last height with a commit. */
  get height(): number {
    return this.#options.height();
  }

  /** The height that holds a round; 0: the origin's, or before it; undefined: it is not there, or came with a snapshot. */
  heightOf(round: number): number | undefined {
    const { store, originRound } = this.#options;
    return round <= originRound ? 0 : readRoundHeight(store, round);
  }

  /** Errors: `commit-not-found`, `cometbft-rpc`. */
  async lightBlock(height: number): Promise<Result<LightBlock>> {
    const known = this.#known.get(height);
    if (known !== undefined) return { ok: true, value: known };
    const { socket, fetch = fetchLightBlock } = this.#options;
    const at = socket();
    if (at === undefined)
      return fail('cometbft-rpc', 'CometBFT is not up yet: ask again in a moment.', { height });
    const found = await fetch(at, height);
    if (found.ok) this.#known.set(height, found.value);
    return found;
  }

  /** Called after each height; returns how to stop. */
  onHeight(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A height is committed. */
  committed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
