import { concatBytes, readU32, toHex, writeU32 } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import type { RoundInput } from '@iotw/protocol/round';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import type { Agreed, Engine, EngineClient, Voter } from './engine.js';

/** Wishes from here on are bad: honest servers vote against them. */
const BAD = 1_000_000;
/** Of a round that is proposed for an act alone. */
const NO_WISH = 0;
const NO_ROUND = new Uint8Array(32);

type Moment = 'decided' | 'applied' | 'durable';

/** A ledger server reduced to what an engine sees: a disk, wishes to propose, a vote. */
export class TestServer implements EngineClient {
  readonly index: number;
  /** What survives the end of its process. */
  readonly disk: { readonly rounds: RoundInput[]; own: Write[] } = { rounds: [], own: [] };
  engine: Engine | undefined;
  /** What goes against the port's contract. */
  readonly violations: string[] = [];
  /** It proposes this, and judges it good, whatever the others say. */
  lie: number | undefined;
  /** Its process ends there, once. */
  endsAt: { readonly number: number; readonly moment: Moment } | undefined;
  ended: () => void = () => {};
  /** What it says with its votes; what it heard of others, by server. */
  says = new Uint8Array(0);
  readonly heardOf = new Map<number, string>();
  /** Who votes after so many rounds. */
  electorate: (rounds: number) => readonly Voter[] = () => [];
  readonly #wishes: readonly number[];
  readonly #later: (run: () => void) => void;
  #rounds: RoundInput[] = [];
  #life = 0;
  #stopped = false;

  constructor(index: number, wishes: readonly number[], later: (run: () => void) => void) {
    this.index = index;
    this.#wishes = wishes;
    this.#later = later;
  }

  get durable(): { number: number; hash: Uint8Array } {
    return { number: this.disk.rounds.length, hash: hashOf(this.disk.rounds) };
  }

