import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { freePorts } from '@iotw/adapters/free-ports';
import { toHex } from '@iotw/kernel/bytes';
import { fleetDeviceKeys } from '@iotw/micro-miner/fleet/device-keys';
import { networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { signTransaction } from '@iotw/protocol/transaction';
import { afterAll, assert, beforeAll, describe, expect, test, vi } from 'vitest';
import { Child } from '../devnet/child.js';
import { devnetGenesis } from '../devnet/devnet-genesis.js';
import { devnetKeys, devnetSeed } from '../devnet/devnet-keys.js';
import type { NodeConfig, NodeKeys } from './node-config.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const FLEET = fileURLToPath(new URL('../../../micro-miner/dist/fleet/main.js', import.meta.url));
const HOST = '127.0.0.1';
const LEDGERS = 4;
const TRUST = 2;
const DEVICES = 16;
const PAYERS = 20;
type StateSync = NonNullable<NonNullable<NodeConfig['cometbft']>['stateSync']>;
const WAIT = { timeout: 90_000, interval: 200 };
const file = cometBftForTests();

const seed = new Uint8Array(32).fill(0x61);
const fleetSeed = new Uint8Array(32).fill(0x62);
const payers = Array.from({ length: PAYERS }, (_, i) => devnetKeys(seed, 'payer', i));
const genesis = devnetGenesis({
  seed,
  timeMs: Date.now(),
  trustNodes: TRUST,
  ledgerServers: LEDGERS,
  deviceKeys: Array.from({ length: DEVICES }, (_, i) => fleetDeviceKeys(fleetSeed, i).publicKey),
  accounts: payers.map(({ publicKey }) => ({ key: publicKey, amount: 1_000_000_000 })),
  // With VRF seeds an epoch waits for the server whose turn it is.
  parameters: { epochMs: 3_000, seedSource: SEED_SOURCE.threshold },
});
const network = networkId(genesis);

let dir: string;
const children = new Set<Child>();
const ledgers: Child[] = [];
const apis: string[] = [];
let ports: { mesh: number[]; comet: number[]; rpc: number[]; trust: number[]; mqtt: number[] };
const sequences = new Array<number>(PAYERS).fill(0);
let nextPayer = 0;
const finals: string[] = [];

async function writeJson(name: string, value: NodeConfig | NodeKeys | object): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, JSON.stringify(value), { mode: 0o600 });
  return path;
}

const hex = (label: string, index: number): string => toHex(devnetSeed(seed, label, index));
const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function begin(name: string, program: string, args: readonly string[]): Child {
  const child = new Child(name, program, args);
  children.add(child);
  return child;
}

async function ready(child: Child): Promise<Readonly<Record<string, unknown>>> {
  const line = await child.first('ready');
  assert(line.ok, line.ok ? '' : line.error.message);
  return line.value;
}

async function writeLedgerServer(index: number, stateSync?: StateSync): Promise<void> {
  const keys: NodeKeys = {
    trust: [],
    ledger: {
      index,
      seed: hex('ledger', index),
      vrfSeed: hex('vrf', index),
      linkSeed: hex('ledger-link', index),
    },
  };
  const config: NodeConfig = {
    data: join(dir, `ledger-${index}`),
    genesis: join(dir, 'genesis.json'),
    keys: await writeJson(`ledger-${index}-keys.json`, keys),
    roles: ['ledger', 'api'],
    api: { host: HOST, port: 0 },
    mqtt: [],
    mesh: [
      {
        self: `ledger:${index}`,
        listen: { host: HOST, port: ports.mesh[index]! },
        peers: all(index).map((i) => ({ peer: `ledger:${i}`, host: HOST, port: ports.mesh[i]! })),
      },
    ],
    cometbft: {
      file: file!,
      listen: { host: HOST, port: ports.comet[index]! },
      peers: all(LEDGERS)
        .filter((i) => i !== index)
        .map((server) => ({ server, host: HOST, port: ports.comet[server]! })),
      rpc: { host: HOST, port: ports.rpc[index]! },
      snapshots: { keep: 3, everySeconds: 5 },
      ...(stateSync === undefined ? {} : { stateSync }),
    },
    verifyWorkers: 1,
  };
  await writeJson(`ledger-${index}.json`, config);
}

function beginLedgerServer(index: number): Child {
  const config = join(dir, `ledger-${index}.json`);
  ledgers[index] = begin(`ledger server ${index}`, MAIN, ['node', '--config', config, '--json']);
  return ledgers[index];
}

async function startLedgerServer(index: number): Promise<void> {
  apis[index] = (await ready(beginLedgerServer(index))).apiUrl as string;
}

