import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, type ChildLine } from '@iotw/cli/devnet/child';
import { devnetGenesis } from '@iotw/cli/devnet/devnet-genesis';
import { devnetNodeKeys } from '@iotw/cli/devnet/devnet-keys';
import type { NodeConfig } from '@iotw/cli/node/node-config';
import { toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import type { Parameters } from '@iotw/protocol/parameters';
import { deviceKeys, fleetSeed, payerAccounts, payerKeys } from './bench-people.js';
import { giveUp } from './report.js';

const NODE_PROGRAM = fileURLToPath(new URL('../node-child.js', import.meta.url));
const FLEET_PROGRAM = fileURLToPath(import.meta.resolve('@iotw/micro-miner/fleet/main'));

export interface NetworkShape {
  readonly devices: number;
  readonly payers: number;
  /** All devices at trust node 0 instead of spread. */
  readonly oneHost?: boolean;
  readonly parameters?: Partial<Parameters>;
  /** See node-config: when blocks leave. */
  readonly lanes?: { readonly blockTarget: number; readonly blockMost: number };
}

export const TRUST_NODES = 4;

/** A network of real processes for one bench, in a directory of its own that is removed at the end. */
export class BenchNetwork {
  readonly dir = mkdtempSync(join(tmpdir(), 'iotw-bench-'));
  readonly seed = new Uint8Array(32).fill(11);
  readonly genesis: Genesis;
  readonly network: Uint8Array;
  readonly #fleets: Child[] = [];
  node!: Child;
  apiUrls: string[] = [];
  mqtt: { readonly trustNode: number; readonly host: string; readonly tcpPort: number }[] = [];

  readonly #shape: NetworkShape;

  constructor(shape: NetworkShape) {
    this.#shape = shape;
    const genesis = devnetGenesis({
      seed: this.seed,
      timeMs: Date.now(),
      trustNodes: TRUST_NODES,
      ledgerServers: 1,
      deviceKeys: deviceKeys(this.seed, shape.devices),
      accounts: payerAccounts(this.seed, shape.payers),
      ...(shape.parameters === undefined ? {} : { parameters: shape.parameters }),
    });
    this.genesis = shape.oneHost
      ? { ...genesis, devices: genesis.devices.map((device) => ({ ...device, host: 0 })) }
      : genesis;
    this.network = networkId(this.genesis);
  }

  payer(index: number): KeyPair {
    return payerKeys(this.seed, index);
  }

  /** Writes the configuration and starts the node; a second call takes the same ledger up again. */
  async startNode(nodeFlags: readonly string[] = []): Promise<ChildLine> {
    const keys = devnetNodeKeys(this.seed, TRUST_NODES);
    const listen = { host: '127.0.0.1', port: 0 };
    const config: NodeConfig = {
      data: join(this.dir, 'node'),
      genesis: join(this.dir, 'genesis.json'),
      keys: join(this.dir, 'keys.json'),
      roles: ['trust', 'ledger', 'api'],
      api: listen,
      mqtt: Array.from({ length: TRUST_NODES }, (_, trustNode) => ({ trustNode, tcp: listen })),
      verifyWorkers: 2,
      ...(this.#shape.lanes === undefined ? {} : { lanes: this.#shape.lanes }),
    };
    await writeFile(config.genesis, JSON.stringify(genesisToJson(this.genesis)));
    await writeFile(config.keys, JSON.stringify(keys));
    const configPath = join(this.dir, 'node.json');
    await writeFile(configPath, JSON.stringify(config));
    this.node = new Child('node', NODE_PROGRAM, [configPath], nodeFlags);
    const ready = await this.node.first('ready');
    if (!ready.ok) giveUp(`${ready.error.code}: ${ready.error.message}`);
    this.apiUrls = [String(ready.value.apiUrl)];
    this.mqtt = ready.value.mqtt as typeof this.mqtt;
    return ready.value;
  }

  /** Starts devices `first` .. `first + count - 1` in a process of their own; resolves when all are logged in. */
  async startFleet(first: number, count: number, oneHost = false): Promise<Child> {
    const places = oneHost ? this.mqtt.slice(0, 1) : this.mqtt;
    const config = {
      network: toHex(this.network),
      seed: toHex(fleetSeed(this.seed)),
      boot: join(this.dir, `fleet-${first}`),
      trustNodes: places.map(({ trustNode, host, tcpPort }) => ({ index: trustNode, host, port: tcpPort })),
      count,
      first,
      firstNumber: first,
      loginsPerSecond: 5_000,
      loginsInFlight: 256,
    };
    const fleet = new Child('device fleet', FLEET_PROGRAM, [
      '--json',
      JSON.stringify(config),
      '--stdin-lifeline',
    ]);
    this.#fleets.push(fleet);
    const ready = await fleet.first('ready');
    if (!ready.ok) giveUp(`${ready.error.code}: ${ready.error.message}`);
    return fleet;
  }

  /** One line of `kind` answered to a command on the node's stdin. */
  async ask(command: string, kind: string): Promise<ChildLine> {
    const answer = this.node.first(kind);
    this.node.process.stdin!.write(`${command}\n`);
    const line = await answer;
    if (!line.ok) giveUp(`${line.error.code}: ${line.error.message}`);
    return line.value;
  }

  async stopNode(): Promise<void> {
    await this.node.stop(20_000);
  }

  async close(): Promise<void> {
    for (const fleet of this.#fleets) await fleet.stop(5_000);
    await this.node.stop(20_000);
    await rm(this.dir, { recursive: true, force: true });
  }
}
