import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Genesis } from '@iotw/protocol/genesis';
import type { Parameters } from '@iotw/protocol/parameters';
import { Journal } from './journal.js';
import { StateRoots } from './state-root.js';
import { Absences } from './tables/absences.js';
import { Accounts } from './tables/accounts.js';
import { Beacon } from './tables/beacon.js';
import { Chain } from './tables/chain.js';
import { Committee } from './tables/committee.js';
import { Devices } from './tables/devices.js';
import { Epochs, POOL_LEAD } from './tables/epochs.js';
import { Evidences } from './tables/evidences.js';
import { Lanes } from './tables/lanes.js';
import { Makers } from './tables/makers.js';
import { Misbehaviours } from './tables/misbehaviours.js';
import { ApiServers, LedgerServers, NodeKeys, SUSPENDED, TrustNodes } from './tables/nodes.js';
import { PassedOver } from './tables/passed-over.js';
import { Settlements } from './tables/payments.js';
import { Proposals } from './tables/proposals.js';
import { Rewards } from './tables/rewards.js';
import { Stakes } from './tables/stakes.js';
import type { Schema, Table } from './tables/table.js';
import { Trades } from './tables/trades.js';
import { Upgrades } from './tables/upgrades.js';
import { Witnessing } from './tables/witnessing.js';

/** What a round does to the world outside the balances; the node tells trust nodes and devices. */
export interface RoundChanges {
  readonly lanes: Set<number>;
  readonly removed: Set<number>;
  readonly reinstated: Set<number>;
  readonly keys: { readonly role: number; readonly index: number }[];
}

/** Every table, the undo journal, and where the transaction being applied stands. */
export class State {
  readonly network: Uint8Array;
  readonly genesis: Genesis;
  readonly checker: SignatureChecker;
  readonly accounts: Accounts;
  readonly trades: Trades;
  readonly devices: Devices;
  readonly makers = new Makers();
  readonly trustNodes = new TrustNodes();
  readonly ledgerServers = new LedgerServers();
  readonly apiServers = new ApiServers();
  readonly nodeKeys = new NodeKeys();
  readonly lanes = new Lanes();
  readonly rewards = new Rewards();
  readonly epochs = new Epochs();
  readonly settlements = new Settlements();
  readonly evidences: Evidences;
  readonly witnessing = new Witnessing();
  /** By epoch mod 2 of the block's header. */
  readonly passedOver: readonly [PassedOver, PassedOver];
  readonly stakes = new Stakes();
  readonly absences = new Absences();
  readonly misbehaviours = new Misbehaviours();
  readonly beacon = new Beacon();
  readonly committee = new Committee();
  readonly proposals = new Proposals();
  readonly upgrades = new Upgrades();
  readonly chain = new Chain();
  readonly journal: Journal;
  /** Every table in the order in which it enters the state hash; the place is its number there. */
  readonly tables: readonly Table<Schema>[];
  readonly roots: StateRoots;

  /** The round being applied. */
  round = 0;
  timeMs = 0;
  changes: RoundChanges = { lanes: new Set(), removed: new Set(), reinstated: new Set(), keys: [] };

  /** While an epoch's edge is crossed: the parameters to be frozen, where votes changed them. */
  pendingParameters: Parameters | undefined;

  /** The transaction being applied: account, sequence, where its id stands, place of the operation. */
  sender = 0;
  sequence = 0;
  ids: Uint8Array = new Uint8Array(32);
  idAt = 0;
  operation = 0;
  /** Base units its operations moved between accounts. */
  moved = 0;
  /** Row of its trades, -1 before the first. */
  tradeRow = -1;