async function startTrustNode(index: number): Promise<void> {
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
    data: join(dir, `trust-${index}`),
    genesis: join(dir, 'genesis.json'),
    keys: await writeJson(`trust-${index}-keys.json`, keys),
    roles: ['trust'],
    mqtt: [{ trustNode: index, tcp: { host: HOST, port: ports.mqtt[index]! } }],
    mesh: [
      {
        self: `trust:${index}`,
        listen: { host: HOST, port: ports.trust[index]! },
        peers: [
          ...all(LEDGERS).map((i) => ({ peer: `ledger:${i}`, host: HOST, port: ports.mesh[i]! })),
          ...all(index).map((i) => ({ peer: `trust:${i}`, host: HOST, port: ports.trust[i]! })),
        ],
      },
    ],
    verifyWorkers: 1,
  };
  const path = await writeJson(`trust-${index}.json`, config);
  await ready(begin(`trust node ${index}`, MAIN, ['node', '--config', path, '--json']));
}

function transfers(count: number): Uint8Array[] {
  const to = devnetKeys(seed, 'shop').publicKey;
  return Array.from({ length: count }, () => {
    const payer = nextPayer++ % PAYERS;
    const keys = payers[payer]!;
    sequences[payer]! += 1;
    return signTransaction(
      network,
      {
        sender: keys.publicKey,
        sequence: sequences[payer]!,
        expiryMs: Date.now() + 600_000,
        operations: [{ type: 'transferToKey', to, amount: 1_000 }],
        memo: new Uint8Array(0),
      },
      keys,
    ).envelope;
  });
}

/** Hands a batch to one server's API and waits until all of it is final there; how often each code came. */
async function submit(server: number, envelopes: readonly Uint8Array[]): Promise<Record<string, number>> {
  const parts = envelopes.flatMap((envelope) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(envelope.length);
    return [length, envelope];
  });
  const response = await fetch(`${apis[server]}/v1/transactions/batch?wait=final`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: Buffer.concat(parts),
  });
  const outcome = (await response.json()) as { results?: { id: string; code: string }[] };
  assert(outcome.results !== undefined, JSON.stringify(outcome));
  const codes: Record<string, number> = {};
  for (const { id, code } of outcome.results) {
    codes[code] = (codes[code] ?? 0) + 1;
    if (code === 'ok') finals.push(id);
  }
  return codes;
}

/** All servers give the same state hash for the newest round that all of them have; each has every final transaction. */
async function sameState(): Promise<void> {
  await vi.waitFor(async () => {
    const last = await Promise.all(
      apis.map(async (api) => (await json(`${api}/v1/rounds?limit=1`)).items[0]),
    );
    const number = Math.min(...last.map((round) => round.number));
    const rounds = await Promise.all(apis.map((api) => json(`${api}/v1/rounds/${number}`)));
    expect(new Set(rounds.map((round) => round.stateHash)).size).toBe(1);
    for (const api of apis)
      for (const id of finals)
        expect(await json(`${api}/v1/transactions/${id}`)).toMatchObject({ code: 'ok' });
  }, WAIT);
}

// biome-ignore lint/suspicious/noExplicitAny: the API's own tests hold its forms.
async function json(url: string): Promise<any> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return response.json();
}

