import type { Prng } from '@iotw/kernel/prng';
import type { World } from '../world/world.js';
import type { Adversary, Asked, Held } from './adversary.js';

/** Devices that say that they are there and then don't answer. */
export class WithholdingDevices implements Adversary {
  readonly name = 'withholding-device';
  readonly held: Held;
  readonly #world: World;
  readonly #perMille: number;
  readonly #prng: Prng;

  /** `perMille`: of their answers, this many in 1000 are withheld. */
  constructor(world: World, held: Held, perMille: number) {
    this.held = held;
    this.#world = world;
    this.#perMille = perMille;
    this.#prng = world.prng.fork(`adversary ${this.name}`);
  }

  answers({ assignment, machine }: Asked): Uint8Array | undefined {
    if (!this.#prng.chance(this.#perMille, 1000)) return machine(assignment);
    this.#world.coverage.add(`attack ${this.name}`);
    return undefined;
  }
}
