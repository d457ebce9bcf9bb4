import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@iotw/adapters/free-ports';
import { MeshEndpoint } from '@iotw/adapters/mesh/endpoint';
import { linkKeyPair } from '@iotw/adapters/mesh/link-certificate';
import type { PeerIdentity } from '@iotw/adapters/mesh/types';
import { toHex } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { fleetDeviceKeys } from '@iotw/micro-miner/fleet/device-keys';
import { rotateDigest } from '@iotw/protocol/digests';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import { NODE_ROLE, type Operation } from '@iotw/protocol/operations';
import { signTransaction } from '@iotw/protocol/transaction';
import { afterAll, assert, beforeAll, describe, expect, test, vi } from 'vitest';
import { Child } from '../devnet/child.js';
import { devnetGenesis } from '../devnet/devnet-genesis.js';
import { devnetKeys, devnetSeed } from '../devnet/devnet-keys.js';
import type { NodeConfig, NodeKeys } from './node-config.js';
import { submitBatch } from './test-split-network.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const FLEET = fileURLToPath(new URL('../../../micro-miner/dist/fleet/main.js', import.meta.url));
const HOST = '127.0.0.1';
const TRUST = 4;
const DEVICES = 40;
const PAYERS = 25;
const WAIT = { timeout: 40_000, interval: 100 };

const seed = new Uint8Array(32).fill(0x51);
const fleetSeed = new Uint8Array(32).fill(0x52);
const newSeed = new Uint8Array(32).fill(0x53);
const newLinkSeed = new Uint8Array(32).fill(0x54);
const payers = Array.from({ length: PAYERS }, (_, i) => devnetKeys(seed, 'payer', i));

let dir: string;
let genesis: Genesis;
let network: Uint8Array;
let api: string;
let meshPorts: number[];
const children = new Set<Child>();
const trust: Child[] = [];
let ledgerNode: Child;
const sequences = new Array<number>(PAYERS).fill(0);
let nextPayer = 0;
/** Ids of transactions that somebody was told are final. */
const finals: string[] = [];

function start(name: string, program: string, args: readonly string[]): Child {
  const child = new Child(name, program, args);
  children.add(child);
  return child;
}

async function ready(child: Child): Promise<Readonly<Record<string, unknown>>> {
  const line = await child.first('ready');
  assert(line.ok, line.ok ? '' : line.error.message);
  return line.value;
}

const hex = (label: string, index: number): string => toHex(devnetSeed(seed, label, index));

async function writeJson(name: string, value: NodeConfig | NodeKeys | object): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, JSON.stringify(value), { mode: 0o600 });
  return path;
}

function trustKeys(index: number, rotated = false): NodeKeys {
  return {
    trust: [
      {
        index,
        seed: rotated ? toHex(newSeed) : hex('trust', index),
        accountSeed: hex('trust-account', index),
        linkSeed: rotated ? toHex(newLinkSeed) : hex('trust-link', index),
      },
    ],
  };
}

/** Trust node t dials the ledger server and the trust nodes before it. */
async function writeTrustNode(index: number, mqttPort: number): Promise<void> {
  const peers = [
    { peer: 'ledger:0', host: HOST, port: meshPorts[TRUST]! },
    ...Array.from({ length: index }, (_, t) => ({ peer: `trust:${t}`, host: HOST, port: meshPorts[t]! })),
  ];
  const config: NodeConfig = {
    data: join(dir, `trust-${index}`),
    genesis: join(dir, 'genesis.json'),
    keys: await writeJson(`trust-${index}-keys.json`, trustKeys(index)),
    roles: ['trust'],
    mqtt: [{ trustNode: index, tcp: { host: HOST, port: mqttPort } }],
    mesh: [{ self: `trust:${index}`, listen: { host: HOST, port: meshPorts[index]! }, peers }],
    verifyWorkers: 1,
  };
  await writeJson(`trust-${index}.json`, config);
}

async function startLedgerServer(): Promise<void> {
  ledgerNode = start('ledger server', MAIN, ['node', '--config', join(dir, 'ledger.json'), '--json']);
  api = (await ready(ledgerNode)).apiUrl as string;
}

