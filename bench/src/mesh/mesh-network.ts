import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@iotw/adapters/free-ports';
import { Child, type ChildLine } from '@iotw/cli/devnet/child';
import { devnetGenesis } from '@iotw/cli/devnet/devnet-genesis';
import { devnetSeed } from '@iotw/cli/devnet/devnet-keys';
import type { NodeConfig, NodeKeys } from '@iotw/cli/node/node-config';
import { toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { ok, type Result } from '@iotw/kernel/result';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import { type Parameters, SEED_SOURCE } from '@iotw/protocol/parameters';
import { deviceKeys, fleetSeed, payerAccounts, payerKeys } from '../support/bench-people.js';
import type { Wiring } from './wiring.js';

const NODE_PROGRAM = fileURLToPath(import.meta.resolve('@iotw/cli/main'));
const FLEET_PROGRAM = fileURLToPath(import.meta.resolve('@iotw/micro-miner/fleet/main'));
/** Sites: at each a ledger server with its API and CometBFT, and a trust node with its devices. */
export const SITES = 4;
const GRACE_MS = 15_000;
/** Lines of a site's processes that are kept. */
const KEPT_LINES = 12;
const PORT_NAMES = ['api', 'ledgerLink', 'comet', 'rpc', 'trustLink', 'mqtt'] as const;

export interface MeshShape {
  /** The binary. */
  readonly cometbft: string;
  readonly wiring: Wiring;
  readonly devices: number;
  readonly payers: number;
  readonly parameters?: Partial<Parameters>;
}

type SitePorts = Readonly<Record<(typeof PORT_NAMES)[number], number>>;

/** Ledger servers on CometBFT, trust nodes and devices as processes of this machine, in a directory of their own. */
export class MeshNetwork {
  readonly dir = mkdtempSync(join(tmpdir(), 'iotw-mesh-'));
  readonly seed = new Uint8Array(32).fill(12);
  readonly genesis: Genesis;
  readonly network: Uint8Array;
  /** Processes that were started last, by site. */
  readonly ledgers: Child[] = [];
  readonly trustNodes: Child[] = [];
  fleet: Child | undefined;
  readonly #shape: MeshShape;
  readonly #said = new Map<number, readonly string[]>();
  #ports: SitePorts[] = [];

  private constructor(shape: MeshShape) {
    this.#shape = shape;
    this.genesis = devnetGenesis({
      seed: this.seed,
      timeMs: Date.now(),
      trustNodes: SITES,
      ledgerServers: SITES,
      deviceKeys: deviceKeys(this.seed, shape.devices),
      accounts: payerAccounts(this.seed, shape.payers),
      // With VRF seeds an epoch waits for the server whose turn it is.
      parameters: { seedSource: SEED_SOURCE.threshold, ...shape.parameters },
    });
    this.network = networkId(this.genesis);
  }

  /** Writes its files; nothing runs yet. */
  static async make(shape: MeshShape): Promise<MeshNetwork> {
    const mesh = new MeshNetwork(shape);
    await mesh.#write();
    return mesh;
  }

  payer(index: number): KeyPair {
    return payerKeys(this.seed, index);
  }

  get apiUrls(): string[] {
    return this.#ports.map(({ api }, site) => `http://${this.#shape.wiring.host(site)}:${api}`);
  }

  /** Directory of a site's ledger server: store and CometBFT. */
  ledgerDir(site: number): string {
    return join(this.dir, `ledger-${site}`);
  }

  async #write(): Promise<void> {
    const found = await freePorts('127.0.0.1', SITES * PORT_NAMES.length);
    this.#ports = Array.from(
      { length: SITES },
      () => Object.fromEntries(PORT_NAMES.map((name) => [name, found.pop()!])) as SitePorts,
    );
    await this.#writeJson('genesis', genesisToJson(this.genesis));
    for (let site = 0; site < SITES; site++) {
      mkdirSync(this.ledgerDir(site));
      await this.#writeLedger(site);
      await this.#writeTrust(site);
    }
  }

  async #writeJson(name: string, value: NodeConfig | NodeKeys | object): Promise<string> {
    const path = join(this.dir, `${name}.json`);
    await writeFile(path, JSON.stringify(value), { mode: 0o600 });
    return path;
  }

  #hex(label: string, index: number): string {
    return toHex(devnetSeed(this.seed, label, index));
  }

  /** That port of each of the sites below `count` but this one, as this one reaches it. */
  #others(site: number, port: keyof SitePorts, count = SITES) {
    const others = Array.from({ length: count }, (_, to) => to).filter((to) => to !== site);
    return Promise.all(
      others.map(async (to) => ({
        to,
        ...(await this.#shape.wiring.way(site, to, this.#ports[to]![port])),
      })),
    );
  }

  async #writeLedger(site: number): Promise<void> {
    const ports = this.#ports[site]!;
    const host = this.#shape.wiring.host(site);
    const keys: NodeKeys = {
      trust: [],
      ledger: {
        index: site,
        seed: this.#hex('ledger', site),
        vrfSeed: this.#hex('vrf', site),
        linkSeed: this.#hex('ledger-link', site),
      },
    };
    const links = await this.#others(site, 'ledgerLink', site);
    const validators = await this.#others(site, 'comet');
    const config: NodeConfig = {
      data: this.ledgerDir(site),
      genesis: join(this.dir, 'genesis.json'),
      keys: await this.#writeJson(`ledger-${site}-keys`, keys),
      roles: ['ledger', 'api'],
      api: { host, port: ports.api },
      mqtt: [],
      mesh: [
        {
          self: `ledger:${site}`,
          listen: { host, port: ports.ledgerLink },
          peers: links.map(({ to, ...place }) => ({ peer: `ledger:${to}`, ...place })),
        },
      ],
      cometbft: {
        file: this.#shape.cometbft,
        listen: { host, port: ports.comet },
        peers: validators.map(({ to, ...place }) => ({ server: to, ...place })),
        rpc: { host, port: ports.rpc },
      },
      verifyWorkers: 1,
    };
    await this.#writeJson(`ledger-${site}`, config);
  }

  async #writeTrust(site: number): Promise<void> {
    const ports = this.#ports[site]!;
    const host = this.#shape.wiring.host(site);
    const keys: NodeKeys = {
      trust: [
        {
          index: site,
          seed: this.#hex('trust', site),
          accountSeed: this.#hex('trust-account', site),
          linkSeed: this.#hex('trust-link', site),
        },
      ],
    };
    const own = { to: site, host, port: ports.ledgerLink };
    const servers = [own, ...(await this.#others(site, 'ledgerLink'))];
    const lower = await this.#others(site, 'trustLink', site);
    const config: NodeConfig = {
      data: join(this.dir, `trust-${site}`),
      genesis: join(this.dir, 'genesis.json'),
      keys: await this.#writeJson(`trust-${site}-keys`, keys),
      roles: ['trust'],
      mqtt: [{ trustNode: site, tcp: { host, port: ports.mqtt } }],
      mesh: [
        {
          self: `trust:${site}`,
          listen: { host, port: ports.trustLink },
          peers: [
            ...servers.map(({ to, ...place }) => ({ peer: `ledger:${to}`, ...place })),
            ...lower.map(({ to, ...place }) => ({ peer: `trust:${to}`, ...place })),
          ],
        },
      ],
      verifyWorkers: 1,
    };
    await this.#writeJson(`trust-${site}`, config);
  }

  #begin(name: string, site: number, flags: readonly string[]): Child {
    const config = join(this.dir, `${name}-${site}.json`);
    const words = ['node', '--config', config, '--json', '--stdin-lifeline'];
    const child = new Child(`${name} ${site}`, NODE_PROGRAM, words, flags, this.#shape.wiring.under(site));
    child.onLine((line) => {
      const said = this.#said.get(site) ?? [];
      this.#said.set(site, [...said, JSON.stringify(line)].slice(-KEPT_LINES));
    });
    return child;
  }

  /** What the processes of a site said last. */
  lastWords(site: number): readonly string[] {
    return this.#said.get(site) ?? [];
  }

  /** Errors: what the process says, `child-ended`. */
  startLedger(site: number, flags: readonly string[] = []): Promise<Result<ChildLine>> {
    this.ledgers[site] = this.#begin('ledger', site, flags);
    return this.ledgers[site].first('ready');
  }

  /** Errors: what the process says, `child-ended`. */
  startTrustNode(site: number, flags: readonly string[] = []): Promise<Result<ChildLine>> {
    this.trustNodes[site] = this.#begin('trust', site, flags);
    return this.trustNodes[site].first('ready');
  }

  /** Errors: what the process says, `child-ended`. */
  startFleet(): Promise<Result<ChildLine>> {
    const config = {
      network: toHex(this.network),
      seed: toHex(fleetSeed(this.seed)),
      boot: join(this.dir, 'fleet'),
      trustNodes: this.#ports.map(({ mqtt }, index) => ({
        index,
        host: this.#shape.wiring.host(index),
        port: mqtt,
      })),
      count: this.#shape.devices,
      firstNumber: 0,
    };
    this.fleet = new Child('device fleet', FLEET_PROGRAM, [
      '--json',
      JSON.stringify(config),
      '--stdin-lifeline',
    ]);
    return this.fleet.first('ready');
  }

  /** Starts everything; resolves when all devices are logged in. Errors: those of the first process that fails. */
  async start(flags: (name: string) => readonly string[] = () => []): Promise<Result<void>> {
    const sites = Array.from({ length: SITES }, (_, site) => site);
    const nodes = sites.flatMap((site) => [
      this.startLedger(site, flags(`ledger-${site}`)),
      this.startTrustNode(site, flags(`trust-${site}`)),
    ]);
    for (const ready of [...(await Promise.all(nodes)), await this.startFleet()]) if (!ready.ok) return ready;
    return ok(undefined);
  }

  /** Ends all processes. */
  async stop(): Promise<void> {
    const children = [...this.ledgers, ...this.trustNodes, ...(this.fleet === undefined ? [] : [this.fleet])];
    await Promise.all(children.map((child) => child.stop(GRACE_MS)));
    await this.#shape.wiring.close();
  }

  /** Ends all processes and removes the directory. */
  async close(): Promise<void> {
    await this.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
