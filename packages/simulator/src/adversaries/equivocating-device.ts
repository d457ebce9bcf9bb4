import type { World } from '../world/world.js';
import type { Adversary, Asked, Held } from './adversary.js';
import { attestationIn, forgedAnswer } from './forgery.js';

/**
 * Devices that after a while sign every answer under the number of their first one: each answer is right about
 * its block, so it is certified and paid, but two of them contradict each other. Nobody is told of it.
 */
export class EquivocatingDevices implements Adversary {
  readonly name = 'equivocating-device';
  readonly held: Held;
  readonly #world: World;
  readonly #fromMs: number;
  readonly #numbers = new Map<number, { readonly boot: number; readonly counter: number }>();

  constructor(world: World, held: Held, fromMs: number) {
    this.held = held;
    this.#world = world;
    this.#fromMs = fromMs;
  }

  answers({ device, assignment, machine }: Asked): Uint8Array {
    const answer = machine(assignment);
    const truth = attestationIn(answer);
    if (truth === undefined || this.#world.nowMs < this.#fromMs) return answer;
    const number = this.#numbers.get(device);
    if (number === undefined) {
      this.#numbers.set(device, { boot: truth.boot, counter: truth.counter });
      return answer;
    }
    if (truth.boot === number.boot && truth.counter === number.counter) return answer;
    this.#world.coverage.add(`attack ${this.name}`);
    return forgedAnswer(this.#world, device, truth, number);
  }
}