  constructor(network: Uint8Array, genesis: Genesis, checker: SignatureChecker, salt: Uint8Array) {
    this.network = network;
    this.genesis = genesis;
    this.checker = checker;
    this.accounts = new Accounts(salt);
    this.trades = new Trades(salt);
    this.devices = new Devices(salt);
    this.evidences = new Evidences(salt);
    this.passedOver = [new PassedOver(0, salt), new PassedOver(1, salt)];
    this.tables = [
      this.accounts,
      this.trades,
      this.trades.transactions,
      this.devices,
      this.makers,
      this.makers.batches,
      this.trustNodes,
      this.ledgerServers,
      this.nodeKeys,
      this.lanes,
      this.rewards,
      this.evidences,
      this.committee,
      this.proposals,
      this.proposals.chunks,
      this.proposals.votes,
      ...this.epochs.pools,
      this.epochs,
      ...this.settlements.payments,
      this.settlements,
      this.stakes,
      this.beacon,
      this.beacon.members,
      this.witnessing,
      ...this.passedOver,
      this.apiServers,
      this.absences,
      this.upgrades,
      this.misbehaviours,
    ] as unknown as Table<Schema>[];
    this.roots = new StateRoots(this.tables);
    this.journal = new Journal(this.accounts, [
      this.accounts,
      this.trades,
      this.trades.transactions,
      this.devices,
      this.makers,
      this.makers.batches,
      this.nodeKeys,
      this.evidences,
      this.beacon,
      this.proposals,
      this.proposals.chunks,
      this.proposals.votes,
      this.witnessing,
      this.absences,
    ] as unknown as Table<Schema>[]);
    for (const table of this.tables) table.watcher = this.journal;
  }

  /** Parameters of the last epoch that is frozen, with the changes that this edge has made to them. */
  get nextParameters(): Parameters {
    return this.pendingParameters ?? this.epochs.frozen(this.epoch + POOL_LEAD - 1)!.parameters;
  }

  /** The running epoch's parameters. */
  get parameters(): Parameters {
    return this.epochs.parameters;
  }

  /** Number of the running epoch. */
  get epoch(): number {
    return this.epochs.current;
  }

  /** Forgets what the round before changed and begins `round`. */
  beginRound(round: number, timeMs: number): void {
    this.round = round;
    this.timeMs = timeMs;
    this.accounts.beginRound(round);
    this.changes = { lanes: new Set(), removed: new Set(), reinstated: new Set(), keys: [] };
  }

  /** Base units everywhere, counted afresh. */
  countSupply(): number {
    return this.accounts.total() + this.rewards.pool + this.trustNodes.total();
  }

  /**
   * Takes up to `amount` from the lane's credit, then from its bond, into the reward pool and gives
   * what was taken. A lane that has nothing left is suspended until it is funded.
   */
  chargeLane(lane: number, amount: number): number {
    if (amount === 0) return 0;
    const { col } = this.trustNodes;
    const fromCredit = Math.min(amount, col.credit[lane]!);
    const fromBond = Math.min(amount - fromCredit, col.bond[lane]!);
    if (fromCredit > 0) this.trustNodes.add('credit', lane, -fromCredit);
    if (fromBond > 0) this.trustNodes.add('bond', lane, -fromBond);
    this.rewards.collect(fromCredit + fromBond);
    if (col.credit[lane] === 0 && col.bond[lane] === 0) this.suspendLane(lane, SUSPENDED.unfunded);
    return fromCredit + fromBond;
  }

  /** Adds a reason (SUSPENDED) for which the lane takes no blocks from the next round on. */
  suspendLane(lane: number, reason: number): void {
    this.trustNodes.set('suspended', lane, this.trustNodes.col.suspended[lane]! | reason);
    this.changes.lanes.add(lane);
  }

  /** Whether draws with that refRound leave the device out. */
  removed(device: number, refRound: number): boolean {
    if (device >= this.devices.rows) return true;
    const c = this.devices.col;
    const from = c.removedFrom[device]!;
    const until = c.removedUntil[device]!;
    const absent = from !== 0 && refRound >= from && (until === 0 || refRound < until);
    return absent || this.absences.covers(device, refRound);
  }
}
