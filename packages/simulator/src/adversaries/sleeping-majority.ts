import type { World } from '../world/world.js';
import type { Adversary, Asked, Held } from './adversary.js';

/** Devices that are present and quiet together, from one moment to another, as if they were one. */
export class SleepingMajority implements Adversary {
  readonly name = 'sleeping-majority';
  readonly held: Held;
  readonly #world: World;
  readonly #fromMs: number;
  readonly #untilMs: number;

  constructor(world: World, held: Held, fromMs: number, untilMs: number) {
    this.held = held;
    this.#world = world;
    this.#fromMs = fromMs;
    this.#untilMs = untilMs;
  }

  answers({ assignment, machine }: Asked): Uint8Array | undefined {
    const { nowMs } = this.#world;
    if (nowMs < this.#fromMs || nowMs >= this.#untilMs) return machine(assignment);
    this.#world.coverage.add(`attack ${this.name}`);
    return undefined;
  }
}
