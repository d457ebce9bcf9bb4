import { toHex } from '@iotw/kernel/bytes';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';

export interface CherryPickingOptions {
  readonly node: number;
  /** Devices it shuts out, by index: only those it hosts matter to it. */
  readonly victims: Iterable<number>;
  /** Whether tickets of the victims are dropped as well: an eclipse. */
  readonly eclipse: boolean;
  readonly name: string;
}

/**
 * A host that never shows its victims their assignments and so comes to sign false misses for them, which
 * lets the next ranks in; with `eclipse` it also drops their presence tickets.
 */
export class CherryPickingHost implements Adversary {
  readonly name: string;
  readonly held: Held;
  readonly #world: World;
  readonly #victims: ReadonlySet<string>;
  readonly #eclipse: boolean;

  constructor(world: World, { node, victims, eclipse, name }: CherryPickingOptions) {
    this.name = name;
    this.held = holding({ trustNodes: [node] });
    this.#world = world;
    this.#eclipse = eclipse;
    this.#victims = new Set([...victims].map((device) => toHex(world.keys.devices[device]!.publicKey)));
  }

  delivers(_host: number, device: string): boolean {
    if (!this.#victims.has(device)) return true;
    this.#world.coverage.add(`attack ${this.name}`);
    return false;
  }

  hears(_host: number, device: string): boolean {
    return !this.#eclipse || !this.#victims.has(device);
  }
}
