import { assert } from '@iotw/kernel/assert';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { BeaconMessage } from '@iotw/protocol/beacon';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import type { Parameters } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { RoundInput } from '@iotw/protocol/round';
import { applyRound } from './apply-round.js';
import { TransactionApplier } from './apply-transaction.js';
import { ceremonyDue } from './beacon-ceremony.js';
import { checkBeaconMessage, mayOpenCeremony } from './beacon-messages.js';
import { checkGenesis } from './genesis-check.js';
import { fillFromGenesis } from './genesis-state.js';
import type { PaymentReason, PreparedBlock, RoundOutcome } from './round-outcome.js';
import { type NextSeed, nextSeed, seedOf } from './seed-rule.js';
import { State } from './state.js';
import { loadPages, type PageReader, saveState } from './state-pages.js';
import type { StateSheet } from './state-sheets.js';
import type { FrozenPool } from './tables/epochs.js';
import { validateRound } from './validate-round.js';
import { VERSION_RULES, type VersionTable } from './version-rules.js';
import { whyPaid } from './why-paid.js';

/** What a process may share with its ledger; nothing here changes any result. */
export interface LedgerOptions {
  /** Shared with the node, so that no signature is verified twice. */
  readonly checker?: SignatureChecker;
  /** Secret bytes of this process, so that nobody can choose keys that collide in its indices. */
  readonly indexSalt?: Uint8Array;
  /** The protocol's versions that this software knows; default: those of the product. */
  readonly versions?: VersionTable | undefined;
}

/** Signatures remembered where the node shares no checker. */
const CHECKER_ENTRIES = 4096;

/** The state of a network and its only transition: rounds in, results out (spec: clauses 4 to 10). */
export class Ledger {
  /** Network id, 32 bytes. */
  readonly network: Uint8Array;
  readonly genesis: Genesis;
  readonly accounts: State['accounts'];
  readonly trades: State['trades'];
  readonly devices: State['devices'];
  readonly absences: State['absences'];
  readonly makers: State['makers'];
  readonly trustNodes: State['trustNodes'];
  readonly ledgerServers: State['ledgerServers'];
  readonly misbehaviours: State['misbehaviours'];
  readonly apiServers: State['apiServers'];
  readonly nodeKeys: State['nodeKeys'];
  readonly lanes: State['lanes'];
  readonly rewards: State['rewards'];
  readonly epochs: State['epochs'];
  readonly settlements: State['settlements'];
  readonly beacon: State['beacon'];
  readonly committee: State['committee'];
  readonly proposals: State['proposals'];
  readonly chain: State['chain'];
  readonly witnessing: State['witnessing'];
  readonly upgrades: State['upgrades'];
  readonly #state: State;
  readonly #versions: VersionTable;
  readonly #applier: TransactionApplier;

  private constructor(state: State, versions: VersionTable = VERSION_RULES) {
    this.#state = state;
    this.#versions = versions;
    this.#applier = new TransactionApplier(state, versions);
    this.network = state.network;
    this.genesis = state.genesis;
    this.accounts = state.accounts;
    this.trades = state.trades;
    this.devices = state.devices;
    this.absences = state.absences;
    this.makers = state.makers;
    this.trustNodes = state.trustNodes;
    this.ledgerServers = state.ledgerServers;
    this.misbehaviours = state.misbehaviours;
    this.apiServers = state.apiServers;
    this.nodeKeys = state.nodeKeys;
    this.lanes = state.lanes;
    this.rewards = state.rewards;
    this.epochs = state.epochs;
    this.settlements = state.settlements;
    this.beacon = state.beacon;
    this.committee = state.committee;
    this.proposals = state.proposals;
    this.chain = state.chain;
    this.witnessing = state.witnessing;
    this.upgrades = state.upgrades;
  }

  /** The ledger at round 0. The genesis must pass checkGenesis: anything else is a bug. */
  static genesis(genesis: Genesis, options: LedgerOptions = {}): Ledger {
    const checked = checkGenesis(genesis);
    assert(checked.ok, checked.ok ? '' : checked.error.message);
    const state = emptyState(genesis, options);
    fillFromGenesis(state, checked.value.supply);
    return new Ledger(state, options.versions);
  }

  /** The ledger as it was saved. Errors: `snapshot-missing`, `snapshot-stale`, `snapshot-malformed`, `snapshot-network`. */
  static load(reader: PageReader, genesis: Genesis, options: LedgerOptions = {}): Result<Ledger> {
    const state = emptyState(genesis, options);
    const loaded = loadPages(state, reader);
    return loaded.ok ? ok(new Ledger(state, options.versions)) : loaded;
  }

