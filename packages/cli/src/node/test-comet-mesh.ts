import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { freePorts } from '@iotw/adapters/free-ports';
import { linkKeyPair } from '@iotw/adapters/mesh/link-certificate';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fleetDeviceKeys } from '@iotw/micro-miner/fleet/device-keys';
import { networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import type { Operation } from '@iotw/protocol/operations';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { encodeProposal, PROPOSAL_KIND, type ProposalContent } from '@iotw/protocol/proposals';
import { signTransaction } from '@iotw/protocol/transaction';
import { assert, expect, vi } from 'vitest';
import { Child } from '../devnet/child.js';
import { devnetGenesis } from '../devnet/devnet-genesis.js';
import { devnetKeys, devnetSeed, devnetVrfKeys } from '../devnet/devnet-keys.js';
import type { NodeConfig, NodeKeys } from './node-config.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const LIAR = fileURLToPath(new URL('../../dist/node/test-lying-node.js', import.meta.url));
const FLEET = fileURLToPath(new URL('../../../micro-miner/dist/fleet/main.js', import.meta.url));
export const HOST = '127.0.0.1';
export const LEDGERS = 4;
const TRUST = 2;
const DEVICES = 16;
const PAYERS = 20;
type CometConfig = NonNullable<NodeConfig['cometbft']>;
type StateSync = NonNullable<CometConfig['stateSync']>;
const WAIT = { timeout: 90_000, interval: 200 };

export const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const seed = new Uint8Array(32).fill(0x61);
const fleetSeed = new Uint8Array(32).fill(0x62);
const committee = all(3).map((i) => devnetKeys(seed, 'committee', i));
const payers = Array.from({ length: PAYERS }, (_, i) => devnetKeys(seed, 'payer', i));
const genesis = devnetGenesis({
  seed,
  timeMs: Date.now(),
  trustNodes: TRUST,
  ledgerServers: LEDGERS,
  deviceKeys: Array.from({ length: DEVICES }, (_, i) => fleetDeviceKeys(fleetSeed, i).publicKey),
  accounts: [...payers, ...committee].map(({ publicKey }) => ({ key: publicKey, amount: 1_000_000_000 })),
  // With VRF seeds an epoch waits for the server whose turn it is.
  parameters: { epochMs: 3_000, seedSource: SEED_SOURCE.threshold },
});
const network = networkId(genesis);

const hex = (label: string, index: number): string => toHex(devnetSeed(seed, label, index));

type Ports = Record<'mesh' | 'comet' | 'rpc' | 'trust' | 'mqtt', number[]>;

/** What a network of processes needs before its first payment, and what its tests ask of it. */
export class CometMesh {
  dir = '';
  readonly #children = new Set<Child>();
  readonly ledgers: Child[] = [];
  /** Of the ledger servers, as they were written. */
  readonly configs: NodeConfig[] = [];
  readonly apis: string[] = [];
  /** Ids of the payments that were told final. */
  readonly finals: string[] = [];
  #ports: Ports = { mesh: [], comet: [], rpc: [], trust: [], mqtt: [] };
  readonly #sequences = new Array<number>(PAYERS).fill(0);
  #nextPayer = 0;
  readonly #snapshots: CometConfig['snapshots'];

  readonly #shaped: (index: number, config: NodeConfig) => NodeConfig;
  readonly #committeeSequences = committee.map(() => 0);

  /**
   * `snapshots`: what the ledger servers keep for those that join; the product's choice where it is left out. `shaped`: what
   * becomes of a ledger server's configuration before it is written.
   */
  constructor(
    snapshots?: CometConfig['snapshots'],
    shaped: (index: number, config: NodeConfig) => NodeConfig = (_, config) => config,
  ) {
    this.#snapshots = snapshots;
    this.#shaped = shaped;
  }

  /** Starts all of it. */
  async open(): Promise<void> {
    assert(existsSync(MAIN) && existsSync(FLEET), 'the processes run dist: build first (tsc -b)');
    this.dir = await mkdtemp(join(tmpdir(), 'iotw-mesh-'));
    // One ledger server more than the genesis has may be admitted.
    const servers = LEDGERS + 1;
    const found = await freePorts(HOST, 3 * servers + 2 * TRUST);
    const take = (count: number): number[] => found.splice(0, count);
    this.#ports = {
      mesh: take(servers),
      comet: take(servers),
      rpc: take(servers),
      trust: take(TRUST),
      mqtt: take(TRUST),
    };
    await this.#writeJson('genesis.json', genesisToJson(genesis));
    await Promise.all(all(LEDGERS).map((index) => this.writeLedgerServer(index)));
    await Promise.all(all(LEDGERS).map((index) => this.startLedgerServer(index)));
    for (const index of all(TRUST)) await this.#startTrustNode(index);
    const fleet = {
      network: toHex(network),
      seed: toHex(fleetSeed),
      boot: join(this.dir, 'fleet'),
      trustNodes: this.#ports.mqtt.map((port, index) => ({ index, host: HOST, port })),
      count: DEVICES,
    };
    await ready(this.#begin('device fleet', FLEET, ['--json', JSON.stringify(fleet), '--stdin-lifeline']));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#children].map((child) => child.stop(8_000)));
    await rm(this.dir, { recursive: true, force: true });
  }

  async #writeJson(name: string, value: NodeConfig | NodeKeys | object): Promise<string> {
    const path = join(this.dir, name);
    await writeFile(path, JSON.stringify(value), { mode: 0o600 });
    return path;
  }

  #begin(name: string, program: string, args: readonly string[]): Child {
    const child = new Child(name, program, args);
    this.#children.add(child);
    return child;
  }

  /** `label`: of the seed that its signing key is made of. */
  async writeLedgerServer(index: number, stateSync?: StateSync, label = 'ledger'): Promise<void> {
    const keys: NodeKeys = {
      trust: [],
      ledger: {
        index,
        seed: hex(label, index),
        vrfSeed: hex('vrf', index),
        linkSeed: hex('ledger-link', index),
      },
    };
    const config = this.#shaped(index, {
      data: join(this.dir, `ledger-${index}`),
      genesis: join(this.dir, 'genesis.json'),
      keys: await this.#writeJson(`ledger-${index}-keys.json`, keys),
      roles: ['ledger', 'api'],
      api: { host: HOST, port: 0 },
      mqtt: [],
      mesh: [
        {
          self: `ledger:${index}`,
          listen: { host: HOST, port: this.#ports.mesh[index]! },
          peers: [
            ...all(index).map((i) => ({ peer: `ledger:${i}`, host: HOST, port: this.#ports.mesh[i]! })),
            // Trust nodes that run know no place of a server that comes later.
            ...all(index < LEDGERS ? 0 : TRUST).map((i) => ({
              ...{ peer: `trust:${i}`, host: HOST, port: this.#ports.trust[i]! },
            })),
          ],
        },
      ],
      cometbft: {
        file: cometBftForTests()!,
        listen: { host: HOST, port: this.#ports.comet[index]! },
        peers: all(LEDGERS)
          .filter((i) => i !== index)
          .map((server) => ({ server, host: HOST, port: this.#ports.comet[server]! })),
        rpc: { host: HOST, port: this.#ports.rpc[index]! },
        ...(this.#snapshots === undefined ? {} : { snapshots: this.#snapshots }),
        ...(stateSync === undefined ? {} : { stateSync }),
      },
      verifyWorkers: 1,
    });
    this.configs[index] = config;
    await this.#writeJson(`ledger-${index}.json`, config);
  }

  /** Another node's process, under that name; ready. */
  async startNode(name: string, config: NodeConfig): Promise<Child> {
    const path = await this.#writeJson(`${name}.json`, config);
    const child = this.#begin(name, MAIN, ['node', '--config', path, '--json']);
    await ready(child);
    return child;
  }

  /** Takes away all that a stopped ledger server had. */
  async emptied(index: number): Promise<void> {
    await rm(join(this.dir, `ledger-${index}`), { recursive: true });
  }

  /** Where CometBFT of a ledger server answers operators. */
  rpc(index: number): string {
    return `http://${HOST}:${this.#ports.rpc[index]}`;
  }

  /** `lie`: with an adversary's code between CometBFT and the ledger; see test-lying-node. */
  beginLedgerServer(index: number, lie?: string): Child {
    const config = join(this.dir, `ledger-${index}.json`);
    const [program, words] = lie === undefined ? [MAIN, []] : [LIAR, [lie]];
    const args = [...words, 'node', '--config', config, '--json'];
    this.ledgers[index] = this.#begin(`ledger server ${index}`, program, args);
    return this.ledgers[index];
  }

  async startLedgerServer(index: number, lie?: string): Promise<Child> {
    const child = this.beginLedgerServer(index, lie);
    this.apis[index] = (await ready(child)).apiUrl as string;
    return child;
  }

  async #startTrustNode(index: number): Promise<void> {
    const keys: NodeKeys = {
      trust: [
        {
          index,
          seed: hex('trust', index),
          accountSeed: hex('trust-account', index),
          linkSeed: hex('trust-link', index),
        },
      ],
    };
    const config: NodeConfig = {
      data: join(this.dir, `trust-${index}`),
      genesis: join(this.dir, 'genesis.json'),
      keys: await this.#writeJson(`trust-${index}-keys.json`, keys),
      roles: ['trust'],
      mqtt: [{ trustNode: index, tcp: { host: HOST, port: this.#ports.mqtt[index]! } }],
      mesh: [
        {
          self: `trust:${index}`,
          listen: { host: HOST, port: this.#ports.trust[index]! },
          peers: [
            ...all(LEDGERS).map((i) => ({ peer: `ledger:${i}`, host: HOST, port: this.#ports.mesh[i]! })),
            ...all(index).map((i) => ({ peer: `trust:${i}`, host: HOST, port: this.#ports.trust[i]! })),
          ],
        },
      ],
      verifyWorkers: 1,
    };
    const path = await this.#writeJson(`trust-${index}.json`, config);
    await ready(this.#begin(`trust node ${index}`, MAIN, ['node', '--config', path, '--json']));
  }

  transfers(count: number): Uint8Array[] {
    const to = devnetKeys(seed, 'shop').publicKey;
    return Array.from({ length: count }, () => {
      const payer = this.#nextPayer++ % PAYERS;
      const keys = payers[payer]!;
      this.#sequences[payer]! += 1;
      return signed(keys, this.#sequences[payer]!, { type: 'transferToKey', to, amount: 1_000 });
    });
  }

  /** What the committee is to admit: ledger server `index` of this network's keys. */
  admission(index: number): ProposalContent {
    const content = {
      key: devnetKeys(seed, 'ledger', index).publicKey,
      vrfKey: devnetVrfKeys(seed, index).publicKey,
      linkKey: linkKeyPair(devnetSeed(seed, 'ledger-link', index)).publicKey,
      account: devnetKeys(seed, 'ledger-account', index).publicKey,
      ...{ region: 0, cloud: 0, operator: utf8(`ledger operator ${index}`) },
    };
    return { kind: 'ledgerServerAdmit', content };
  }

  /** A proposal that the committee adopts by the votes of two of its three members; final at server 0, effective with the epoch. */
  async adopt(proposal: ProposalContent): Promise<void> {
    const { items } = await json(`${this.apis[0]}/v1/proposals?limit=100`);
    const propose: Operation = {
      type: 'propose',
      kind: PROPOSAL_KIND[proposal.kind],
      expiryEpoch: (await json(`${this.apis[0]}/v1/status`)).epoch + 1_000,
      content: encodeProposal(proposal),
    };
    const vote: Operation = { type: 'vote', proposal: items.length, approve: 1 };
    expect(await this.submit(0, [this.#byMember(0, propose)])).toEqual({ ok: 1 });
    expect(await this.submit(0, [this.#byMember(1, vote)])).toEqual({ ok: 1 });
  }

  #byMember(member: number, operation: Operation): Uint8Array {
    const sequence = ++this.#committeeSequences[member]!;
    return signed(committee[member]!, sequence, operation);
  }

  /** Hands a batch to one server's API and waits until all of it is final there; how often each code came. */
  async submit(server: number, envelopes: readonly Uint8Array[]): Promise<Record<string, number>> {
    const parts = envelopes.flatMap((envelope) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(envelope.length);
      return [length, envelope];
    });
    const response = await fetch(`${this.apis[server]}/v1/transactions/batch?wait=final`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.concat(parts),
    });
    const outcome = (await response.json()) as { results?: { id: string; code: string }[] };
    assert(outcome.results !== undefined, JSON.stringify(outcome));
    const codes: Record<string, number> = {};
    for (const { id, code } of outcome.results) {
      codes[code] = (codes[code] ?? 0) + 1;
      if (code === 'ok') this.finals.push(id);
    }
    return codes;
  }

  /** Those servers, all where they are left out, give the same state hash for the newest round that all of them have; each has every final transaction. */
  async sameState(servers = all(this.apis.length)): Promise<void> {
    const apis = servers.map((server) => this.apis[server]!);
    await vi.waitFor(async () => {
      const last = await Promise.all(
        apis.map(async (api) => (await json(`${api}/v1/rounds?limit=1`)).items[0]),
      );
      const number = Math.min(...last.map((round) => round.number));
      const rounds = await Promise.all(apis.map((api) => json(`${api}/v1/rounds/${number}`)));
      expect(new Set(rounds.map((round) => round.stateHash)).size).toBe(1);
      for (const api of apis)
        for (const id of this.finals)
          expect(await json(`${api}/v1/transactions/${id}`)).toMatchObject({ code: 'ok' });
    }, WAIT);
  }

  /** The newest block, as an operator reads it from a server that it trusts. */
  async trusted(): Promise<StateSync> {
    const { result } = await json(`${this.rpc(0)}/commit`);
    const { header, commit } = result.signed_header;
    return {
      trustHeight: Number(header.height),
      trustHash: commit.block_id.hash,
      rpcServers: [0, 1].map((i) => this.rpc(i)),
    };
  }
}

function signed(keys: KeyPair, sequence: number, operation: Operation): Uint8Array {
  const { publicKey: sender } = keys;
  const expiryMs = Date.now() + 600_000;
  const content = { sender, sequence, expiryMs, operations: [operation], memo: new Uint8Array(0) };
  return signTransaction(network, content, keys).envelope;
}

async function ready(child: Child): Promise<Readonly<Record<string, unknown>>> {
  const line = await child.first('ready');
  assert(line.ok, line.ok ? '' : line.error.message);
  return line.value;
}

// biome-ignore lint/suspicious/noExplicitAny: the API's own tests hold its forms.
export async function json(url: string): Promise<any> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return response.json();
}
