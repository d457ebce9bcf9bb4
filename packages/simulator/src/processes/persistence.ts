import type { Write } from '@iotw/kernel/ports/store';
import type { Prng } from '@iotw/kernel/prng';
import { FaultyDisk } from '../world/faulty-disk.js';
import type { World } from '../world/world.js';

/** The way of one process to its disk: commits become durable in order, some slowly. */
export class Persistence {
  readonly disk = new FaultyDisk();
  readonly #world: World;
  readonly #name: string;
  readonly #prng: Prng;
  readonly #early: boolean;
  #syncedAtMs = 0;
  #life = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
    this.#prng = world.prng.fork(`disk ${name}`);
    this.#early = world.plant?.earlyPersist?.(name) ?? false;
  }

  /** `durable` is called when the writes are, unless the process dies before. */
  commit(writes: readonly Write[], durable: () => void): void {
    const { events } = this.#world;
    const life = this.#life;
    this.disk.write(writes);
    const at = Math.max(this.#syncedAtMs, events.nowMs + 1 + this.#prng.below(this.#world.diskMs));
    this.#syncedAtMs = at;
    this.#world.onWrite?.(this.#name, at - events.nowMs);
    events.after(at - events.nowMs, () => {
      if (life !== this.#life) return;
      this.disk.sync();
      if (!this.#early) durable();
    });
    if (this.#early)
      events.after(0, () => {
        if (life === this.#life) durable();
      });
  }

  /** The process died. */
  crash(): void {
    this.#life += 1;
    this.#syncedAtMs = 0;
    const before = { ...this.disk.stats };
    this.disk.crash(this.#prng);
    this.#world.coverage.add('writesLost', this.disk.stats.lost - before.lost);
    this.#world.coverage.add('writesTorn', this.disk.stats.torn - before.torn);
  }
}
