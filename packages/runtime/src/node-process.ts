import { randomBytes } from 'node:crypto';
import { EmbeddedEngine } from '@iotw/adapters/engine/embedded-engine';
import type { DeviceTransport } from '@iotw/adapters/mqtt/device-transport';
import type { Backend, NodeStatus, SubmitOutcome, WaitFor } from '@iotw/api/backend';
import type { KeyPair } from '@iotw/kernel/ed25519';
import type { Store } from '@iotw/kernel/ports/store';
import type { TransactionVerifier, VerifyRun } from '@iotw/kernel/ports/verifier';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import type { NodeEffect } from '@iotw/nodes/effects';
import { Intake } from '@iotw/nodes/intake/intake';
import { viewOf } from '@iotw/nodes/ledger-server/chain-state';
import { epochKey, POOL_TABLE, readPool, SETTLEMENT_TABLE } from '@iotw/nodes/ledger-server/epoch-records';
import {
  LedgerServer,
  type LedgerServerEffect,
  type LedgerServerEvent,
} from '@iotw/nodes/ledger-server/ledger-server';
import {
  ROUND_TABLE,
  type RoundRecord,
  readRoundRecord,
  roundKey,
} from '@iotw/nodes/ledger-server/round-record';
import { ledgerPeer, type PeerId, type PeerMessage, trustPeer } from '@iotw/nodes/messages';
import type { TrustNodeEffect, TrustNodeLimits } from '@iotw/nodes/trust-node/context';
import { TrustNode, type TrustNodeEvent } from '@iotw/nodes/trust-node/trust-node';
import type { Genesis } from '@iotw/protocol/genesis';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import { CommitQueue } from './commit-queue.js';
import { restoreLedger, snapshotWrites } from './restore-ledger.js';
import { restoreTrustNode } from './restore-trust-node.js';
import { newWaiter, tell } from './submissions.js';
import type { WallClock } from './wall-clock.js';

export interface TrustIdentity {
  readonly index: number;
  readonly keys: KeyPair;
  readonly accountKeys: KeyPair;
}

export interface LedgerIdentity {
  readonly index: number;
  readonly keys: KeyPair;
  readonly vrfKeys: KeyPair;
}

export interface NodeProcessOptions {
  readonly genesis: Genesis;
  readonly store: Store;
  readonly verifier: TransactionVerifier;
  readonly clock: WallClock;
  readonly trust: readonly TrustIdentity[];
  readonly ledger: LedgerIdentity;
  readonly limits?: Partial<TrustNodeLimits>;
  /** The process can't go on (the disk refuses, a round can't be applied): stop it. */
  readonly onHalt: (fault: Failure) => void;
}

interface Delivery {
  readonly from: PeerId;
  readonly to: PeerId;
  readonly message: PeerMessage;
}

/** Ticks come at least this often while something is under way, ms. */
const MIN_TICK_MS = 5;
const IDLE_TICK_MS = 50;

/** One process of a network with a ledger server and any number of trust nodes: drives their machines. */
export class NodeProcess implements Backend {
  readonly network: Uint8Array;
  readonly genesis: Genesis;
  readonly ledger: Ledger;
  readonly intake: Intake;
  readonly commits: CommitQueue;
  readonly #options: NodeProcessOptions;
  readonly #server: LedgerServer;
  readonly #engine: EmbeddedEngine;
  readonly #trust: readonly TrustNode[];
  readonly #byPeer = new Map<PeerId, TrustNode>();
  readonly #transports = new Map<number, DeviceTransport>();
  readonly #listeners = new Set<(record: RoundRecord) => void>();
  #deliveries: Delivery[] = [];
  #draining = false;
  #stopping = false;
  #halted = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  /** Restores ledger and trust nodes from the store. Errors: see restore-ledger. */
  static async open(options: NodeProcessOptions): Promise<Result<NodeProcess>> {
    const checker = new SignatureChecker();
    const restored = await restoreLedger(options.store, options.genesis, {
      checker,
      indexSalt: randomBytes(32),
    });
    return restored.ok ? ok(new NodeProcess(options, restored.value.ledger, checker)) : restored;
  }

