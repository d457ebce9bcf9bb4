import { assert } from '@iotw/kernel/assert';
import { Prng } from '@iotw/kernel/prng';
import type { Ledger } from '@iotw/ledger/ledger';
import { POOL_TABLE, readPool } from '@iotw/nodes/ledger-server/epoch-records';
import { type RoundRecord, storedRounds } from '@iotw/nodes/ledger-server/round-record';
import type { Genesis } from '@iotw/protocol/genesis';
import type { Parameters } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { Adversary, Held } from './adversaries/adversary.js';
import { Captors } from './adversaries/captors.js';
import { drawMix, makeAdversary } from './adversaries/mix.js';
import { FaultInjector } from './fault-injector.js';
import { Violation } from './invariants/invariant.js';
import { type Standing, stuck, unmet } from './invariants/progress.js';
import type { Plant } from './plants/plant.js';
import { Client } from './processes/client.js';
import { Customers } from './processes/customers.js';
import { DeviceProcess } from './processes/device-process.js';
import { SimulatedEngine } from './processes/engine.js';
import { LedgerProcess } from './processes/ledger-process.js';
import { Steering } from './processes/steering.js';
import { TrustProcess } from './processes/trust-process.js';
import { Watcher } from './processes/watcher.js';
import { DriftingClock } from './world/drifting-clock.js';
import { EventLog } from './world/event-log.js';
import { drawFaultPlan, type FaultPlan, NO_FAULTS } from './world/fault-plan.js';
import { drawScenario, PLAIN, type Scenario } from './world/scenario.js';
import { World } from './world/world.js';
import {
  SIMULATED_PARAMETERS,
  START_MONEY,
  START_MS,
  worldGenesis,
  worldKeys,
} from './world/world-genesis.js';

export interface SimulationOptions {
  readonly seed: number;
  /** Epochs the run has at least. */
  readonly epochs: number;
  readonly devices: number;
  readonly transactions: number;
  readonly trustNodes: number;
  readonly ledgerServers: number;
  /** About a quarter of the devices are people's (class user). */
  readonly people?: boolean;
  readonly plant?: Plant;
  /** The adversaries that take part, by name; 'mix' (the default) draws them from the seed, 'none': nobody. */
  readonly adversary?: string | ((world: World) => Adversary[]);
  /** Nothing goes wrong by itself: what happens is the adversary's doing. */
  readonly calm?: boolean;
  /** How long things may go wrong, ms; 30,000 unless given. */
  readonly faultsMs?: number;
  /** What differs from SIMULATED_PARAMETERS and from what the scenario says. */
  readonly parameters?: Partial<Parameters>;
  /** The rules of the run and how they change; 'drawn': from the seed. The devnet's all along unless given. */
  readonly scenario?: Scenario | 'drawn';
  readonly trace?: (line: string) => void;
}

/** What a ledger server keeps on disk for good, as an API server reads it. */
export interface StoredHistory {
  /** Ascending. */
  readonly rounds: readonly RoundRecord[];
  readonly pools: readonly EpochSnapshot[];
}

export const DEFAULT_SIZE = {
  epochs: 10,
  devices: 50,
  transactions: 1_000,
  trustNodes: 4,
  ledgerServers: 4,
} as const satisfies Omit<SimulationOptions, 'seed'>;

/** Money in base units, by number of device or trust node. */
export interface Measures {
  readonly epochs: number;
  /** Simulated ms from submission to a known final result, one per transaction. */
  readonly finalityMs: readonly number[];
  readonly earned: readonly number[];
  readonly blacklisted: readonly number[];
  readonly trustNodes: readonly {
    readonly earned: number;
    readonly bond: number;
    readonly suspended: boolean;
  }[];
  /** What each adversary held. */
  readonly held: readonly Held[];
  /** What the accounts of adversaries won or lost. */
  readonly attackersMoney: number;
}

export interface SimulationResult {
  readonly seed: number;
  /** Over everything that happened: the same seed always gives the same. */
  readonly digest: string;
  readonly violation: { readonly invariant: string; readonly message: string } | undefined;
  readonly coverage: Readonly<Record<string, number>>;
  readonly events: number;
  readonly simulatedMs: number;
}

