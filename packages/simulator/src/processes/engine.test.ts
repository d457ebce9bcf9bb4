import { Prng } from '@iotw/kernel/prng';
import { describeEngine, type TestServer } from '@iotw/nodes/engine/conformance';
import type { AppliedRound, Engine } from '@iotw/nodes/engine/engine';
import type { RoundInput } from '@iotw/protocol/round';
import { assert } from 'vitest';
import { Coverage } from '../world/coverage.js';
import { EventLog } from '../world/event-log.js';
import { EventQueue } from '../world/event-queue.js';
import { FaultyNetwork } from '../world/faulty-network.js';
import { type EngineWorld, SimulatedEngine, type SimulatedServer } from './engine.js';
import type { EngineSide } from './ledger-process.js';

/** Events of one wait: a minute of a simulated network has some thousands. */
const MAX_EVENTS = 200_000;

/** A ledger server's process as LedgerProcess plays it: durability is its own affair, not the engine's. */
class ServerProcess implements SimulatedServer, Engine {
  readonly index: number;
  readonly name: string;
  engine: EngineSide | undefined;
  readonly #server: TestServer;
  #stopped = false;

  constructor(server: TestServer) {
    this.#server = server;
    this.index = server.index;
    this.name = `ledger:${server.index}`;
  }

  get running(): boolean {
    return this.#server.engine !== undefined && !this.#stopped;
  }
  get ledger(): { round: number } | undefined {
    return this.running ? { round: this.#server.applied } : undefined;
  }
  get results(): { round: number } {
    return { round: this.#server.durable.number };
  }
  get idle(): boolean {
    return this.#server.applied === this.#server.durable.number;
  }

  begin(): void {
    this.#stopped = false;
    this.#server.begin(this);
    this.engine!.started(this.index);
  }
  poke(): void {}
  applied(round: AppliedRound): void {
    round.persist([]);
  }
  persisted(): void {}
  stop(): void {
    this.#stopped = true;
  }
  propose(): RoundInput | undefined {
    return this.#server.propose();
  }
  voters(): readonly number[] {
    return [0, 1, 2, 3];
  }
  judge(token: number, input: RoundInput): void {
    this.#server.judge(input, undefined, ({ ok }) => this.engine!.verdict(this.index, token, ok));
  }
  decide(input: RoundInput): void {
    this.#server.decide(input);
  }
}

const events = new EventQueue();

describeEngine('simulated', {
  servers: 4,
  later: (run) => events.after(3, run),
  open: async (servers) => {
    const prng = new Prng(7);
    const log = new EventLog();
    const coverage = new Coverage();
    const network = new FaultyNetwork(events, log, coverage, prng.fork('network'));
    const world: EngineWorld = {
      events,
      prng,
      log,
      coverage,
      network,
      get nowMs() {
        return events.nowMs;
      },
    };
    const processes = servers.map((server) => new ServerProcess(server));
    new SimulatedEngine(world, processes, 0);
    return {
      start: async (server) => processes[server.index]!.begin(),
      kill: async () => {},
      until: async (done) => {
        for (let i = 0; !done(); i++) assert(i < MAX_EVENTS && events.step(), 'it does not come');
      },
      close: async () => {},
    };
  },
});