function startTrustNode(index: number): Promise<unknown> {
  const config = join(dir, `trust-${index}.json`);
  const child = start(`trust node ${index}`, MAIN, ['node', '--config', config, '--json']);
  trust[index] = child;
  return ready(child);
}

function signed(keys: KeyPair, sequence: number, operations: readonly Operation[]): Uint8Array {
  const expiryMs = Date.now() + 600_000;
  return signTransaction(
    network,
    { sender: keys.publicKey, sequence, expiryMs, operations, memo: new Uint8Array(0) },
    keys,
  ).envelope;
}

function transfer(to: Uint8Array, amount: number): Uint8Array {
  const payer = nextPayer++ % PAYERS;
  sequences[payer]! += 1;
  return signed(payers[payer]!, sequences[payer]!, [{ type: 'transferToKey', to, amount }]);
}

function transfers(count: number): Uint8Array[] {
  const shop = devnetKeys(seed, 'shop').publicKey;
  return Array.from({ length: count }, () => transfer(shop, 1_000));
}

/** Hands a batch in and waits until all of it is final; returns how often each code came. */
async function submit(envelopes: readonly Uint8Array[]): Promise<Record<string, number>> {
  const codes: Record<string, number> = {};
  for (const { id, code } of await submitBatch(api, envelopes)) {
    codes[code] = (codes[code] ?? 0) + 1;
    if (code === 'ok') finals.push(id);
  }
  return codes;
}

/** Hands the same batch in until there is an answer, as a client does whose server went away. */
async function insist(envelopes: readonly Uint8Array[]): Promise<Record<string, number>> {
  for (;;) {
    try {
      return await submit(envelopes);
    } catch (error) {
      // What fetch throws where nobody listens, or the connection breaks.
      if (!(error instanceof TypeError)) throw error;
      await pause(100);
    }
  }
}

/** Four clients that submit until `during` is over. */
async function underLoad(during: () => Promise<unknown>): Promise<Record<string, number>> {
  const codes: Record<string, number> = {};
  let over = false;
  const client = async (): Promise<void> => {
    while (!over) {
      const envelopes = transfers(10);
      for (const [code, count] of Object.entries(await insist(envelopes)))
        codes[code] = (codes[code] ?? 0) + count;
    }
  };
  const clients = [client(), client(), client(), client()];
  await during().finally(() => {
    over = true;
  });
  await Promise.all(clients);
  return codes;
}

