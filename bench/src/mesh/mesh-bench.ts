import { Load, type LoadPlan } from '../support/load.js';
import { cpuSeconds, processTree } from '../support/process-figures.js';
import { giveUp, note } from '../support/report.js';
import { median, quantile } from '../support/statistics.js';
import { verifyLimit } from '../support/verify-limit.js';
import { MeshNetwork, SITES } from './mesh-network.js';
import { LocalWiring } from './wiring.js';

const DEVICES = 500;
const PAYERS = 2_000;
const RATE = 100;
const WARM_MS = 15_000;
const RUN_MS = 40_000;
/** Before the load, to see what an idle network takes. */
const IDLE_MS = 10_000;
const WINDOWS = 3;
const WINDOW_MS = 8_000;
const TRANSFER_WINDOW_MS = 4_000;
const LIMIT_MS = 2_000;
const CONNECTIONS = 16;
/** Transactions in one request of the throughput's load. */
const BATCH = 256;
const SINGLES = 160_000;
const TRANSFERS_EACH = 256;
const TRANSFERS_BATCH = 4;
const ENVELOPES = 3_000;
/** Of one transfer, signed. */
export const PAYLOAD_BYTES = 187;

export interface MeshBenchOptions {
  readonly cometbft: string;
  /** Between sites, one way. */
  readonly delayMs: number;
  /** Folder for V8's profiles. */
  readonly profile?: string;
}

/** CPU time so far by kind of process, s. */
type Cpu = Readonly<Record<'ledgerServers' | 'cometbft' | 'trustNodes' | 'devices', number>>;

const sum = (cpu: Cpu): number => cpu.ledgerServers + cpu.cometbft + cpu.trustNodes + cpu.devices;

interface Lists {
  readonly items: readonly { readonly number?: number; readonly height?: number }[];
}

/** A mesh of processes under a load: what its figures are. */
export class MeshBench {
  static readonly conditions = {
    ledgerServers: SITES,
    trustNodes: SITES,
    devices: DEVICES,
    committee: '1 miner + 3 device witnesses, trust-node threshold 3 of 4',
    payers: PAYERS,
    payloadBytes: PAYLOAD_BYTES,
    signatureModel:
      'one Ed25519 signature per transaction (one transfer); 256 transfers per signature where named',
    durable: true,
    entrance: `HTTP at the four API servers in turn, wait=final; open loop of single transactions at ${RATE}/s, ${BATCH} a request else`,
  };
  readonly #mesh: MeshNetwork;
  /** Highest sequence that the payers may have used. */
  #used = 0;

  private constructor(mesh: MeshNetwork) {
    this.#mesh = mesh;
  }

