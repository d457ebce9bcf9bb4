/** A network of real processes for tests: one ledger server with the API, a process for each trust node, a fleet. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@iotw/adapters/free-ports';
import { toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fleetDeviceKeys } from '@iotw/micro-miner/fleet/device-keys';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import type { Operation } from '@iotw/protocol/operations';
import type { Parameters } from '@iotw/protocol/parameters';
import { signTransaction } from '@iotw/protocol/transaction';
import { Child } from '../devnet/child.js';
import { devnetGenesis } from '../devnet/devnet-genesis.js';
import { devnetKeys, devnetSeed } from '../devnet/devnet-keys.js';
import type { NodeConfig, NodeKeys } from './node-config.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const FLEET = fileURLToPath(new URL('../../../micro-miner/dist/fleet/main.js', import.meta.url));
export const HOST = '127.0.0.1';

export interface SplitShape {
  readonly trustNodes: number;
  readonly devices: number;
  readonly parameters: Partial<Parameters>;
  readonly payers: readonly KeyPair[];
}

/** Hands a batch in and waits until all of it is final. Throws what fetch throws, and what the API refuses. */
export async function submitBatch(
  api: string,
  envelopes: readonly Uint8Array[],
): Promise<readonly { readonly id: string; readonly code: string }[]> {
  const parts = envelopes.flatMap((envelope) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(envelope.length);
    return [length, envelope];
  });
  for (;;) {
    const response = await fetch(`${api}/v1/transactions/batch?wait=final`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.concat(parts),
    });
    const outcome = (await response.json()) as {
      results?: { id: string; code: string }[];
      code?: string;
    };
    if (outcome.results !== undefined) return outcome.results;
    // Nothing of it was taken: this machine stood still for seconds, and a client comes again.
    if (outcome.code !== 'node-overloaded') throw new Error(JSON.stringify(outcome));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** Its secrets all come from `seed`, as a devnet's do. */
export class SplitNetwork {
  readonly seed = new Uint8Array(32).fill(0x61);
  readonly fleetSeed = new Uint8Array(32).fill(0x62);
  readonly trust: Child[] = [];
  ledger!: Child;
  api!: string;
  dir!: string;
  genesis!: Genesis;
  network!: Uint8Array;
  /** Ports of the links: trust nodes by number, then the ledger server. */
  meshPorts: number[] = [];
  mqttPorts: number[] = [];
  readonly #shape: SplitShape;
  readonly #children = new Set<Child>();
  readonly #sequences = new Map<string, number>();

  constructor(shape: SplitShape) {
    this.#shape = shape;
  }

  /** Writes genesis, keys and configurations, starts the ledger server, then the trust nodes. */
  async start(): Promise<void> {
    const { trustNodes, devices, parameters, payers } = this.#shape;
    this.dir = await mkdtemp(join(tmpdir(), 'iotw-split-'));
    this.genesis = devnetGenesis({
      seed: this.seed,
      timeMs: Date.now(),
      trustNodes,
      ledgerServers: 1,
      deviceKeys: Array.from({ length: devices }, (_, i) => fleetDeviceKeys(this.fleetSeed, i).publicKey),
      accounts: payers.map(({ publicKey }) => ({ key: publicKey, amount: 1_000_000_000_000 })),
      parameters,
    });
    this.network = networkId(this.genesis);
    await this.write('genesis.json', genesisToJson(this.genesis));
    const ports = await freePorts(HOST, 2 * trustNodes + 1);
    this.meshPorts = ports.slice(0, trustNodes + 1);
    this.mqttPorts = ports.slice(trustNodes + 1);
    await this.#startLedger();
    for (let t = 0; t < trustNodes; t++) await this.#writeTrustNode(t);
    await Promise.all(Array.from({ length: trustNodes }, (_, t) => this.startTrustNode(t)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children].map((child) => child.stop(5_000)));
    await rm(this.dir, { recursive: true, force: true });
  }

  async write(name: string, value: object): Promise<string> {
    const path = join(this.dir, name);
    await writeFile(path, JSON.stringify(value), { mode: 0o600 });
    return path;
  }