  get voters(): readonly Voter[] {
    return this.electorate(this.#rounds.length);
  }

  get votedWith(): readonly Voter[] {
    return this.voters;
  }

  /** Rounds it has applied, durable or not. */
  get applied(): number {
    return this.#rounds.length;
  }

  /** A new process: only what is durable is there. */
  begin(engine: Engine): void {
    this.#rounds = [...this.disk.rounds];
    this.#stopped = false;
    this.engine = engine;
  }

  /** Its process is gone, in the middle of whatever it did. */
  end(): void {
    this.#life += 1;
    this.engine = undefined;
  }

  stop(): void {
    this.engine!.stop();
    this.#stopped = true;
  }

  propose(agreed?: Agreed): RoundInput | undefined {
    if (this.engine === undefined) return undefined;
    if (this.#stopped) this.violations.push('asked for a proposal after stop');
    const had = new Set(this.#rounds.map(wishOf));
    const wish = this.lie ?? this.#wishes.find((one) => !had.has(one));
    const { timeMs = 0, misbehaviours = [] } = agreed ?? {};
    if (wish === undefined && misbehaviours.length === 0) return undefined;
    return {
      ...roundOf(this.#rounds.length + 1, timeMs, wish ?? NO_WISH),
      misbehaviours: [...misbehaviours],
    };
  }

  judge(
    input: RoundInput | undefined,
    agreed: Agreed | undefined,
    answer: (verdict: Result<void>) => void,
  ): void {
    const life = this.#life;
    const fits = input === undefined || input.number === this.#rounds.length + 1;
    const lies = input !== undefined && wishOf(input) >= BAD && wishOf(input) !== this.lie;
    const named = input?.misbehaviours ?? [];
    const good = fits && !lies && named.length === (agreed?.misbehaviours.length ?? 0);
    this.#later(() => {
      if (life === this.#life) answer(good ? ok(undefined) : fail('test-bad', 'A bad wish.'));
    });
  }

  decide(input: RoundInput): void {
    if (this.engine === undefined) return;
    const expected = this.#rounds.length + 1;
    if (this.#stopped) this.violations.push(`round ${input.number} after stop`);
    if (input.number !== expected) this.violations.push(`round ${input.number} instead of ${expected}`);
    if (this.#ends(input.number, 'decided')) return;
    this.#rounds.push(input);
    this.engine.applied({
      number: input.number,
      hash: hashOf(this.#rounds),
      persist: (own) => this.#persist(input, own),
    });
    this.#ends(input.number, 'applied');
  }

  #persist(input: RoundInput, own: readonly Write[]): void {
    const { engine } = this;
    // An engine that has not noticed the end yet.
    if (engine === undefined) return;
    const life = this.#life;
    this.#later(() => {
      if (life !== this.#life) return;
      this.disk.rounds.push(input);
      this.keep(own);
      if (!this.#ends(input.number, 'durable')) engine.persisted(input.number);
    });
  }

  keep(own: readonly Write[]): void {
    for (const write of own)
      this.disk.own = [...this.disk.own.filter(({ key }) => toHex(key) !== toHex(write.key)), write];
  }

  extension(): Uint8Array {
    return this.says;
  }

  heard(server: number, extension: Uint8Array): boolean {
    this.heardOf.set(server, toHex(extension));
    return true;
  }

  #ends(number: number, moment: Moment): boolean {
    if (this.endsAt?.number !== number || this.endsAt.moment !== moment) return false;
    this.endsAt = undefined;
    this.end();
    this.ended();
    return true;
  }
}

function roundOf(number: number, timeMs: number, wish: number): RoundInput {
  const seedProof = new Uint8Array(4);
  writeU32(seedProof, 0, wish);
  return { number, timeMs, seedProof, resets: [], epochVotes: [], beacon: [], blocks: [], misbehaviours: [] };
}

function wishOf({ seedProof }: RoundInput): number {
  return readU32(seedProof, 0);
}

function hashOf(rounds: readonly RoundInput[]): Uint8Array {
  return rounds.reduce<Uint8Array>((hash, { seedProof }) => sha256(concatBytes(hash, seedProof)), NO_ROUND);
}

/** The engine under test, and the processes of its servers. */
export interface EngineWorld {
  /** Begins a process for the server, on its disk; calls `server.begin`. */
  start(server: TestServer): Promise<void>;
  /** What is left of a server's process ends at once; `server.end` was called. */
  kill(server: TestServer): Promise<void>;
  /** Lets time pass until that is so; fails when it does not come. */
  until(done: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export interface EngineKind {
  /** 1, or 4: more than two thirds must be there. */
  readonly servers: 1 | 4;
  /** Whether votes carry what servers say. */
  readonly extensions?: boolean;
  /** Runs something a little later, as disks and threads do. */
  readonly later: (run: () => void) => void;
  open(servers: readonly TestServer[]): Promise<EngineWorld>;
}

/** Registers the suite every engine passes: the promises of engine.ts, line by line. */
export function describeEngine(name: string, kind: EngineKind): void {
  describe(`engine conformance: ${name}`, () => {
    const wishes: number[] = [];
    const servers = Array.from({ length: kind.servers }, (_, i) => new TestServer(i, wishes, kind.later));
    let world: EngineWorld;
    let nextWish = 1;

    /** So many things more to decide, in the hands of every server. */
    const wish = (count: number): void => {
      for (let i = 0; i < count; i++) wishes.push(nextWish++);
    };
    const running = (): TestServer[] => servers.filter(({ engine }) => engine !== undefined);
    /** Everything wished for is durable on every running server, decided once, the same everywhere. */
    const allDecided = async (): Promise<void> => {
      await world.until(() => {
        for (const { engine } of running()) engine!.poke();
        return running().every(({ disk, engine }) => disk.rounds.length >= wishes.length && engine!.idle);
      });
      const [first] = running();
      for (const server of running()) {
        expect(server.violations).toEqual([]);
        expect(server.disk.rounds.map(({ number }) => number)).toEqual(wishes.map((_, i) => i + 1));
        expect(server.disk.rounds).toEqual(first!.disk.rounds);
        expect([...server.disk.rounds.map(wishOf)].sort((a, b) => a - b)).toEqual(wishes);
      }
    };

    beforeAll(async () => {
      world = await kind.open(servers);
      await Promise.all(servers.map((server) => world.start(server)));
    });
    afterAll(() => world.close());

    test('decides what is proposed, in one order everywhere, each once, and nothing else', async () => {
      wish(12);
      await allDecided();
      wish(1);
      await allDecided();
    });

    test.each<Moment>(['decided', 'applied', 'durable'])(
      'hands over what a process that ended when a round was %s did not have durable, and nothing twice',
      async (moment) => {
        const victim = servers.at(-1)!;
        const ended = new Promise<void>((resolve) => {
          victim.ended = resolve;
        });
        victim.endsAt = { number: wishes.length + 2, moment };
        wish(4);
        await world.until(() => {
          for (const { engine } of running()) engine!.poke();
          return victim.engine === undefined;
        });
        await ended;
        await world.kill(victim);
        expect(victim.disk.rounds.length).toBe(wishes.length - 4 + (moment === 'durable' ? 2 : 1));
        await world.start(victim);
        await allDecided();
      },
    );

    if (kind.servers > 1) {
      test('goes on without one of four, and hands it all that it missed', async () => {
        const absent = servers[1]!;
        absent.end();
        await world.kill(absent);
        wish(6);
        await allDecided();
        await world.start(absent);
        wish(1);
        await allDecided();
      });

      test('decides nothing that a third votes against, and goes on', async () => {
        servers[2]!.lie = BAD + 1;
        wish(8);
        await allDecided();
        servers[2]!.lie = undefined;
      });
    }

    if (kind.extensions === true) {
      test('carries what a server says with its vote to all others', async () => {
        for (const server of servers) server.says = Uint8Array.of(7, server.index);
        wish(2);
        await allDecided();
        await world.until(() => servers.every(({ heardOf }) => heardOf.size >= kind.servers - 1));
        for (const { index, heardOf } of servers) {
          for (const [server, said] of heardOf) expect(said).toBe(toHex(Uint8Array.of(7, server)));
          expect(heardOf.has(index)).toBe(false);
        }
      });
    }

    test('asks and decides nothing more after stop', async () => {
      const [server] = servers;
      await world.until(() => server!.engine!.idle);
      server!.stop();
      wish(2);
      const others = servers.slice(1);
      await world.until(() => {
        for (const { engine } of servers) engine!.poke();
        return others.every(({ disk }) => disk.rounds.length === wishes.length);
      });
      assert(server!.violations.length === 0, server!.violations.join('; '));
      expect(server!.disk.rounds.length).toBeLessThanOrEqual(wishes.length - 2);
    });
  });
}
