import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '@iotw/kernel/bytes';
import { type Failure, ok, type Result } from '@iotw/kernel/result';
import { nodeConfigSchema, readConfigFile } from '../node/node-config.js';
import { NodeReport } from '../node/node-report.js';
import { type RunningNode, runNode } from '../node/run-node.js';
import { planOrders } from '../orders/read-orders.js';
import { summarise, surveyPlan } from '../orders/summary.js';
import { Child } from './child.js';
import { Customers } from './customers.js';
import { LedgerServers } from './ledger-servers.js';
import { type DevnetChoices, type DevnetSetup, setUpDevnet } from './setup.js';
import type { DevnetOrders, DevnetSnapshot } from './snapshot.js';
import { submitter } from './submit.js';

export interface DevnetOptions extends DevnetChoices {
  /** Invoices begun per second. */
  readonly rate: number;
  readonly loop: boolean;
  /** The node or the fleet can't go on. */
  readonly onHalt: (fault: Failure) => void;
}

/** The sample of real orders that the project ships. */
export const SAMPLE_ORDERS = fileURLToPath(
  new URL('../../../../data/online-retail/orders-sample.csv', import.meta.url),
);

/** The fleet's program, built beside this package. */
const FLEET_PROGRAM = fileURLToPath(import.meta.resolve('@iotw/micro-miner/fleet/main'));
const FLEET_GRACE_MS = 5_000;
/** Customers wait at most this long for the devices. */
const FLEET_WAIT_MS = 10_000;

/** A whole network on this machine: node, fleet and customers. */
export class Devnet {
  readonly setup: DevnetSetup;
  readonly node: RunningNode;
  readonly #options: DevnetOptions;
  readonly #startedMs: number;
  readonly #report: NodeReport;
  readonly #fleet: Child;
  readonly #ledgerServers: LedgerServers | undefined;
  /** The devices are logged in, or their process is gone. */
  #fleetReady: Promise<void> = Promise.resolve();
  #customers: Customers | undefined;
  #customersEnd: Promise<void> = Promise.resolve();
  #invoices = 0;
  #ordersSummary: readonly string[] = [];
  #notice: string | undefined = 'the device fleet is logging in';
  #stopping = false;

  private constructor(
    options: DevnetOptions,
    setup: DevnetSetup,
    node: RunningNode,
    ledgerServers: LedgerServers | undefined,
    startedMs: number,
  ) {
    this.#options = options;
    this.setup = setup;
    this.node = node;
    this.#ledgerServers = ledgerServers;
    this.#startedMs = startedMs;
    this.#report = new NodeReport(node.process, () => performance.now());
    this.#fleet = this.#startFleet();
  }

  /** Sets the network up or takes it up again, and starts node and fleet. Errors: those of set-up and node. */
  static async start(options: DevnetOptions): Promise<Result<Devnet>> {
    const startedMs = performance.now();
    const setup = await setUpDevnet(options);
    if (!setup.ok) return setup;
    const config = await readConfigFile(setup.value.nodeConfigPath, nodeConfigSchema);
    if (!config.ok) return config;
    const { dir, seed, places } = setup.value;
    const others = places && (await LedgerServers.start(dir, seed, places));
    if (others?.ok === false) return others;
    const node = await runNode(config.value, options.onHalt);
    if (node.ok) return ok(new Devnet(options, setup.value, node.value, others?.value, startedMs));
    await others?.value.stop();
    return node;
  }

