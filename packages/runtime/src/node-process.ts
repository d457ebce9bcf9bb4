import { randomBytes } from 'node:crypto';
import type { DeviceTransport } from '@iotw/adapters/mqtt/device-transport';
import type { Backend, CommitSource, NodeStatus, SubmitOutcome, WaitFor } from '@iotw/api/backend';
import { assert } from '@iotw/kernel/assert';
import { fromHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { HeldKeys } from '@iotw/nodes/held-keys';
import { ledgerScreen } from '@iotw/nodes/intake/screen';
import { viewOf } from '@iotw/nodes/ledger-server/chain-state';
import type { RestoredLedger } from '@iotw/nodes/ledger-server/restore';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { StoredHistory } from '@iotw/nodes/ledger-server/stored-history';
import { type ChainViewState, ledgerPeer, type PeerId, type PeerMessage } from '@iotw/nodes/messages';
import { DEFAULT_TRUST_NODE_LIMITS } from '@iotw/nodes/trust-node/context';
import { restoreTrustNode } from '@iotw/nodes/trust-node/restore';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import type { HostAddress, HostMove } from '@iotw/protocol/hello';
import { checkEngine } from './check-engine.js';
import { CommitQueue } from './commit-queue.js';
import { type Directory, LedgerDirectory } from './directory.js';
import { type LedgerIdentity, LedgerRole } from './ledger-role.js';
import { LocalEntrance } from './local-entrance.js';
import { MeshLinks } from './mesh-links.js';
import { MessageRouter } from './message-router.js';
import type { NodeProcessOptions } from './process-options.js';
import { RemoteDirectory } from './remote-directory.js';
import { RemoteEntrance } from './remote-entrance.js';
import { claimStore, restoreLedger } from './restore-ledger.js';
import type { Shell } from './shell.js';
import { joinIfEmpty, openSnapshots, type SnapshotMaker } from './state-sync.js';
import { Ticker } from './ticker.js';
import { TrustRole, type TrustRoleHost } from './trust-role.js';
import { VerifyQueue } from './verify-queue.js';

/** Ticks come at least this often while something is under way, ms. */
const MIN_TICK_MS = 5;
const IDLE_TICK_MS = 50;

/** One process of a network with any mix of roles: drives their machines. */
export class NodeProcess implements Backend {
  readonly network: Uint8Array;
  readonly genesis: Genesis;
  readonly history: StoredHistory;
  readonly commits: CommitQueue;
  /** Who is who on the ledger, as far as this process knows. */
  readonly directory: Directory;
  readonly #options: NodeProcessOptions;
  readonly #router = new MessageRouter();
  readonly #ticker: Ticker;
  readonly #ledger: LedgerRole | undefined;
  readonly #trust: readonly TrustRole[];
  readonly #entrance: LocalEntrance | RemoteEntrance;
  readonly #mesh: MeshLinks;
  readonly #snapshots: SnapshotMaker | undefined;
  readonly #listeners = new Set<(record: RoundRecord) => void>();
  #settling = false;
  #stopping = false;
  #halted = false;

  /**
   * Restores ledger and trust nodes from the store; a ledger server without a ledger joins by state sync first, where it has
   * trust options. Errors: see restore-ledger, check-engine and state-sync; `node-no-role` (no node is asked for).
   */
  static async open(options: NodeProcessOptions): Promise<Result<NodeProcess>> {
    const { genesis, store, failpoints } = options;
    const tell = (line: string): void => options.log?.(line, {});
    const checker = new SignatureChecker();
    const ledgerOptions = { checker, indexSalt: randomBytes(32), versions: options.versions };
    if (options.ledger !== undefined) {
      const joined = await joinIfEmpty(options, options.ledger);
      if (!joined.ok) return joined;
      const restored = await restoreLedger(store, genesis, ledgerOptions, failpoints, tell);
      if (!restored.ok) return restored;
      const { ledger } = restored.value;
      const engine = checkEngine(store, ledger.round, options.cometbft !== undefined);
      if (!engine.ok) return engine;
      const snapshots = await openSnapshots(options);
      if (!snapshots.ok) return snapshots;
      return ok(new NodeProcess(options, restored.value, viewOf(ledger), checker, snapshots.value));
    }
    if (options.trust.length === 0) {
      return fail(
        'node-no-role',
        'The key file names neither a trust node nor a ledger server: this process would have nothing to do.',
      );
    }
    const claimed = await claimStore(store, networkId(genesis), tell);
    if (!claimed.ok) return claimed;
    return ok(new NodeProcess(options, undefined, viewOf(Ledger.genesis(genesis, ledgerOptions)), checker));
  }

  /** `ledger`: of a process that has one. `view`: what its trust nodes start from, the genesis' without a ledger. */
  private constructor(
    options: NodeProcessOptions,
    restored: RestoredLedger | undefined,
    view: ChainViewState,
    checker: SignatureChecker,
    snapshots?: SnapshotMaker,
  ) {
    const { genesis, store } = options;
    const ledger = restored?.ledger;
    this.#options = options;
    this.#snapshots = snapshots;
    this.genesis = genesis;
    this.network = networkId(genesis);
    this.history = new StoredHistory(store);
    const settle = (): void => this.#settle();
    this.commits = new CommitQueue(store, (fault) => this.#halt(fault), settle, options.failpoints);
    this.#ticker = new Ticker(this.#nowMs, () => this.#tick());
    const shell = this.#shell(new VerifyQueue(options.verifier));
    this.#trust = this.#trustRoles(shell, view, checker);
    this.directory = ledger === undefined ? new RemoteDirectory(genesis, store) : new LedgerDirectory(ledger);
    const screen = ledger === undefined ? undefined : ledgerScreen(ledger);
    const blockMost = options.limits?.blockMost ?? DEFAULT_TRUST_NODE_LIMITS.blockMost;
    this.#entrance =
      options.ledger === undefined || this.#trust.length > 0
        ? new LocalEntrance(shell, this.#trust, blockMost, screen)
        : new RemoteEntrance(shell, {
            self: ledgerPeer(options.ledger.index),
            screen: screen!,
            trustNodes: () => this.#reachableTrustNodes(),
            spent: (envelope) => this.#ledger?.spent(envelope) === true,
          });
    this.#ledger =
      options.ledger === undefined ? undefined : this.#ledgerRole(shell, options.ledger, restored!, checker);
    this.#mesh = new MeshLinks({
      network: this.network,
      identities: options.mesh ?? [],
      peerOf: (linkKey) => this.directory.peerOf(linkKey),
      unheard: () => this.#ledger === undefined && this.#trust.every(({ node }) => node.round === 0),
      receive: (from, to, message) => this.#onMesh(from, to, message),
      settle: () => this.#settle(),
      failpoints: options.failpoints,
      ...(options.log === undefined ? {} : { log: options.log }),
    });
    this.#router.connect((from, to, message) => this.#mesh.send(from, to, message));
  }

  #trustRoles(shell: Shell, view: ChainViewState, checker: SignatureChecker): TrustRole[] {
    const { store, ledger, limits, trust, versions } = this.#options;
    const shared = {
      versions: versions && [...versions.keys()],
      network: this.network,
      checker,
      view,
      stale: ledger === undefined,
      keptByRounds: ledger !== undefined,
      ...(limits === undefined ? {} : { limits }),
    };
    const host: TrustRoleHost = {
      submit: (run, waitFor) => this.submit(run, waitFor),
      blockLeft: (lane) => {
        if (this.#entrance instanceof LocalEntrance) this.#entrance.rotate(lane);
      },
      standing: (trustNode, standing) => this.#options.onStanding?.(trustNode, standing),
    };
    return trust.map(({ keys: present, nextKeys, ...identity }) => {
      const restored = restoreTrustNode(store, identity.index);
      const keys = new HeldKeys(present, nextKeys);
      return new TrustRole(shell, { ...identity, keys, ...shared, ...restored }, host);
    });
  }

  #shell(verifier: VerifyQueue): Shell {
    const self = this;
    return {
      network: this.network,
      router: this.#router,
      commits: this.commits,
      verifier,
      failpoints: this.#options.failpoints,
      get stopping() {
        return self.#stopping;
      },
      get halted() {
        return self.#halted;
      },
      nowMs: () => this.#nowMs(),
      settle: () => this.#settle(),
      log: (line, data) => this.#options.log?.(line, data),
      halt: (fault) => this.#halt(fault),
    };
  }

  #ledgerRole(shell: Shell, identity: LedgerIdentity, restored: RestoredLedger, checker: SignatureChecker) {
    const entrance = this.#entrance;
    return new LedgerRole(shell, {
      ...this.#options,
      identity,
      restored,
      checker,
      snapshots: this.#snapshots,
      verify: (run) =>
        entrance instanceof RemoteEntrance ? entrance.verifyBlock(run) : shell.verifier.verify(run),
      applied: (record, outcome) => this.#onApplied(record, outcome),
    });
  }

  /** The ledger of this process; asking a process without the role is a bug. */
  get ledger(): Ledger {
    assert(this.#ledger !== undefined, 'this process has no ledger server');
    return this.#ledger.ledger;
  }

  /** Trust nodes where devices may log in, as a trust node of this process knows them. */
  hostsOf(trustNode: number): readonly HostAddress[] {
    return this.#roleOf(trustNode).node.hosts;
  }

  /** Where a device (hex of its key) belongs that is to leave a trust node of this process. */
  moveOf(trustNode: number, deviceKeyHex: string): HostMove | undefined {
    const key = fromHex(deviceKeyHex, 32);
    const device = key === undefined ? undefined : this.directory.authorize(key);
    return device?.ok === true ? this.#roleOf(trustNode).node.moveOf(device.value) : undefined;
  }

  #roleOf(index: number): TrustRole {
    const role = this.#trust.find(({ node }) => node.index === index);
    assert(role !== undefined, `trust node ${index} is not of this process`);
    return role;
  }

  /** Wires a trust node of this process to its devices; before `start`. */
  attach(index: number, transport: DeviceTransport): void {
    this.#roleOf(index).attach(transport);
  }

  /**
   * Opens the links, starts what orders, and begins to tick: blocks left on disk are taken up, epochs turn. Errors:
   * those of the mesh (`mesh-port-taken` ...) and of CometNode.start. Returns the ports of the mesh, by node.
   */
  async start(): Promise<Result<ReadonlyMap<PeerId, number>>> {
    const ports = await this.#mesh.start();
    const ordering = ports.ok ? await this.#ledger?.start() : undefined;
    if (ordering?.ok === false) return ordering;
    if (ports.ok) this.#ticker.now();
    return ports;
  }

  async submit(run: VerifyRun, waitFor: WaitFor): Promise<Result<SubmitOutcome>> {
    if (this.#stopping || this.#halted)
      return fail('node-stopping', 'The node is stopping: submit to another one, or after its restart.');
    return this.#entrance.submit(run, waitFor);
  }

  /** Signing keys of a node of this process: those of now, and those it takes by itself once the ledger lists them. */
  holdKeys(self: PeerId, keys: KeyPair, nextKeys: KeyPair | undefined): void {
    for (const role of [...this.#trust, this.#ledger]) if (role?.peer === self) role.hold(keys, nextKeys);
    this.#settle();
  }

  /** Seeds of link keys, likewise. */
  holdLinkSeeds(self: PeerId, linkSeed: Uint8Array, nextLinkSeed: Uint8Array | undefined): void {
    this.#mesh.hold(self, linkSeed, nextLinkSeed);
    if (this.#ledger?.peer === self) this.#ledger.holdLinkSeeds(linkSeed, nextLinkSeed);
  }

  readonly #nowMs = (): number => this.#options.clock.nowMs();

  #reachableTrustNodes(): PeerId[] {
    // What a suspended lane would hold until it expires goes to the others.
    const takes = (peer: PeerId): boolean =>
      peer.startsWith('trust:') &&
      this.#ledger?.ledger.trustNodes.read(Number(peer.slice(6)))?.suspended === false;
    return this.#mesh.peers().flatMap(({ peer, up }) => (up && takes(peer) ? [peer] : []));
  }

  #onApplied(record: RoundRecord, outcome: RoundOutcome): void {
    for (const listener of this.#listeners) listener(record);
    if (this.#entrance instanceof RemoteEntrance) this.#entrance.onRound(outcome, record.header.timeMs);
    if (outcome.changes.keys.length === 0) return;
    this.#mesh.updateAllowed();
    for (const role of this.#trust) role.refreshDevices();
  }

  #onMesh(from: PeerId, to: PeerId, message: PeerMessage): void {
    this.#router.send(from, to, message);
    if (!(this.directory instanceof RemoteDirectory)) return;
    const change = this.directory.follow(message);
    if (change.keys) {
      this.#options.failpoints?.hit('runtime-directory-save');
      this.commits.add(this.directory.saved(), () => {});
      this.#mesh.updateAllowed();
    }
    if (change.devices) for (const role of this.#trust) role.refreshDevices();
  }

  /** Delivers what the machines said to each other until nobody says anything; then decides and commits. */
  #settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    do {
      this.#router.deliverAll();
      this.#ledger?.decide();
    } while (this.#router.waiting);
    this.#settling = false;
    this.commits.flush();
    this.#rearm();
  }

  #rearm(): void {
    const nowMs = this.#nowMs();
    if (this.#halted || this.#ticker.comesBy(nowMs + MIN_TICK_MS)) return;
    let at = nowMs + IDLE_TICK_MS;
    for (const { node } of this.#trust) {
      const deadline = node.nextDeadlineMs(nowMs);
      if (deadline !== undefined && deadline < at) at = deadline;
    }
    this.#ticker.by(at, nowMs, MIN_TICK_MS);
  }

  #tick(): void {
    const verifying = this.#entrance.verifying > 0;
    for (const role of this.#trust) role.step({ kind: 'tick', verifying });
    const nowMs = this.#nowMs();
    this.#ledger?.tick(nowMs);
    this.#mesh.tick(nowMs);
    if (this.#entrance instanceof RemoteEntrance) this.#entrance.tick(nowMs);
    this.#settle();
  }

  #halt(fault: Failure): void {
    if (this.#halted) return;
    this.#halted = true;
    this.#ticker.stop();
    this.#options.onHalt(fault);
  }

  get kept(): Backend['kept'] {
    return this.#ledger?.kept ?? { first: 1, left: 0 };
  }

  get engineCommits(): CommitSource | undefined {
    return this.#ledger?.engineCommits;
  }

  onRound(listener: (record: RoundRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): NodeStatus {
    return {
      roles: [
        ...(this.#ledger === undefined ? [] : ['ledger']),
        ...(this.#trust.length > 0 ? ['trust'] : []),
      ],
      ready: !this.#stopping && !this.#halted,
      trustNodes: this.#trust.map(({ node }) => ({
        index: node.index,
        devicesConnected: node.devicesConnected,
        blocksInFlight: node.blocksInFlight,
        pending: node.queue.pending,
        ...node.hostStats,
      })),
      verifying: this.#entrance.verifying,
      peers: this.#mesh.peers(),
      commits: this.commits.stats,
    };
  }

  /** Refuses what is new, lets what is under way become durable, then stops ticking. The store stays open. */
  async stop(graceMs = 2_000): Promise<void> {
    this.#options.failpoints?.hit('runtime-stop');
    this.#stopping = true;
    const until = this.#nowMs() + graceMs;
    const busy = () =>
      this.#entrance.busy ||
      this.#trust.some(({ node }) => node.queue.pending > 0 || node.blocksInFlight > 0) ||
      this.#ledger?.idle === false;
    while (busy() && this.#nowMs() < until && !this.#halted)
      await new Promise((resolve) => setTimeout(resolve, 10));
    await this.#ledger?.stop();
    this.#ticker.stop();
    if (!this.#halted) await this.commits.drained();
    this.#halted = true;
    await this.#mesh.close();
  }
}