const ACCOUNTS = 24;
const CLIENTS = 4;
const BURST = 30;
/** Faults end after this long even where epochs don't go on, and all must be well this long after, ms. */
const FAULTS_MS = 30_000;
const HEALING_MS = 30_000;
const LOOK_MS = 100;

function adversariesOf(
  names: string | ((world: World) => Adversary[]),
  world: World,
  prng: Prng,
): Adversary[] {
  if (typeof names === 'function') return names(world);
  if (names === 'mix') return drawMix(world, prng);
  if (names === 'none') return [];
  return names.split('+').map((name) => makeAdversary(name, world, prng));
}

/** A whole network from one seed: the faults of its plan, then healing; rules checked all along. */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #world: World;
  readonly #plan: FaultPlan;
  readonly #trust: TrustProcess[];
  readonly #ledger: LedgerProcess[];
  readonly #devices: DeviceProcess[];
  readonly #clients: Client[];
  readonly #customers: Customers;
  /** What the steering committee and the watcher send goes through these. */
  readonly #office: Client;
  readonly #observer: Client;
  readonly #steering: Steering;
  readonly #scenario: Scenario;
  readonly #injector: FaultInjector;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const prng = new Prng(`iotw simulation ${options.seed}`);
    const size = { ...options, accounts: ACCOUNTS };
    const keys = worldKeys(size, prng);
    const scenario = options.scenario === 'drawn' ? drawScenario(prng, size) : (options.scenario ?? PLAIN);
    const parameters = { ...SIMULATED_PARAMETERS, ...scenario.parameters, ...options.parameters };
    const genesis = worldGenesis(size, keys, parameters, prng, scenario.ownership);
    const world = new World(prng, keys, genesis, new EventLog(options.trace), options.plant);
    this.#world = world;
    world.captors = new Captors(adversariesOf(options.adversary ?? 'mix', world, prng));
    world.invariants.held = (device) => world.captors.ofDevice(device) !== undefined;
    world.invariants.captured = (peer) => world.captors.ofNode(peer) !== undefined;
    const plan = options.calm === true ? NO_FAULTS : drawFaultPlan(prng);
    this.#plan = plan;
    const clocks = prng.fork('clocks');
    const clock = (): DriftingClock =>
      new DriftingClock(
        START_MS + clocks.below(plan.clockOffMs + 1),
        clocks.below(2 * plan.clockDriftPpm + 1) - plan.clockDriftPpm,
      );
    this.#trust = genesis.trustNodes.map((_, i) => new TrustProcess(world, i, clock()));
    this.#ledger = genesis.ledgerServers.map((_, i) => new LedgerProcess(world, i, clock()));
    this.#devices = genesis.devices.map((_, i) => new DeviceProcess(world, i));
    const results = () => this.#ledger.map((server) => server.results);
    this.#clients = Array.from({ length: CLIENTS }, (_, i) => new Client(world, i, results));
    this.#customers = new Customers(world, this.#clients, options.transactions);
    this.#office = new Client(world, CLIENTS, results);
    this.#observer = new Client(world, CLIENTS + 1, results);
    this.#steering = new Steering(world, this.#office, scenario.votes);
    world.newest = () => this.#newest();
    world.watcher = new Watcher(world, this.#observer);
    this.#scenario = scenario;
    this.#injector = new FaultInjector(world, plan, this.#trust, this.#ledger, this.#devices);
  }

  run(): SimulationResult {
    let violation: SimulationResult['violation'];
    try {
      this.#run();
    } catch (error) {
      if (error instanceof Violation) violation = { invariant: error.invariant, message: error.message };
      // What the machines assert is a rule as well.
      else if (error instanceof Error)
        violation = { invariant: 'assertion', message: error.stack ?? error.message };
      else throw error;
    }
    const { log, coverage, nowMs } = this.#world;
    return {
      seed: this.#options.seed,
      digest: log.digest(),
      violation,
      coverage: coverage.table(),
      events: log.events,
      simulatedMs: nowMs,
    };
  }

  get genesis(): Genesis {
    return this.#world.genesis;
  }

  /** What each ledger server has on disk. */
  history(): StoredHistory[] {
    return this.#ledger.map(({ disk }) => ({
      rounds: [...storedRounds(disk)],
      pools: disk.range(POOL_TABLE, {}).map(([, value]) => readPool(value)),
    }));
  }

  #run(): void {
    const { epochs, transactions } = this.#options;
    this.#world.note(JSON.stringify(this.#plan));
    const engine = new SimulatedEngine(this.#world, this.#ledger, this.#plan.repeatedBlockPerMille);
    this.#world.proves = (server) => engine.proves(server);
    for (const process of [...this.#ledger, ...this.#trust, ...this.#devices]) process.start();
    this.#injector.start();
    if (this.#scenario.memberLoss !== undefined) this.#injector.loseMember(this.#scenario.memberLoss);
    for (const label of this.#scenario.labels) this.#world.coverage.add(`runs: ${label}`);
    for (const adversary of this.#world.captors.all) {
      this.#world.note(`${adversary.name} takes part`);
      this.#world.coverage.add(`runs: adversary ${adversary.name}`);
      adversary.start?.();
    }
    this.#customers.start(epochs * SIMULATED_PARAMETERS.epochMs, BURST);
    this.#steering.start();
    this.#until(
      this.#options.faultsMs ?? FAULTS_MS,
      () => (this.#newest()?.epoch ?? 0) >= epochs && this.#customers.sent >= transactions,
    );
    this.#injector.heal();
    this.#world.watcher?.stop();
    const healed = this.#standing();
    const healedMs = this.#world.nowMs;
    let missing: string | undefined = '';
    this.#until(HEALING_MS, () => {
      missing = unmet(epochs, healed, this.#standing());
      return missing === undefined;
    });
    if (missing !== undefined) throw stuck(missing, healed, this.#standing(), this.#world.nowMs - healedMs);
    this.#allCatchUp();
  }

  /** What a run that is over came to, for those who compare runs. */
  measures(): Measures {
    const ledger = this.#newest();
    assert(ledger !== undefined, 'some ledger server runs at the end');
    const { accounts, devices, trustNodes } = ledger;
    const { genesis, captors, keys } = this.#world;
    return {
      epochs: ledger.epoch,
      finalityMs: this.#clients.flatMap(({ finalityMs }) => finalityMs),
      earned: genesis.devices.map((_, device) => devices.col.earned[device]!),
      blacklisted: genesis.devices.flatMap((_, device) =>
        devices.col.blacklistedUntil[device] === 0 ? [] : [device],
      ),
      trustNodes: genesis.trustNodes.map((_, node) => {
        const { earned, bond, suspended } = trustNodes.read(node)!;
        return { earned, bond, suspended };
      }),
      held: captors.all.map(({ held }) => held),
      attackersMoney: keys.attackers.reduce(
        (sum, { publicKey }) => sum + accounts.balance(accounts.find(publicKey)) - START_MONEY,
        0,
      ),
    };
  }

  /** Lets things happen until `done`, asked now and then, or until the time is over. */
  #until(limitMs: number, done: () => boolean): void {
    const { events } = this.#world;
    const end = events.nowMs + limitMs;
    let look = events.nowMs + LOOK_MS;
    while (events.nowMs < end) {
      if (events.nowMs >= look) {
        if (done()) return;
        look = events.nowMs + LOOK_MS;
      }
      events.step();
    }
  }

  /** The ledger that is ahead of all running ones. */
  #newest(): Ledger | undefined {
    let newest: Ledger | undefined;
    for (const { ledger } of this.#ledger)
      if (ledger !== undefined && (newest === undefined || ledger.round > newest.round)) newest = ledger;
    return newest;
  }

  #standing(): Standing {
    const ledger = this.#newest();
    assert(ledger !== undefined, 'every ledger server runs when all is healed');
    return {
      epoch: ledger.epoch,
      lanes: this.#trust.map(({ index }) =>
        ledger.trustNodes.read(index)!.suspended ? undefined : ledger.lanes.read(index)!.height,
      ),
      open: [...this.#clients, this.#office, this.#observer].reduce(
        (open, client) => open + client.openAt(ledger.timeMs),
        0,
      ),
    };
  }

  /** At the end every ledger server holds everything that was ever final. */
  #allCatchUp(): void {
    const round = this.#newest()!.round;
    this.#until(5_000, () => this.#ledger.every(({ results }) => results.round >= round));
    for (const server of this.#ledger) {
      if (server.results.round < round)
        throw new Violation(
          'final-is-kept',
          `${server.name} stays at round ${server.results.round} of ${round}`,
        );
      this.#world.invariants.restored(server.results);
    }
  }
}