async function everyFinalIsThere(): Promise<void> {
  for (const id of finals) {
    const response = await fetch(`${api}/v1/transactions/${id}`);
    expect(response.status, id).toBe(200);
    expect(await response.json()).toMatchObject({ code: 'ok' });
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Hands transactions in until each of `these` lanes has a block more. A quarter of a second belongs to one trust node, so
 * they come spread over more than a second: each has its turn, whatever the beat of the answers is.
 */
async function lanesGoOn(these: readonly number[]): Promise<void> {
  const before = await lanes();
  await vi.waitFor(async () => {
    const spread = Array.from({ length: 6 }, async (_, k) => {
      await pause(200 * k);
      expect(await submit(transfers(5))).toEqual({ ok: 5 });
    });
    await Promise.all(spread);
    const now = await lanes();
    for (const lane of these) expect(now[lane]!.height, `lane ${lane}`).toBeGreaterThan(before[lane]!.height);
  }, WAIT);
}

const everyLaneGoesOn = (): Promise<void> => lanesGoOn([0, 1, 2, 3]);

async function lanes(): Promise<{ height: number; incarnation: number }[]> {
  const response = await fetch(`${api}/v1/lanes`);
  const page = (await response.json()) as { items: { height: number; incarnation: number }[] };
  return page.items;
}

/** A peer that dials a node under a link key; resolves to the code it is refused with. */
async function refusalOf(
  self: PeerIdentity,
  linkSeed: Uint8Array,
  target: 'ledger:0' | 'trust:0' = 'ledger:0',
): Promise<string | undefined> {
  const [role, port] = target === 'ledger:0' ? (['ledger', TRUST] as const) : (['trust', 0] as const);
  const targetKey = toHex(linkKeyPair(devnetSeed(seed, `${role}-link`, 0)).publicKey);
  const endpoint = new MeshEndpoint({
    network,
    self,
    linkSeed,
    dial: [{ peer: target, host: HOST, port: meshPorts[port]! }],
    allowed: (key) => (toHex(key) === targetKey ? { role, index: 0 } : undefined),
  });
  try {
    await endpoint.start();
    return await vi.waitFor(() => {
      const [peer] = endpoint.peers();
      assert(peer?.state === 'up' || peer?.refusedWith !== undefined, 'neither up nor refused yet');
      return peer.refusedWith;
    }, WAIT);
  } finally {
    await endpoint.close();
  }
}

beforeAll(async () => {
  assert(existsSync(MAIN) && existsSync(FLEET), 'the processes run dist: build first (tsc -b)');
  dir = await mkdtemp(join(tmpdir(), 'iotw-processes-'));
  genesis = devnetGenesis({
    seed,
    timeMs: Date.now(),
    trustNodes: TRUST,
    ledgerServers: 1,
    deviceKeys: Array.from({ length: DEVICES }, (_, i) => fleetDeviceKeys(fleetSeed, i).publicKey),
    accounts: payers.map(({ publicKey }) => ({ key: publicKey, amount: 1_000_000_000 })),
    parameters: { epochMs: 3_000 },
  });
  network = networkId(genesis);
  await writeJson('genesis.json', genesisToJson(genesis));
  const ports = await freePorts(HOST, 2 * TRUST + 1);
  meshPorts = ports.slice(0, TRUST + 1);
  const mqttPorts = ports.slice(TRUST + 1);
  const ledgerKeys: NodeKeys = {
    trust: [],
    ledger: { index: 0, seed: hex('ledger', 0), vrfSeed: hex('vrf', 0), linkSeed: hex('ledger-link', 0) },
  };
  const ledger: NodeConfig = {
    data: join(dir, 'ledger'),
    genesis: join(dir, 'genesis.json'),
    keys: await writeJson('ledger-keys.json', ledgerKeys),
    roles: ['ledger', 'api'],
    api: { host: HOST, port: 0 },
    mqtt: [],
    mesh: [{ self: 'ledger:0', listen: { host: HOST, port: meshPorts[TRUST]! }, peers: [] }],
    verifyWorkers: 1,
  };
  await writeJson('ledger.json', ledger);
  await startLedgerServer();
  for (let t = 0; t < TRUST; t++) await writeTrustNode(t, mqttPorts[t]!);
  await Promise.all(Array.from({ length: TRUST }, (_, t) => startTrustNode(t)));
  const fleet = {
    network: toHex(network),
    seed: toHex(fleetSeed),
    boot: join(dir, 'fleet'),
    trustNodes: mqttPorts.map((port, index) => ({ index, host: HOST, port })),
    count: DEVICES,
  };
  await ready(start('device fleet', FLEET, ['--json', JSON.stringify(fleet), '--stdin-lifeline']));
}, 120_000);

afterAll(async () => {
  await Promise.all([...children].map((child) => child.stop(5_000)));
  await rm(dir, { recursive: true, force: true });
}, 60_000);

describe('a ledger server and four trust nodes, each a process of its own', () => {
  test('300 transactions become final, through every lane', { timeout: 120_000 }, async () => {
    for (let i = 0; i < 6; i++) expect(await submit(transfers(50))).toEqual({ ok: 50 });
    await vi.waitFor(async () => {
      for (const { height } of await lanes()) expect(height).toBeGreaterThan(0);
    }, WAIT);
  });

  test('a transaction with a wrong signature is refused at the entrance', { timeout: 60_000 }, async () => {
    const [good] = transfers(1);
    const bad = good!.slice();
    bad[10]! ^= 1;
    expect(await submit([bad])).toEqual({ 'signature-invalid': 1 });
    expect(await submit([good!])).toEqual({ ok: 1 });
  });

  test('a trust node killed under load comes back: nothing is lost, every lane goes on', {
    timeout: 180_000,
  }, async () => {
    const outcome = await underLoad(async () => {
      await pause(500);
      trust[1]!.process.kill('SIGKILL');
      await trust[1]!.ended;
      await pause(500);
      await startTrustNode(1);
    });
    expect(Object.keys(outcome)).toEqual(['ok']);
    await everyLaneGoesOn();
  });

  test('while a trust node is down the transactions of the others go on', { timeout: 180_000 }, async () => {
    trust[3]!.process.kill('SIGKILL');
    await trust[3]!.ended;
    const before = await lanes();
    try {
      // As many as a few epochs give time for: at first its devices are in the pool of every draw.
      for (let i = 0; i < 8; i++) expect(await submit(transfers(20))).toEqual({ ok: 20 });
      await lanesGoOn([0, 1, 2]);
      const after = await lanes();
      for (const lane of [0, 1, 2]) expect(after[lane]!.incarnation).toBe(before[lane]!.incarnation);
    } finally {
      await startTrustNode(3);
    }
    await everyLaneGoesOn();
  });

  test('a ledger server killed under load comes back: what was final is there, every lane goes on', {
    timeout: 180_000,
  }, async () => {
    const outcome = await underLoad(async () => {
      await pause(500);
      ledgerNode.process.kill('SIGKILL');
      await ledgerNode.ended;
      await startLedgerServer();
    });
    // Used: final before the answer could reach the client.
    const { ok = 0, 'sequence-used': used = 0, ...others } = outcome;
    expect(others).toEqual({});
    expect(ok).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(40);
    await everyLaneGoesOn();
    await everyFinalIsThere();
  });

  test('a peer with a key that is not on the ledger is refused', { timeout: 60_000 }, async () => {
    expect(await refusalOf({ role: 'trust', index: 3 }, newLinkSeed)).toBe('mesh-peer-unknown');
  });

  test('a trust node takes rotated keys while it runs; its old link key is refused', {
    timeout: 120_000,
  }, async () => {
    const account = devnetKeys(seed, 'trust-account', 2);
    const next = keyPairFromSeed(newSeed);
    expect(await submit([transfer(account.publicKey, 1_000_000)])).toEqual({ ok: 1 });
    // Above what the node's own transactions use meanwhile, within the window of 64.
    const used = await fetch(`${api}/v1/accounts/${toHex(account.publicKey)}`);
    const sequence = ((await used.json()) as { sequence: number }).sequence + 50;
    const content = {
      role: NODE_ROLE.trust,
      index: 2,
      key: next.publicKey,
      linkKey: linkKeyPair(newLinkSeed).publicKey,
    };
    const digest = rotateDigest(network, content, account.publicKey, sequence);
    const signature = sign(digest, next.secretKey);
    const outcome = await underLoad(async () => {
      expect(
        await submit([signed(account, sequence, [{ type: 'keyRotate', ...content, signature }])]),
      ).toEqual({ ok: 1 });
      await writeJson('trust-2-keys.json', trustKeys(2, true));
      const reloaded = trust[2]!.first('reloaded');
      trust[2]!.process.kill('SIGHUP');
      expect(await reloaded).toMatchObject({ ok: true, value: { ok: true, value: ['trust:2'] } });
    });
    expect(Object.keys(outcome)).toEqual(['ok']);
    await lanesGoOn([2]);
    for (const target of ['ledger:0', 'trust:0'] as const) {
      const old = devnetSeed(seed, 'trust-link', 2);
      expect(await refusalOf({ role: 'trust', index: 2 }, old, target)).toBe('mesh-peer-unknown');
    }
    // With the rotated keys in its file and what it saved, it comes back by itself.
    trust[2]!.process.kill('SIGKILL');
    await trust[2]!.ended;
    await startTrustNode(2);
    await everyLaneGoesOn();
  });
});