  /** Number and agreed time (ms) of the last applied round; its hash; the running state hash. */
  get round(): number {
    return this.chain.round;
  }
  get timeMs(): number {
    return this.chain.timeMs;
  }
  get roundHash(): Uint8Array {
    return this.chain.bytes('hash', 0);
  }
  get stateHash(): Uint8Array {
    return this.chain.bytes('stateHash', 0);
  }
  /** Parameters of the running epoch; those of a block's epoch are its snapshot's. */
  get parameters(): Parameters {
    return this.epochs.parameters;
  }
  /** Parameters of the last epoch that is frozen: what a vote that is adopted now would change. */
  get nextParameters(): Parameters {
    return this.#state.nextParameters;
  }
  /** Number of the running epoch. */
  get epoch(): number {
    return this.epochs.current;
  }

  /** The ledger servers' shared key, 48 bytes; undefined before their first ceremony (spec: 6.7). */
  get groupKey(): Uint8Array | undefined {
    return this.#state.beacon.groupKey;
  }

  /** What opens the next epoch: its number, the running seed, the source and who proves it. */
  nextSeed(): NextSeed {
    return nextSeed(this.#state);
  }

  /** Whether that proof opens the next epoch. Errors: `seed-proof-invalid`, `seed-key-missing`. */
  checkSeed(proof: Uint8Array): Result<Uint8Array> {
    return seedOf(this.#state, proof);
  }

  /** Whether a word of a key ceremony counts now. Errors: see beacon-messages.ts. */
  checkBeaconMessage(message: BeaconMessage, timeMs: number): Result<void> {
    const accepted = checkBeaconMessage(this.#state, message, timeMs);
    return accepted.ok ? ok(undefined) : accepted;
  }

  /** Whether a join would open a key ceremony at that agreed time. */
  mayOpenCeremony(timeMs: number): boolean {
    return mayOpenCeremony(this.#state, timeMs);
  }

  /** Whether a round of that agreed time would move a key ceremony on without a word of anybody. */
  ceremonyDue(timeMs: number): boolean {
    return ceremonyDue(this.#state, timeMs);
  }

  /** Versions of the protocol that this software knows, ascending. */
  get knownVersions(): readonly number[] {
    return [...this.#versions.keys()];
  }

  /** Whether this software knows the rules of the next round. Error: `upgrade-needed` (data.version, data.round). */
  checkVersion(): Result<void> {
    const { version, since } = this.upgrades;
    if (this.#versions.has(version)) return ok(undefined);
    return fail(
      'upgrade-needed',
      `From round ${since} on the network runs protocol version ${version}, and this software knows ${this.knownVersions.join(', ')}: install software that knows version ${version} and start the node again. Its data stay as they are.`,
      { version, round: since },
    );
  }

  /** Whether a round of that agreed time must end the running epoch. */
  epochDue(timeMs: number): boolean {
    return timeMs >= this.epochs.startMs + this.parameters.epochMs;
  }

  /** Whether the round may be applied; changes nothing. Errors: `upgrade-needed`, those of validate-round.ts. */
  validateRound(input: RoundInput, blocks: readonly PreparedBlock[]): Result<void> {
    const known = this.checkVersion();
    return known.ok ? validateRound(this.#state, input, blocks) : known;
  }

  /** Applies a round that validateRound found good; anything else is a bug. */
  applyRound(input: RoundInput, blocks: readonly PreparedBlock[]): RoundOutcome {
    return applyRound(this.#state, this.#applier, input, blocks);
  }

  /** Whether draws whose refRound is `refRound` leave the device out. */
  removed(device: number, refRound: number): boolean {
    return this.#state.removed(device, refRound);
  }

  /** Pool and seed of the running epoch or one before it. */
  snapshotOf(epoch: number): EpochSnapshot | undefined {
    return this.epochs.snapshot(epoch);
  }

  /** A pool that is frozen, whether or not its epoch has begun. */
  frozenPool(epoch: number): FrozenPool | undefined {
    return this.epochs.frozen(epoch);
  }

  /** Why the device was paid in an ended epoch, or not; the last PAYMENT_EPOCHS epochs. */
  whyPaid(device: number, epoch: number): PaymentReason | undefined {
    return whyPaid(this.#state, device, epoch);
  }

  /** Base units everywhere, counted afresh; equals `chain.supply`. */
  countSupply(): number {
    return this.#state.countSupply();
  }

  /** The sheets that changed since the last save, the meta page last; take them all before the next round. */
  save(): Iterable<StateSheet> {
    return saveState(this.#state);
  }

  /** What save() would give, in bytes of rows. */
  get unsavedBytes(): number {
    return this.#state.tables.reduce((sum, table) => sum + table.unsavedBytes, 0);
  }

  /** Merkle root over all pages of the state; hashes only what changed since the last call. */
  stateRoot(): Uint8Array {
    return this.#state.roots.root();
  }
}

function emptyState(genesis: Genesis, options: LedgerOptions): State {
  const network = networkId(genesis);
  return new State(
    network,
    genesis,
    options.checker ?? new SignatureChecker(CHECKER_ENTRIES),
    options.indexSalt ?? network,
  );
}
