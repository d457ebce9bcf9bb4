import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { freePorts } from '@iotw/adapters/free-ports';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { afterAll, assert, beforeAll, describe, expect, it, vi } from 'vitest';
import { NodeProcess } from './node-process.js';
import { wallClock } from './wall-clock.js';

const HOST = '127.0.0.1';
const SERVERS = 4;
const WAIT = { timeout: 60_000, interval: 100 };
const file = cometBftForTests();
const everybody = Array.from({ length: SERVERS }, (_, i) => i);

const [template] = testGenesis().ledgerServers;
const { genesis, network } = new TestNetwork({
  genesis: {
    timeMs: Date.now(),
    devices: [],
    ledgerServers: everybody.map((i) => ({
      ...template!,
      key: keys(`ledger${i}`).publicKey,
      linkKey: keys(`ledger-link${i}`).publicKey,
      account: keys(`operator${i}`).publicKey,
      vrfKey: vrfKeyPairFromSeed(sha256(utf8(`vrf${i}`))).publicKey,
      operator: utf8(`ledger ${i}`),
    })),
  },
  parameters: { epochMs: 1_000, seedSource: SEED_SOURCE.threshold },
});

interface Server {
  readonly node: NodeProcess;
  readonly store: Store;
}

let dir: string;
let ports: number[];
const servers = new Map<number, Server>();
const faults: string[] = [];

async function start(index: number): Promise<void> {
  const lmdb = await openLmdbStore({ path: join(dir, `ledger-${index}`) });
  assert(lmdb.ok);
  const linkSeed = sha256(utf8(`ledger-link${index}`));
  const opened = await NodeProcess.open({
    genesis,
    store: lmdb.value,
    verifier: inlineVerifier(network),
    clock: wallClock(),
    trust: [],
    ledger: {
      index,
      keys: keys(`ledger${index}`),
      vrfKeys: vrfKeyPairFromSeed(sha256(utf8(`vrf${index}`))),
    },
    mesh: [
      {
        self: `ledger:${index}`,
        linkSeed,
        listen: { host: HOST, port: ports[index]! },
        peers: everybody
          .slice(0, index)
          .map((peer) => ({ peer: `ledger:${peer}` as const, host: HOST, port: ports[peer]! })),
      },
    ],
    cometbft: {
      home: join(dir, `cometbft-${index}`),
      file: file!,
      linkSeed,
      listen: { host: HOST, port: ports[SERVERS + index]! },
      peers: everybody
        .filter((peer) => peer !== index)
        .map((server) => ({ server, host: HOST, port: ports[SERVERS + server]! })),
    },
    log: (line) => faults.push(`ledger:${index} ${line}`),
    onHalt: ({ code, message }) => faults.push(`ledger:${index} HALTED ${code}: ${message}`),
  });
  assert(opened.ok, opened.ok ? '' : opened.error.message);
  const started = await opened.value.start();
  assert(started.ok, started.ok ? '' : started.error.message);
  servers.set(index, { node: opened.value, store: lmdb.value });
}

async function stop(index: number): Promise<void> {
  const { node, store } = servers.get(index)!;
  servers.delete(index);
  await node.stop(0);
  await store.close();
}

const rounds = (): number[] => [...servers.values()].map(({ node }) => node.ledger.round);

/** Every running server comes to have `more` rounds beyond what the first has now. */
async function goesOn(more: number): Promise<void> {
  const target = Math.max(...rounds()) + more;
  await vi.waitFor(() => {
    for (const round of rounds()) expect(round, faults.slice(-5).join('\n')).toBeGreaterThanOrEqual(target);
  }, WAIT);
}

/** What is durable of a round, on every running server: header (with the state hash) by server. */
function headersOf(number: number): string[] {
  return [...servers.values()].map(({ node }) => {
    const record = node.round(number);
    assert(record !== undefined, `round ${number} is not there`);
    return toHex(record.header.stateHash);
  });
}

function agreeOnAll(): void {
  const last = Math.min(...rounds()) - 1;
  for (let number = 1; number <= last; number++) expect(new Set(headersOf(number)).size, `${number}`).toBe(1);
}

describe.skipIf(file === undefined)('four ledger servers on CometBFT', () => {
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'iotw-cometbft-'));
    ports = await freePorts(HOST, 2 * SERVERS);
    await Promise.all(everybody.map(start));
  });
  afterAll(async () => {
    await Promise.all([...servers.keys()].map(stop));
    rmSync(dir, { recursive: true, force: true });
  });

  it('make their key together, open epochs with it and come to one state', async () => {
    await vi.waitFor(() => {
      for (const { node } of servers.values())
        expect(node.ledger.epoch, faults.slice(-8).join('\n')).toBeGreaterThanOrEqual(3);
    }, WAIT);
    agreeOnAll();
  });

  it('go on when one CometBFT is killed at any point, and its server is with them again', async () => {
    let killed: number | undefined;
    for (let kill = 0; kill < 3; kill++) {
      killed = await vi.waitFor(() => {
        const pid = Number(readFileSync(join(dir, 'cometbft-2', 'cometbft.pid'), 'utf8'));
        expect(pid).not.toBe(killed);
        return pid;
      }, WAIT);
      // From its handshake to the middle of its rounds.
      await new Promise((resolve) => setTimeout(resolve, 150 + 400 * kill));
      process.kill(killed, 'SIGKILL');
    }
    await goesOn(2);
    agreeOnAll();
    expect(faults.some((fault) => fault.includes('CometBFT ended (SIGKILL)'))).toBe(true);
  });

  it('go on without one; it comes back with what it had and has all that it missed', async () => {
    await stop(1);
    await goesOn(2);
    await start(1);
    await goesOn(1);
    agreeOnAll();
    expect(faults.filter((fault) => fault.includes('HALTED'))).toEqual([]);
  });

  it('decide nothing while two of them are gone', async () => {
    await stop(0);
    await stop(3);
    const before = rounds();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    // One round may have been decided when the last of the two left.
    for (const [i, round] of rounds().entries()) expect(round).toBeLessThanOrEqual(before[i]! + 1);
    await Promise.all([start(0), start(3)]);
    await goesOn(2);
    agreeOnAll();
  });
});