  private constructor(options: NodeProcessOptions, ledger: Ledger, checker: SignatureChecker) {
    const { genesis, store } = options;
    this.#options = options;
    this.genesis = genesis;
    this.ledger = ledger;
    this.network = ledger.network;
    this.commits = new CommitQueue(store, (fault) => this.#halt(fault));
    const serverCount = genesis.ledgerServers.length;
    this.#server = new LedgerServer({ ...options.ledger, serverCount, ledger, checker });
    this.#engine = new EmbeddedEngine({
      propose: () => this.#server.buildRound(this.#nowMs()),
      decide: (input) => this.#stepServer({ kind: 'decided', input }),
    });
    const view = viewOf(ledger);
    this.#trust = options.trust.map(
      (identity) =>
        new TrustNode({
          ...identity,
          network: this.network,
          parameters: genesis.parameters,
          trustNodeCount: genesis.trustNodes.length,
          ledgerServers: [ledgerPeer(options.ledger.index)],
          checker,
          view,
          ...restoreTrustNode(store, identity.index),
          ...(options.limits === undefined ? {} : { limits: options.limits }),
        }),
    );
    for (const node of this.#trust) this.#byPeer.set(trustPeer(node.index), node);
    this.intake = new Intake(this.#trust.map((node) => node.queue));
  }

  /** Wires a trust node to its devices; before `start`. */
  attach(index: number, transport: DeviceTransport): void {
    const node = this.#byPeer.get(trustPeer(index))!;
    this.#transports.set(index, transport);
    transport.onResult((device, bytes) => this.#enter(node, { kind: 'device-result', device, bytes }));
    transport.onStatus((device, bytes) => this.#enter(node, { kind: 'device-status', device, bytes }));
    transport.onPresenceChange((device, presence) =>
      this.#enter(node, { kind: presence === 'up' ? 'device-up' : 'device-down', device }),
    );
    transport.onTransaction((_device, bytes) => {
      void this.submit({ bytes, offsets: Uint32Array.of(0, bytes.length) }, 'accepted');
    });
  }

  /** Begins to tick: blocks left on disk are taken up, epochs turn. */
  start(): void {
    this.#arm(0);
  }

  submit(run: VerifyRun, waitFor: WaitFor): Promise<Result<SubmitOutcome>> {
    if (this.#stopping || this.#halted) {
      return Promise.resolve(
        fail('node-stopping', 'The node is stopping: submit to another one, or after its restart.'),
      );
    }
    return new Promise((resolve) => {
      const effects: NodeEffect[] = [];
      const submitted = this.intake.submit(run, newWaiter(waitFor, resolve), effects);
      if (!submitted.ok) {
        resolve(submitted);
        return;
      }
      if (submitted.value.remaining === 0) tell(submitted.value, 'final');
      for (const effect of effects)
        if (effect.kind === 'verify') this.#verifyIntake(effect.token, effect.run);
    });
  }

  #verifyIntake(token: number, run: VerifyRun): void {
    this.#options.verifier.verify(run).then(
      (result) => {
        const effects: NodeEffect[] = [];
        for (const submission of this.intake.verified(token, result, effects)) tell(submission, 'accepted');
        for (const effect of effects)
          if (effect.kind === 'verify') this.#verifyIntake(effect.token, effect.run);
        const verifying = this.intake.verifying > 0;
        for (const node of this.#trust)
          if (node.queue.pending > 0) this.#stepTrust(node, { kind: 'offered', verifying });
        this.#drain();
      },
      (error: unknown) => {
        if (!this.#stopping)
          this.#halt({ code: 'verifier-failed', message: `Signatures can't be verified: ${String(error)}` });
      },
    );
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  #enter(node: TrustNode, event: TrustNodeEvent): void {
    this.#stepTrust(node, event);
    this.#drain();
  }

  #stepTrust(node: TrustNode, event: TrustNodeEvent): void {
    if (this.#halted) return;
    const effects: TrustNodeEffect[] = [];
    node.step(event, this.#nowMs(), effects);
    const from = trustPeer(node.index);
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#deliveries.push({ from, to: effect.to, message: effect.message });
          break;
        case 'persist':
          this.commits.add(effect.writes, () =>
            this.#enter(node, { kind: 'persisted', token: effect.token }),
          );
          break;
        case 'deliver':
          this.#transports.get(node.index)?.assign(effect.device, effect.assignment);
          break;
        case 'decided':
          tell(effect.submission, 'final');
          break;
        case 'certified':
          tell(effect.submission, 'certified');
          break;
        case 'block-left':
          this.intake.rotate();
          break;
        case 'epoch':
          this.#transports.get(node.index)?.refresh();
          break;
        case 'verify':
          break;
      }
    }
  }

  #stepServer(event: LedgerServerEvent): void {
    if (this.#halted) return;
    const effects: LedgerServerEffect[] = [];
    this.#server.step(event, this.#nowMs(), effects);
    const from = ledgerPeer(this.#options.ledger.index);
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#deliveries.push({ from, to: effect.to, message: effect.message });
          break;
        case 'persist':
          this.commits.add(effect.writes, () => {
            this.#stepServer({ kind: 'persisted', token: effect.token });
            this.#drain();
          });
          break;
        case 'edge':
          // Same commit as the round itself: a snapshot never stands without its round.
          this.commits.add(snapshotWrites(this.ledger), () => {});
          break;
        case 'applied':
          for (const listener of this.#listeners) listener(effect.record);
          this.#engine.applied();
          break;
        case 'verify':
          this.#options.verifier.verify(effect.run).then(({ ids, valid }) => {
            this.#stepServer({ kind: 'verified', token: effect.token, ids, valid });
            this.#drain();
          });
          break;
        case 'halted':
          this.#halt({ code: 'ledger-halted', message: effect.reason });
          break;
        case 'verdict':
          break;
      }
    }
  }

  /** Delivers what the machines said to each other until nobody says anything; then decides and commits. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    do {
      while (this.#deliveries.length > 0) {
        const deliveries = this.#deliveries;
        this.#deliveries = [];
        for (const delivery of deliveries) this.#deliver(delivery);
      }
      this.#engine.poke();
    } while (this.#deliveries.length > 0);
    this.#draining = false;
    this.commits.flush();
    this.#rearm();
  }

  #deliver({ from, to, message }: Delivery): void {
    const node = this.#byPeer.get(to);
    if (node !== undefined) this.#stepTrust(node, { kind: 'peer', from, message });
    else if (to === ledgerPeer(this.#options.ledger.index)) this.#stepServer({ kind: 'peer', from, message });
  }

  #rearm(): void {
    const nowMs = this.#nowMs();
    let at = nowMs + IDLE_TICK_MS;
    for (const node of this.#trust) {
      const deadline = node.nextDeadlineMs(nowMs);
      if (deadline !== undefined && deadline < at) at = deadline;
    }
    if (at < this.#timerAtMs) this.#arm(Math.max(MIN_TICK_MS, at - nowMs));
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#halted) return;
    this.#timerAtMs = this.#nowMs() + delayMs;
    this.#timer = setTimeout(() => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      const verifying = this.intake.verifying > 0;
      for (const node of this.#trust) this.#stepTrust(node, { kind: 'tick', verifying });
      this.#drain();
    }, delayMs);
  }

  #halt(fault: Failure): void {
    if (this.#halted) return;
    this.#halted = true;
    clearTimeout(this.#timer);
    this.#options.onHalt(fault);
  }

  round(number: number): RoundRecord | undefined {
    const value = this.#options.store.get(ROUND_TABLE, roundKey(number));
    return value === undefined ? undefined : readRoundRecord(value);
  }

  pool(epoch: number): EpochSnapshot | undefined {
    const value = this.#options.store.get(POOL_TABLE, epochKey(epoch));
    return value === undefined ? undefined : readPool(value);
  }

  settlement(epoch: number): Uint8Array | undefined {
    return this.#options.store.get(SETTLEMENT_TABLE, epochKey(epoch));
  }

  onRound(listener: (record: RoundRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): NodeStatus {
    return {
      roles: ['ledger', ...(this.#trust.length > 0 ? ['trust'] : [])],
      ready: !this.#stopping && !this.#halted,
      trustNodes: this.#trust.map((node) => ({
        index: node.index,
        devicesConnected: node.devicesConnected,
        blocksInFlight: node.blocksInFlight,
        pending: node.queue.pending,
        ...node.hostStats,
      })),
      verifying: this.intake.verifying,
      peers: [],
    };
  }

  /** Refuses what is new, lets what is under way become durable, then stops ticking. The store stays open. */
  async stop(graceMs = 2_000): Promise<void> {
    this.#stopping = true;
    const until = this.#nowMs() + graceMs;
    const busy = () =>
      this.intake.verifying > 0 ||
      this.#trust.some((node) => node.queue.pending > 0 || node.blocksInFlight > 0) ||
      !this.#engine.idle;
    while (busy() && this.#nowMs() < until && !this.#halted)
      await new Promise((resolve) => setTimeout(resolve, 10));
    this.#engine.stop();
    clearTimeout(this.#timer);
    if (!this.#halted) await this.commits.drained();
    this.#halted = true;
  }
}
