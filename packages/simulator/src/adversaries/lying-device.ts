import { writeU32 } from '@iotw/kernel/bytes';
import type { Prng } from '@iotw/kernel/prng';
import type { World } from '../world/world.js';
import type { Adversary, Asked, Held } from './adversary.js';
import { attestationIn, flipped, forgedAnswer } from './forgery.js';

export interface LyingOptions {
  readonly held: Held;
  /** Of its answers, this many in 1000 are lies. */
  readonly perMille: number;
  /** Colluders tell the same lie about the same header; others each their own. */
  readonly together: boolean;
  readonly name: string;
}

/**
 * Devices that sign a false hash: alone (the lying miner), all at the first chance (the griefer), or together
 * with one another and about the same false hash (the colluding committee). What was said once under a
 * number is said again, so that a lie is not an equivocation as well.
 */
export class LyingDevices implements Adversary {
  readonly name: string;
  readonly held: Held;
  readonly #world: World;
  readonly #options: LyingOptions;
  readonly #prng: Prng;
  readonly #told = new Set<string>();
  readonly #lies = new Map<string, Uint8Array>();

  constructor(world: World, options: LyingOptions) {
    this.name = options.name;
    this.held = options.held;
    this.#world = world;
    this.#options = options;
    this.#prng = world.prng.fork(`adversary ${options.name}`);
  }

  answers({ device, assignment, machine }: Asked): Uint8Array {
    const answer = machine(assignment);
    const truth = attestationIn(answer);
    if (truth === undefined) return answer;
    const number = `${device}/${truth.boot}/${truth.counter}`;
    const known = this.#lies.get(number);
    if (known !== undefined) return known;
    if (this.#told.has(number) || !this.#prng.chance(this.#options.perMille, 1000)) {
      this.#told.add(number);
      return answer;
    }
    this.#world.coverage.add(`attack ${this.name}`);
    const hash = flipped(truth.hash);
    if (!this.#options.together) writeU32(hash, 28, device);
    const lie = forgedAnswer(this.#world, device, truth, { hash });
    this.#lies.set(number, lie);
    return lie;
  }
}