  #child(name: string, program: string, args: readonly string[]): Child {
    const child = new Child(name, program, args);
    this.#children.add(child);
    return child;
  }

  async #startLedger(): Promise<void> {
    const hex = (label: string) => toHex(devnetSeed(this.seed, label, 0));
    const keys: NodeKeys = {
      trust: [],
      ledger: { index: 0, seed: hex('ledger'), vrfSeed: hex('vrf'), linkSeed: hex('ledger-link') },
      api: { index: 0, seed: hex('api') },
    };
    const config: NodeConfig = {
      data: join(this.dir, 'ledger'),
      genesis: join(this.dir, 'genesis.json'),
      keys: await this.write('ledger-keys.json', keys),
      roles: ['ledger', 'api'],
      api: { host: HOST, port: 0 },
      mqtt: [],
      mesh: [
        {
          self: 'ledger:0',
          listen: { host: HOST, port: this.meshPorts[this.#shape.trustNodes]! },
          peers: [],
        },
      ],
      verifyWorkers: 1,
    };
    this.ledger = this.startNode('ledger server', await this.write('ledger.json', config));
    const line = await this.ledger.first('ready');
    if (!line.ok) throw new Error(line.error.message);
    this.api = line.value.apiUrl as string;
  }

  /** Trust node t dials the ledger server and the trust nodes before it. */
  peersOf(index: number): { peer: string; host: string; port: number }[] {
    const ledger = { peer: 'ledger:0', host: HOST, port: this.meshPorts[this.#shape.trustNodes]! };
    const before = this.meshPorts.slice(0, Math.min(index, this.#shape.trustNodes));
    return [ledger, ...before.map((port, t) => ({ peer: `trust:${t}`, host: HOST, port }))];
  }

  async #writeTrustNode(index: number): Promise<void> {
    const hex = (label: string) => toHex(devnetSeed(this.seed, label, index));
    const keys: NodeKeys = {
      trust: [{ index, seed: hex('trust'), accountSeed: hex('trust-account'), linkSeed: hex('trust-link') }],
    };
    const config: NodeConfig = {
      data: join(this.dir, `trust-${index}`),
      genesis: join(this.dir, 'genesis.json'),
      keys: await this.write(`trust-${index}-keys.json`, keys),
      roles: ['trust'],
      mqtt: [
        {
          trustNode: index,
          tcp: { host: HOST, port: this.mqttPorts[index]! },
          announce: `mqtt://${HOST}:${this.mqttPorts[index]}`,
        },
      ],
      mesh: [
        {
          self: `trust:${index}`,
          listen: { host: HOST, port: this.meshPorts[index]! },
          peers: this.peersOf(index),
        },
      ],
      verifyWorkers: 1,
    };
    await this.write(`trust-${index}.json`, config);
  }

  startNode(name: string, config: string): Child {
    return this.#child(name, MAIN, ['node', '--config', config, '--json']);
  }

  async startTrustNode(index: number): Promise<void> {
    const child = this.startNode(`trust node ${index}`, join(this.dir, `trust-${index}.json`));
    this.trust[index] = child;
    const line = await child.first('ready');
    if (!line.ok) throw new Error(line.error.message);
  }

  /** A fleet of `count` devices from `first` on, on the trust nodes named by number and port. */
  async startFleet(
    trustNodes: readonly { readonly index: number; readonly port: number }[],
    count: number,
    first = 0,
    firstNumber = first,
  ): Promise<Child> {
    const fleet = {
      ...{ network: toHex(this.network), seed: toHex(this.fleetSeed), count, first, firstNumber },
      boot: join(this.dir, `fleet-${first}`),
      trustNodes: trustNodes.map((node) => ({ ...node, host: HOST })),
    };
    const child = this.#child(`fleet ${first}`, FLEET, ['--json', JSON.stringify(fleet), '--stdin-lifeline']);
    const line = await child.first('ready');
    if (!line.ok) throw new Error(line.error.message);
    return child;
  }

  /** Kills a trust node's process without a word. */
  async kill(index: number): Promise<void> {
    this.trust[index]!.process.kill('SIGKILL');
    await this.trust[index]!.ended;
  }

  /** One transaction of `sender`, with its next sequence. */
  sign(sender: KeyPair, operations: readonly Operation[]): Uint8Array {
    const name = toHex(sender.publicKey);
    const sequence = (this.#sequences.get(name) ?? 0) + 1;
    this.#sequences.set(name, sequence);
    const content = { sender: sender.publicKey, sequence, operations, memo: new Uint8Array(0) };
    return signTransaction(this.network, { ...content, expiryMs: Date.now() + 600_000 }, sender).envelope;
  }

  /** Hands a batch in and waits until all of it is final; how often each code came. */
  async submit(envelopes: readonly Uint8Array[]): Promise<Record<string, number>> {
    const codes: Record<string, number> = {};
    for (const { code } of await submitBatch(this.api, envelopes)) codes[code] = (codes[code] ?? 0) + 1;
    return codes;
  }

  /** `count` transfers of payers in turn, to one shop. */
  transfers(count: number): Uint8Array[] {
    const { payers } = this.#shape;
    const to = devnetKeys(this.seed, 'shop').publicKey;
    return Array.from({ length: count }, (_, i) =>
      this.sign(payers[i % payers.length]!, [{ type: 'transferToKey', to, amount: 1_000 }]),
    );
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.api}${path}`)).json()) as T;
  }

  /** A 32-byte secret of this network, written as a bare key file. */
  async keyFile(label: string, index: number): Promise<string> {
    const path = join(this.dir, `${label}-${index}.key`);
    await writeFile(path, toHex(devnetSeed(this.seed, label, index)), { mode: 0o600 });
    return path;
  }

  readJson<T>(path: string): Promise<T> {
    return readFile(path, 'utf8').then((text) => JSON.parse(text) as T);
  }
}