  #startFleet(): Child {
    const { network, fleetSeed, dir } = this.setup;
    const config = {
      network: toHex(network),
      seed: toHex(fleetSeed),
      boot: join(dir, 'fleet'),
      trustNodes: this.node.mqtt.map(({ trustNode, host, tcpPort }) => ({
        index: trustNode,
        host,
        port: tcpPort,
      })),
      count: Math.min(this.#options.devices, this.setup.devices),
    };
    const fleet = new Child('device fleet', FLEET_PROGRAM, [
      '--json',
      JSON.stringify(config),
      '--stdin-lifeline',
    ]);
    this.#fleetReady = fleet.first('ready').then((ready) => {
      if (ready.ok) this.#notice = undefined;
    });
    void fleet.ended.then((code) => {
      if (!this.#stopping)
        this.#notice = `the device fleet ended with code ${code}: blocks go on without devices`;
    });
    return fleet;
  }

  /** Lets the customers in; resolves at once. */
  async startCustomers(): Promise<Result<void>> {
    const { ordersFile, rate, loop } = this.#options;
    const { apiUrl } = this.node;
    if (ordersFile === undefined || apiUrl === undefined) return ok(undefined);
    const plan = planOrders(ordersFile);
    const survey = await surveyPlan(plan);
    if (plan.tally.stopped !== undefined) return { ok: false, error: plan.tally.stopped };
    this.#invoices = survey.invoices;
    this.#ordersSummary = summarise(survey);
    const customers = new Customers({
      network: this.setup.network,
      seed: this.setup.seed,
      genesisMs: this.setup.genesis.timeMs,
      ordersFile,
      positionFile: join(this.setup.dir, 'orders-position.json'),
      rate,
      loop,
      submit: submitter(apiUrl),
    });
    this.#customers = customers;
    // Without devices the first blocks would be the trust nodes' alone.
    const devicesIn = Promise.race([
      this.#fleetReady,
      new Promise((resolve) => setTimeout(resolve, FLEET_WAIT_MS).unref()),
    ]);
    this.#customersEnd = devicesIn.then(() => customers.run());
    return ok(undefined);
  }

  /** What the orders file holds and what of it can't be replayed, line by line for people. */
  get ordersSummary(): readonly string[] {
    return this.#ordersSummary;
  }

  /** Resolves when the orders have ended (at once without orders). */
  get ordersEnded(): Promise<void> {
    return this.#customersEnd;
  }

  snapshot(): DevnetSnapshot {
    const { ledger } = this.node.process;
    const status = this.node.process.status();
    const report = this.#report.read();
    const times = [...(this.#customers?.report.recentMs ?? [])].sort((a, b) => a - b);
    const notice = this.#notice ?? this.#ledgerServers?.notice;
    const sum = (field: 'devicesConnected' | 'answered' | 'missed') =>
      status.trustNodes.reduce((total, node) => total + node[field], 0);
    const { presentEpoch, earned } = ledger.devices.col;
    let present = 0;
    let total = 0;
    for (let device = 0; device < ledger.devices.rows; device++) {
      if (presentEpoch[device] === ledger.epoch + 1) present += 1;
      total += earned[device]!;
    }
    for (let t = 0; t < ledger.trustNodes.rows; t++) total += ledger.trustNodes.read(t)!.earned;
    return {
      elapsedMs: performance.now() - this.#startedMs,
      epoch: ledger.epoch,
      round: ledger.round,
      transactions: report.transactions,
      blocks: report.blocks,
      recent: {
        transactionsPerSecond: report.transactionsPerSecond,
        finalityP50Ms: times[Math.floor(times.length / 2)],
        finalityP99Ms: times[Math.floor(times.length * 0.99)],
        transactionsPerBlock: report.transactionsPerBlock,
        diversity: report.diversity,
      },
      devices: {
        registered: ledger.devices.rows,
        connected: sum('devicesConnected'),
        present,
        answered: sum('answered'),
        missed: sum('missed'),
      },
      rewards: { lastEpoch: report.lastEpoch, total },
      orders: this.#orders(),
      apiUrl: this.node.apiUrl ?? '',
      docsUrl: `${this.node.apiUrl ?? ''}/docs`,
      ...(notice === undefined ? {} : { notice }),
    };
  }

  #orders(): DevnetOrders | undefined {
    const report = this.#customers?.report;
    if (report === undefined) return undefined;
    const skipped = Object.entries(report.tally?.outcomes ?? {}).filter(
      ([outcome]) => !REPLAYED.has(outcome),
    );
    return {
      state: report.done ? 'finished' : 'running',
      invoicesDone: report.invoicesFinal,
      invoicesTotal: this.#invoices,
      trades: report.trades,
      refunds: report.refunds,
      failures: report.failed,
      notReplayed: Object.fromEntries(skipped.filter(([, count]) => count > 0)),
      ...(this.#options.loop ? { loops: report.loop } : {}),
    };
  }

  /** Customers first, then the devices, then the node: nothing acknowledged is lost, the next start goes on. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#customers?.stop();
    await this.#customersEnd;
    await this.#fleet.stop(FLEET_GRACE_MS);
    await this.node.stop();
    await this.#ledgerServers?.stop();
  }
}

/** Outcomes of order lines that became operations (orders/plan-tally). */
const REPLAYED = new Set(['trade', 'refund']);