  static async start({ cometbft, delayMs, profile }: MeshBenchOptions): Promise<MeshBench> {
    const wiring = new LocalWiring(delayMs);
    const mesh = await MeshNetwork.make({ cometbft, wiring, devices: DEVICES, payers: PAYERS });
    const started = await mesh.start((name) =>
      profile === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}.cpuprofile`],
    );
    if (!started.ok) giveUp(`${started.error.code}: ${started.error.message}`);
    return new MeshBench(mesh);
  }

  /** From submission to the durable receipt, at a fixed rate. */
  async latency(): Promise<Record<string, number>> {
    const transactions = ((WARM_MS + RUN_MS) * RATE) / 1_000;
    return this.#loaded({ transactions, transfersEach: 1, batch: 1 }, async (load) => {
      const idle = this.#cpu();
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      const idled = this.#cpu();
      await load.ask(`open ${RATE} ${WARM_MS}`, 'open');
      const before = this.#cpu();
      const counted = await this.#counted();
      const run = await load.ask(`open ${RATE} ${RUN_MS}`, 'open');
      const cpu = this.#cpu();
      const latencies = (run.latencies as { readonly ms: number }[]).map(({ ms }) => ms);
      const cores = (kind: keyof Cpu): number => ((cpu[kind] - before[kind]) * 1_000) / RUN_MS;
      const { rounds, blocks } = await this.#counted();
      const figures = {
        finalityP50Ms: quantile(latencies, 0.5),
        finalityP99Ms: quantile(latencies, 0.99),
        ratePerSecond: (latencies.length * 1_000) / RUN_MS,
        refused: Number(run.bad),
        roundsPerSecond: ((rounds - counted.rounds) * 1_000) / RUN_MS,
        blocksPerSecond: ((blocks - counted.blocks) * 1_000) / RUN_MS,
        coresIdle: ((sum(idled) - sum(idle)) * 1_000) / IDLE_MS,
        coresOfLedgerServers: cores('ledgerServers'),
        coresOfCometbft: cores('cometbft'),
        coresOfTrustNodes: cores('trustNodes'),
        coresOfDevices: cores('devices'),
      };
      note(`p50 ${figures.finalityP50Ms.toFixed(0)} ms, p99 ${figures.finalityP99Ms.toFixed(0)} ms`);
      return figures;
    });
  }

  /** One transfer a signature, as fast as it goes; `limit`: what two cores verify, between the windows. */
  async singles(): Promise<{ readonly figures: Record<string, number>; readonly limit: number }> {
    return this.#loaded({ transactions: SINGLES, transfersEach: 1, batch: BATCH }, async (load) => {
      await load.ask(`closed ${WINDOW_MS} ${CONNECTIONS}`, 'closed');
      const limits = [await verifyLimit(2, LIMIT_MS)];
      const windows: (Cpu & { readonly rate: number })[] = [];
      for (let i = 0; i < WINDOWS; i++) {
        const before = this.#cpu();
        const { ok, ms } = await load.ask(`closed ${WINDOW_MS} ${CONNECTIONS}`, 'closed');
        const after = this.#cpu();
        const each = (kind: keyof Cpu): number => (1e6 * (after[kind] - before[kind])) / Number(ok);
        windows.push({
          rate: (Number(ok) * 1_000) / Number(ms),
          ledgerServers: each('ledgerServers'),
          cometbft: each('cometbft'),
          trustNodes: each('trustNodes'),
          devices: each('devices'),
        });
        note(`window ${i + 1}: ${windows[i]!.rate.toFixed(0)} tx/s`);
        limits.push(await verifyLimit(2, LIMIT_MS));
      }
      const middle = (kind: keyof Cpu): number => median(windows.map((window) => window[kind]));
      const figures = {
        transactionsPerSecond: median(windows.map(({ rate }) => rate)),
        cpuUsPerTransaction: median(windows.map((w) => w.ledgerServers + w.cometbft + w.trustNodes)),
        ledgerServersCpuUs: middle('ledgerServers'),
        cometbftCpuUs: middle('cometbft'),
        trustNodesCpuUs: middle('trustNodes'),
        devicesCpuUs: middle('devices'),
      };
      return { figures, limit: median(limits) };
    });
  }

  /** Transfers per second, 256 a signature. */
  async transfers(): Promise<number> {
    const plan = { transactions: ENVELOPES, transfersEach: TRANSFERS_EACH, batch: TRANSFERS_BATCH };
    return this.#loaded(plan, async (load) => {
      const rates: number[] = [];
      for (let i = 0; i < WINDOWS; i++) {
        const { ok, ms } = await load.ask(`closed ${TRANSFER_WINDOW_MS} ${CONNECTIONS}`, 'closed');
        rates.push((Number(ok) * TRANSFERS_EACH * 1_000) / Number(ms));
        note(`window ${i + 1}: ${rates[i]!.toFixed(0)} transfers/s at 256 a signature`);
      }
      return median(rates);
    });
  }

  close(): Promise<void> {
    return this.#mesh.close();
  }

  /** What is left of the load's batches counts as used: sequences may have gaps of up to 63. */
  async #loaded<T>(
    plan: Pick<LoadPlan, 'transactions' | 'transfersEach' | 'batch'>,
    run: (load: Load) => Promise<T>,
  ): Promise<T> {
    const load = await Load.start(this.#mesh, { ...plan, payers: PAYERS, firstSequence: this.#used + 1 });
    const result = await run(load);
    this.#used += Math.ceil((plan.transactions - load.left * plan.batch) / PAYERS);
    await load.stop();
    return result;
  }

  async #counted(): Promise<{ readonly rounds: number; readonly blocks: number }> {
    const api = this.#mesh.apiUrls[0];
    const read = async (path: string): Promise<Lists> =>
      (await fetch(`${api}${path}`)).json() as Promise<Lists>;
    const rounds = (await read('/v1/rounds?limit=1')).items[0]?.number ?? 0;
    const lanes = (await read('/v1/lanes')).items;
    return { rounds, blocks: lanes.reduce((total, { height }) => total + (height ?? 0), 0) };
  }

  #cpu(): Cpu {
    const ledgers = this.#mesh.ledgers.map((child) => child.process.pid!);
    const comets = ledgers.flatMap((pid) => processTree(pid).slice(1));
    return {
      ledgerServers: cpuSeconds(ledgers),
      cometbft: cpuSeconds(comets),
      trustNodes: cpuSeconds(this.#mesh.trustNodes.map((child) => child.process.pid!)),
      devices: cpuSeconds([this.#mesh.fleet!.process.pid!]),
    };
  }
}
