/** Four ledger servers in this process, each with a CometBFT of its own; for tests that stop them and start them again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StateSyncPlan } from '@iotw/adapters/cometbft/home';
import { freePorts } from '@iotw/adapters/free-ports';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import type { VersionTable } from '@iotw/ledger/version-rules';
import type { Genesis } from '@iotw/protocol/genesis';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { assert, expect, vi } from 'vitest';
import { NodeProcess } from './node-process.js';
import type { NodeProcessOptions } from './process-options.js';
import type { SnapshotPlan } from './state-sync.js';
import { wallClock } from './wall-clock.js';

const HOST = '127.0.0.1';
const SERVERS = 4;
export const WAIT = { timeout: 60_000, interval: 100 };
export const everybody = Array.from({ length: SERVERS }, (_, i) => i);

interface Server {
  readonly node: NodeProcess;
  readonly store: Store;
}

interface Shape {
  /** CometBFT's binary. */
  readonly file: string;
  readonly genesis?: Partial<Genesis>;
  /** Trust nodes that run beside server 0. */
  readonly trust?: NodeProcessOptions['trust'];
  /** How far back a server keeps rounds, ms; undefined: it keeps all. */
  readonly keepMs?: (index: number) => number | undefined;
  /** The servers make snapshots, and answer light clients: others may join by state sync. */
  readonly snapshots?: Pick<SnapshotPlan, 'keep' | 'everyMs'>;
}

export class CometServers {
  readonly genesis: Genesis;
  readonly network: Uint8Array;
  readonly running = new Map<number, Server>();
  /** What they told, halts among it. */
  readonly faults: string[] = [];
  /** What the software of a server knows at its next start. */
  readonly versions = new Map<number, VersionTable>();
  /** What a server trusts that joins by state sync at its next start. */
  readonly stateSync = new Map<number, StateSyncPlan>();
  readonly #shape: Shape;
  #dir = '';
  #ports: number[] = [];

  constructor(shape: Shape) {
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
        ...shape.genesis,
      },
      parameters: { epochMs: 1_000, seedSource: SEED_SOURCE.threshold },
    });
    this.genesis = genesis;
    this.network = network;
    this.#shape = shape;
  }

  async open(): Promise<void> {
    this.#dir = mkdtempSync(join(tmpdir(), 'iotw-cometbft-'));
    this.#ports = await freePorts(HOST, 3 * SERVERS);
    await Promise.all(everybody.map((index) => this.start(index)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.running.keys()].map((index) => this.stop(index)));
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** CometBFT's home of a server. */
  home(index: number): string {
    return join(this.#dir, `cometbft-${index}`);
  }

  async start(index: number): Promise<void> {
    const started = await this.tryStart(index);
    assert(started.ok, started.ok ? '' : started.error.message);
  }

  /** Errors: those of NodeProcess.open. */
  async tryStart(index: number): Promise<Result<void>> {
    const lmdb = await openLmdbStore({ path: join(this.#dir, `ledger-${index}`) });
    assert(lmdb.ok);
    const ports = this.#ports;
    const { snapshots } = this.#shape;
    const keepMs = this.#shape.keepMs?.(index);
    const trust = index === 0 ? (this.#shape.trust ?? []) : [];
    const linkTo = (peer: number) => ({ peer: `ledger:${peer}` as const, host: HOST, port: ports[peer]! });
    const linkSeed = sha256(utf8(`ledger-link${index}`));
    const opened = await NodeProcess.open({
      genesis: this.genesis,
      store: lmdb.value,
      verifier: inlineVerifier(this.network),
      clock: wallClock(),
      trust,
      versions: this.versions.get(index),
      ...(keepMs === undefined ? {} : { keepMs }),
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
          peers: everybody.slice(0, index).map(linkTo),
        },
        ...trust.map((node) => ({
          self: `trust:${node.index}` as const,
          linkSeed: sha256(utf8(`trust-link${node.index}`)),
          peers: everybody.slice(1).map(linkTo),
        })),
      ],
      cometbft: {
        home: this.home(index),
        file: this.#shape.file,
        linkSeed,
        listen: { host: HOST, port: ports[SERVERS + index]! },
        peers: everybody
          .filter((peer) => peer !== index)
          .map((server) => ({ server, host: HOST, port: ports[SERVERS + server]! })),
        stateSync: this.stateSync.get(index),
        ...(snapshots === undefined
          ? {}
          : {
              rpc: { host: HOST, port: ports[2 * SERVERS + index]! },
              snapshots: { ...snapshots, folder: this.snapshotFolder(index) },
            }),
      },
      log: (line) => this.faults.push(`ledger:${index} ${line}`),
      onHalt: ({ code, message }) => this.faults.push(`ledger:${index} HALTED ${code}: ${message}`),
    });
    if (!opened.ok) {
      await lmdb.value.close();
      return opened;
    }
    const started = await opened.value.start();
    assert(started.ok, started.ok ? '' : started.error.message);
    this.running.set(index, { node: opened.value, store: lmdb.value });
    return ok(undefined);
  }

  async stop(index: number): Promise<void> {
    const { node, store } = this.running.get(index)!;
    this.running.delete(index);
    await node.stop(0);
    await store.close();
  }

  /** Where a server keeps what it gives to those that join. */
  snapshotFolder(index: number): string {
    return join(this.#dir, `snapshots-${index}`);
  }

  /** Server 0's newest block as what one that joins trusts. */
  async trusted(): Promise<StateSyncPlan> {
    const rpc = (index: number): string => `http://${HOST}:${this.#ports[2 * SERVERS + index]}`;
    const { result } = (await (await fetch(`${rpc(0)}/commit`)).json()) as {
      result: { signed_header: { header: { height: string }; commit: { block_id: { hash: string } } } };
    };
    const { header, commit } = result.signed_header;
    return {
      trustHeight: Number(header.height),
      trustHash: commit.block_id.hash,
      rpcServers: [rpc(0), rpc(1)],
    };
  }

  /** Takes everything away that a stopped server had. */
  wipe(index: number): void {
    for (const path of [this.home(index), this.snapshotFolder(index), join(this.#dir, `ledger-${index}`)])
      rmSync(path, { recursive: true, force: true });
  }

  get halts(): string[] {
    return this.faults.filter((fault) => fault.includes('HALTED'));
  }

  get nodes(): NodeProcess[] {
    return [...this.running.values()].map(({ node }) => node);
  }

  get rounds(): number[] {
    return this.nodes.map(({ ledger }) => ledger.round);
  }

  /** Every running server comes to have `more` rounds beyond what the first has now. */
  async goesOn(more: number): Promise<void> {
    const target = Math.max(...this.rounds) + more;
    await vi.waitFor(() => {
      for (const round of this.rounds)
        expect(round, this.faults.slice(-5).join('\n')).toBeGreaterThanOrEqual(target);
    }, WAIT);
  }

  /** Of every round that is durable on all running servers they have one state hash. */
  agreeOnAll(): void {
    this.agreeFrom(1);
  }

  /** The same from that round on: one that joined by state sync has none before its snapshot. */
  agreeFrom(first: number): void {
    const last = Math.min(...this.rounds) - 1;
    expect(last).toBeGreaterThan(first);
    for (let number = first; number <= last; number++) {
      const hashes = this.nodes.map((node) => {
        const record = node.history.round(number);
        assert(record !== undefined, `round ${number} is not there`);
        return toHex(record.header.stateHash);
      });
      expect(new Set(hashes).size, `${number}`).toBe(1);
    }
  }
}
