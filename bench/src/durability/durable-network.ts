import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@iotw/adapters/free-ports';
import { Child } from '@iotw/cli/devnet/child';
import { devnetGenesis } from '@iotw/cli/devnet/devnet-genesis';
import { devnetKeys, devnetSeed } from '@iotw/cli/devnet/devnet-keys';
import type { NodeConfig, NodeKeys } from '@iotw/cli/node/node-config';
import { toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { Prng } from '@iotw/kernel/prng';
import { fleetDeviceKeys } from '@iotw/micro-miner/fleet/device-keys';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import { deviceKeys, fleetSeed, PAYER_FUNDS, payerAccounts, payerKeys } from '../support/bench-people.js';
import { rotateKeys } from './key-rotation.js';
import { NodeRun } from './node-run.js';

const FLEET_PROGRAM = fileURLToPath(import.meta.resolve('@iotw/micro-miner/fleet/main'));
const HOST = '127.0.0.1';
const TRUST_NODES = 4;
const DEVICES = 40;
export const PAYERS = 24;
/** The trust node whose keys are replaced. */
const ROTATED = 2;
/** Short epochs: their edges, where snapshots are written, come often. */
const EPOCH_MS = 2_000;
const ANSWER_TIMEOUT_MS = 300;

/** All roles in one process, or the ledger server with its API, or the trust nodes. */
export type NodePart = 'whole' | 'ledger' | 'trust';

/** How one start of the node differs from the others. */
export interface StartOptions {
  /** Value of IOTW_FAILPOINTS. */
  readonly failpoints?: string;
  readonly storeBytes?: number;
}

/**
 * One network of real processes: a node as `iotw node` runs it, and a fleet of devices. Everything is in one
 * directory and on fixed ports, so that a node started again is found by its devices.
 */
export class DurableNetwork {
  readonly dir: string;
  readonly genesis: Genesis;
  readonly network: Uint8Array;
  readonly #seed: Uint8Array;
  readonly #ports: readonly number[];
  /** How often the keys of ROTATED were replaced. */
  #generation = 0;
  #fleet: Child | undefined;

  private constructor(seed: Uint8Array, ports: readonly number[], dir: string) {
    this.#seed = seed;
    this.#ports = ports;
    this.dir = dir;
    this.genesis = devnetGenesis({
      seed,
      timeMs: Date.now(),
      trustNodes: TRUST_NODES,
      ledgerServers: 1,
      deviceKeys: deviceKeys(seed, DEVICES + 1),
      accounts: [
        ...payerAccounts(seed, PAYERS),
        { key: devnetKeys(seed, 'trust-account', ROTATED).publicKey, amount: PAYER_FUNDS },
      ],
      parameters: { epochMs: EPOCH_MS, answerTimeoutMs: ANSWER_TIMEOUT_MS },
    });
    this.network = networkId(this.genesis);
  }

  /** Makes the network's files under `dir`, or in a temporary directory. `name` tells networks of one seed apart. */
  static async make(name: string, seed: number, dir?: string): Promise<DurableNetwork> {
    const prng = new Prng(`durability ${name} ${seed}`);
    const place = dir ?? mkdtempSync(join(tmpdir(), 'iotw-durability-'));
    const made = new DurableNetwork(prng.bytes(32), await freePorts(HOST, 2 + TRUST_NODES), place);
    mkdirSync(place, { recursive: true });
    await writeFile(join(place, 'genesis.json'), JSON.stringify(genesisToJson(made.genesis)));
    await made.#writeKeys();
    return made;
  }

  payer(index: number): KeyPair {
    return payerKeys(this.#seed, index);
  }

  /** A device of trust node 0 that is none of the fleet. */
  get talkingDevice(): KeyPair {
    return fleetDeviceKeys(fleetSeed(this.#seed), DEVICES);
  }

  mqttUrl(trustNode: number): string {
    return `mqtt://${HOST}:${this.#ports[1 + trustNode]}`;
  }

  /** Directory of the ledger's store. */
  get ledgerDir(): string {
    return join(this.dir, 'node', 'ledger');
  }

  get apiUrl(): string {
    return `http://${HOST}:${this.#ports[0]}`;
  }

  /** Puts the next keys of one trust node on the ledger; `takeKeys` makes them its own. See key-rotation. */
  rotate(): Promise<string | undefined> {
    const next = this.#generation + 1;
    return rotateKeys({
      apiUrl: this.apiUrl,
      network: this.network,
      trustNode: ROTATED,
      account: devnetKeys(this.#seed, 'trust-account', ROTATED),
      seed: devnetSeed(this.#seed, 'trust-next', next),
      linkSeed: devnetSeed(this.#seed, 'trust-link-next', next),
    });
  }

  /** Writes the keys that `rotate` put on the ledger into the key file. */
  async takeKeys(): Promise<void> {
    this.#generation += 1;
    await this.#writeKeys();
  }

  async #writeKeys(): Promise<void> {
    const hex = (label: string, index: number) =>
      index === ROTATED && this.#generation > 0 && /^trust(-link)?$/.test(label)
        ? toHex(devnetSeed(this.#seed, `${label}-next`, this.#generation))
        : toHex(devnetSeed(this.#seed, label, index));
    const keys: NodeKeys = {
      trust: Array.from({ length: TRUST_NODES }, (_, index) => ({
        index,
        seed: hex('trust', index),
        accountSeed: hex('trust-account', index),
        linkSeed: hex('trust-link', index),
      })),
      ledger: { index: 0, seed: hex('ledger', 0), vrfSeed: hex('vrf', 0), linkSeed: hex('ledger-link', 0) },
    };
    await writeFile(join(this.dir, 'keys.json'), JSON.stringify(keys), { mode: 0o600 });
  }

  /** Starts the node, or one of the two processes it is split into, on its directory as it is. */
  async startNode(options: StartOptions = {}, part: NodePart = 'whole'): Promise<NodeRun> {
    const config: NodeConfig = {
      data: join(this.dir, part === 'trust' ? 'trust' : 'node'),
      genesis: join(this.dir, 'genesis.json'),
      keys: join(this.dir, 'keys.json'),
      ...this.#roles(part),
      verifyWorkers: 1,
      ...(options.storeBytes === undefined ? {} : { storeBytes: options.storeBytes }),
    };
    const path = join(this.dir, `${part}.json`);
    await writeFile(path, JSON.stringify(config));
    return new NodeRun(path, options.failpoints);
  }

  #roles(part: NodePart): Pick<NodeConfig, 'roles' | 'api' | 'mqtt' | 'mesh'> {
    const api = { host: HOST, port: this.#ports[0]! };
    const mqtt = Array.from({ length: TRUST_NODES }, (_, trustNode) => ({
      trustNode,
      tcp: { host: HOST, port: this.#ports[1 + trustNode]! },
    }));
    const link = { host: HOST, port: this.#ports[1 + TRUST_NODES]! };
    switch (part) {
      case 'whole':
        return { roles: ['trust', 'ledger', 'api'], api, mqtt };
      case 'ledger':
        return {
          roles: ['ledger', 'api'],
          api,
          mqtt: [],
          mesh: [{ self: 'ledger:0', listen: link, peers: [] }],
        };
      case 'trust':
        return {
          roles: ['trust'],
          mqtt,
          mesh: mqtt.map(({ trustNode }) => ({
            self: `trust:${trustNode}`,
            peers: [{ peer: 'ledger:0', ...link }],
          })),
        };
    }
  }

  /** Starts the devices; they look for their trust nodes until these are there. */
  startFleet(): void {
    const config = {
      network: toHex(this.network),
      seed: toHex(fleetSeed(this.#seed)),
      boot: join(this.dir, 'fleet'),
      trustNodes: Array.from({ length: TRUST_NODES }, (_, index) => ({
        index,
        host: HOST,
        port: this.#ports[1 + index],
      })),
      count: DEVICES,
      firstNumber: 0,
    };
    this.#fleet = new Child('device fleet', FLEET_PROGRAM, [
      '--json',
      JSON.stringify(config),
      '--stdin-lifeline',
    ]);
  }

  async endFleet(): Promise<void> {
    await this.#fleet?.stop(5_000);
  }

  /** Ends the devices and removes the directory. */
  async close(): Promise<void> {
    await this.endFleet();
    await rm(this.dir, { recursive: true, force: true });
  }
}
