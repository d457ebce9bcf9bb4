import type { PublicData } from '@iotw/protocol/public-data';
import { SEED_ORIGIN, type SeedOrigin } from '@iotw/protocol/seed-origin';
import type { CheckList } from '../checks.js';
import { type KnownSeed, lacksData, seedOfLink } from '../seed-chain.js';

/**
 * The chain of seeds through public data: what made each epoch's seed as its signed rounds name it, and which seed is
 * believed before an epoch.
 */
export class SeedWalk {
  readonly #network: Uint8Array;
  readonly #links: PublicData['seeds'];
  readonly #trusted: KnownSeed;
  readonly #origins = new Map<number, SeedOrigin>();
  /** How far the links were followed. */
  #reached: KnownSeed;
  readonly #known = new Map<number, KnownSeed>();
  #link = 0;

  constructor(data: PublicData, network: Uint8Array, trusted: KnownSeed) {
    this.#network = network;
    this.#links = data.seeds;
    this.#trusted = trusted;
    this.#reached = trusted;
    this.#known.set(trusted.epoch, trusted);
    for (const { header } of data.rounds) {
      if (!this.#origins.has(header.epoch)) this.#origins.set(header.epoch, header);
    }
  }

  /** What the first round given of the epoch says made its seed. */
  originOf(epoch: number): SeedOrigin | undefined {
    return this.#origins.get(epoch);
  }

  /** The ledger servers' shared key before `epoch`; undefined where it is not known or a public value came since. */
  groupKeyBefore(epoch: number): Uint8Array | undefined {
    for (let before = epoch - 1; before > 0; before--) {
      const origin = this.#origins.get(before);
      if (origin?.seedSource === SEED_ORIGIN.threshold) return origin.seedKey;
      if (origin?.seedSource !== SEED_ORIGIN.vrf) return undefined;
    }
    return undefined;
  }

  /**
   * The trusted seed where it is this epoch's own; else that of the epoch before, by a link or by `checked`, if nothing
   * is wrong with it. A bad link is told to `refuse`.
   */
  believed(
    epoch: number,
    checked: { readonly epoch: { readonly seed: Uint8Array }; readonly list: CheckList } | undefined,
    vrfKeys: readonly Uint8Array[],
    refuse: (epoch: number, reason: string, code: string) => void,
  ): KnownSeed | undefined {
    if (epoch === this.#trusted.epoch) return this.#trusted;
    this.#follow((link) => link.epoch < epoch, vrfKeys, refuse);
    if (checked !== undefined) {
      return chained(checked.list) ? { epoch: epoch - 1, seed: checked.epoch.seed } : undefined;
    }
    return this.#known.get(epoch - 1);
  }

  /** Follows the links of epochs that began by round `round`, under the keys that held until then. */
  reach(
    round: number,
    vrfKeys: readonly Uint8Array[],
    refuse: (epoch: number, reason: string, code: string) => void,
  ): void {
    this.#follow((link) => link.opened <= round, vrfKeys, refuse);
  }

  /** Follows the links that are `due`; a link that lacks something is left out, a bad one ends the chain. */
  #follow(
    due: (link: PublicData['seeds'][number]) => boolean,
    vrfKeys: readonly Uint8Array[],
    refuse: (epoch: number, reason: string, code: string) => void,
  ): void {
    for (;;) {
      const next = this.#links[this.#link];
      if (next === undefined || !due(next)) return;
      this.#link++;
      if (next.epoch <= this.#trusted.epoch) continue;
      const reached = seedOfLink(this.#network, vrfKeys, this.#reached, next, this.#origins.get(next.epoch));
      if (reached.ok) {
        this.#reached = reached.value;
        this.#known.set(next.epoch, reached.value);
      } else if (!lacksData(reached.error.code))
        refuse(next.epoch, reached.error.message, reached.error.code);
    }
  }
}

function chained(list: CheckList): boolean {
  return list.checks.some(({ name, state }) => name === 'seed-chain' && state === 'pass');
}