describe.skipIf(file === undefined)(
  'four ledger servers on CometBFT, two trust nodes and a fleet, each a process',
  () => {
    beforeAll(async () => {
      assert(existsSync(MAIN) && existsSync(FLEET), 'the processes run dist: build first (tsc -b)');
      dir = await mkdtemp(join(tmpdir(), 'iotw-mesh-'));
      const found = await freePorts(HOST, 3 * LEDGERS + 2 * TRUST);
      const take = (count: number): number[] => found.splice(0, count);
      ports = {
        mesh: take(LEDGERS),
        comet: take(LEDGERS),
        rpc: take(LEDGERS),
        trust: take(TRUST),
        mqtt: take(TRUST),
      };
      await writeJson('genesis.json', genesisToJson(genesis));
      await Promise.all(all(LEDGERS).map((index) => writeLedgerServer(index)));
      await Promise.all(all(LEDGERS).map(startLedgerServer));
      for (const index of all(TRUST)) await startTrustNode(index);
      const fleet = {
        network: toHex(network),
        seed: toHex(fleetSeed),
        boot: join(dir, 'fleet'),
        trustNodes: ports.mqtt.map((port, index) => ({ index, host: HOST, port })),
        count: DEVICES,
      };
      await ready(begin('device fleet', FLEET, ['--json', JSON.stringify(fleet), '--stdin-lifeline']));
    }, 120_000);

    afterAll(async () => {
      await Promise.all([...children].map((child) => child.stop(8_000)));
      await rm(dir, { recursive: true, force: true });
    }, 60_000);

    test('payments are final at any server, and all servers have one state', {
      timeout: 120_000,
    }, async () => {
      for (const server of all(LEDGERS)) expect(await submit(server, transfers(10))).toEqual({ ok: 10 });
      await sameState();
    });

    test('one server and its CometBFT killed: payments go on at the others; it comes back with all of them', {
      timeout: 240_000,
    }, async () => {
      ledgers[3]!.process.kill('SIGKILL');
      await ledgers[3]!.ended;
      for (let i = 0; i < 3; i++) expect(await submit(i, transfers(10))).toEqual({ ok: 10 });
      await startLedgerServer(3);
      await sameState();
      expect(await submit(3, transfers(10))).toEqual({ ok: 10 });
    });

    test('each killed once under load, one at a time: nothing final is lost, one state', {
      timeout: 300_000,
    }, async () => {
      for (const victim of [1, 2]) {
        const load = submit(0, transfers(20));
        ledgers[victim]!.process.kill('SIGKILL');
        await ledgers[victim]!.ended;
        expect(await load).toEqual({ ok: 20 });
        await startLedgerServer(victim);
        await sameState();
      }
    });

    // Between its engine's word and its disk; FinalizeBlock and Commit of CometBFT lie around the third.
    test.each([
      'engine-decide',
      'engine-decided',
      'runtime-round-persist',
      'store-commit-before-sync',
      'store-commit-after-sync',
      'engine-applied',
    ])('one killed at %s is with the others again', { timeout: 240_000 }, async (failpoint) => {
      const victim = 3;
      await ledgers[victim]!.stop(10_000);
      process.env.IOTW_FAILPOINTS = `${failpoint}=exit@4`;
      beginLedgerServer(victim);
      delete process.env.IOTW_FAILPOINTS;
      let dead = false;
      const ended = ledgers[victim]!.ended.then(() => {
        dead = true;
      });
      while (!dead) expect(await submit(0, transfers(5))).toEqual({ ok: 5 });
      await ended;
      expect(ledgers[victim]!.process.signalCode).toBe('SIGKILL');
      await startLedgerServer(victim);
      await sameState();
    });

    test('one that lost its disk fetches every block again and is with the others', {
      timeout: 240_000,
    }, async () => {
      const victim = 3;
      await ledgers[victim]!.stop(10_000);
      await rm(join(dir, `ledger-${victim}`), { recursive: true });
      // It no longer knows what it signed last: the others must be past that before it votes again.
      for (let i = 0; i < 3; i++) expect(await submit(i, transfers(5))).toEqual({ ok: 5 });
      await startLedgerServer(victim);
      await sameState();
      expect(await submit(victim, transfers(5))).toEqual({ ok: 5 });
    });

    // Killed on its way, and then not: what it left behind is nothing, or the whole state.
    test.each([
      ['at its first try', ''],
      ['killed before the state is stored', 'state-sync-store=exit'],
      ['killed before CometBFT knows of the stored state', 'state-sync-stored=exit'],
      ['killed where CometBFT goes on', 'state-sync-followed=exit'],
    ])(
      'one that lost its disk joins by state sync, %s, and votes',
      { timeout: 240_000 },
      async (_, failpoint) => {
        const victim = 3;
        await ledgers[victim]!.stop(10_000);
        await rm(join(dir, `ledger-${victim}`), { recursive: true });
        for (let i = 0; i < 3; i++) expect(await submit(i, transfers(5))).toEqual({ ok: 5 });
        await writeLedgerServer(victim, await trusted());
        if (failpoint !== '') {
          process.env.IOTW_FAILPOINTS = failpoint;
          const killed = beginLedgerServer(victim);
          delete process.env.IOTW_FAILPOINTS;
          await killed.ended;
          expect(killed.process.signalCode).toBe('SIGKILL');
        }
        // It has no history of what was before the snapshot.
        finals.length = 0;
        await startLedgerServer(victim);
        expect((await fetch(`${apis[victim]}/v1/rounds/1`)).status).toBe(404);
        expect(await submit(victim, transfers(5))).toEqual({ ok: 5 });
        await sameState();
        // Three of four decide: without its vote nothing is.
        await ledgers[2]!.stop(10_000);
        expect(await submit(victim, transfers(5))).toEqual({ ok: 5 });
        await startLedgerServer(2);
        await sameState();
      },
    );
  },
);

/** The newest block, as an operator reads it from a server that it trusts. */
async function trusted(): Promise<StateSync> {
  const { result } = await json(`http://${HOST}:${ports.rpc[0]}/commit`);
  const { header, commit } = result.signed_header;
  return {
    trustHeight: Number(header.height),
    trustHash: commit.block_id.hash,
    rpcServers: [0, 1].map((i) => `http://${HOST}:${ports.rpc[i]}`),
  };
}
