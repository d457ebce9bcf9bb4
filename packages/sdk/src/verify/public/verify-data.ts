import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import { equalBytes } from '@iotw/kernel/bytes';
import { merkleRoot } from '@iotw/kernel/merkle';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import type { Genesis } from '@iotw/protocol/genesis';
import { blockHash } from '@iotw/protocol/header';
import { MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import type { PublicBlock, PublicData, PublicEpoch, PublicRound } from '@iotw/protocol/public-data';
import { type RoundHeader, roundHash } from '@iotw/protocol/round';
import { checkAgainstSnapshot } from '../certificate-checks.js';
import { type Check, CheckList } from '../checks.js';
import { checkRound } from '../round-checks.js';
import { genesisSeed, type KnownSeed } from '../seed-chain.js';
import { type Trust, trustFromGenesis } from '../trust.js';
import {
  type AppliedTransaction,
  blocksInRound,
  checkBody,
  checkLink,
  checkPath,
  checkPlace,
  checkResults,
} from './blocks.js';
import { ChainState } from './chain-state.js';
import { type CheckedEpoch, checkEpoch, sameSnapshot } from './epochs.js';
import { PoolVotes } from './pool-votes.js';
import { blacklistTerm, removesDevices } from './removals.js';
import { SeedWalk } from './seed-walk.js';
import { SignerHistory, type Signers } from './signer-history.js';
import { SoftMissDebts } from './soft-miss-debts.js';

/** What is believed beforehand: the genesis, whose id the verifier knows, and perhaps a later seed. */
export interface PublicTrust {
  readonly genesis: Genesis;
  /** Network id that the genesis must have. */
  readonly network?: Uint8Array;
  /** A seed that is known to be right, so that the chain need not begin at the genesis. */
  readonly seed?: KnownSeed;
}

/** A check, and of what: `epoch 3`, `round 17`, `block 0/12`. */
export interface Finding extends Check {
  readonly subject: string;
}

export interface DataReport {
  /** No check failed. */
  readonly genuine: boolean;
  /** ... and none was left open. */
  readonly complete: boolean;
  readonly epochs: number;
  readonly rounds: number;
  readonly blocks: number;
  readonly transactions: number;
  /** Blocks whose committee was verified whole, by who completed them. */
  readonly committees: Readonly<Record<keyof typeof CERTIFICATE_MODE, number>>;
  /** Failed checks in the order made. */
  readonly failed: readonly Finding[];
  readonly unchecked: readonly Finding[];
  /** Every check and every committee, where they were asked for. */
  readonly all: readonly Finding[];
  readonly members: readonly {
    readonly lane: number;
    readonly height: number;
    readonly committee: CertifiedCommittee;
  }[];
  /**
   * Who signed a round and the blocks in it, by every admission, suspension and replaced key in the data. Spread it over a
   * Trust to verify what is not in the data.
   */
  readonly signersAt: (round: number) => Signers;
}

const CHECKER_ENTRIES = 4_096;

/**
 * Verifies public data (spec: clause 9.11) by the genesis alone: every epoch's seed and pool, every round's
 * signatures and links, every block's certificate, committee, place and results. What is not in the data
 * leaves checks `unchecked`; data from round 1 on without gaps leaves none.
 * Code: `trust-network`, `public-data-network`. Never throws on what `publicDataFromJson` has read.
 */
export function verifyPublicData(data: PublicData, trust: PublicTrust, keepAll = false): Result<DataReport> {
  const base = trustFromGenesis(trust.genesis, trust.network);
  if (!base.ok) return base;
  if (!equalBytes(base.value.network, data.network)) {
    return fail(
      'public-data-network',
      "The data is another network's than the genesis: get the genesis of its network.",
    );
  }
  return ok(new DataCheck(data, base.value, trust, keepAll).run());
}

class DataCheck {
  readonly #data: PublicData;
  readonly #trust: Trust;
  readonly #seeds: SeedWalk;
  readonly #keepAll: boolean;
  readonly #state: ChainState;
  readonly #signers: SignerHistory;
  readonly #poolVotes: PoolVotes;
  /** Epochs by the round that opened them, as far as the data tells. */
  readonly #edges = new Map<number, number>();
  #vrfKeys: readonly Uint8Array[];
  readonly #checker = new SignatureChecker(CHECKER_ENTRIES);
  readonly #epochs = new Map<number, CheckedEpoch>();
  readonly #given = new Map<number, PublicEpoch>();
  readonly #lanes = new Map<
    number,
    { height: number; incarnation: number; hash: Uint8Array; round: number }
  >();
  /** Every round from here on was in the data. */
  #unbrokenFrom = 0;
  readonly #softMisses = new SoftMissDebts();
  readonly #findings: Finding[] = [];
  readonly #committees = { devices: 0, noDevices: 0, allMissed: 0 };
  /** Every block up to this round was in the data. */
  #completeTo = 0;
  #transactions = 0;
  readonly #members: { lane: number; height: number; committee: CertifiedCommittee }[] = [];
  /** Epoch that runs before the round under way. */
  #running = 0;
  #open = 0;
  /** Blocks of the round under way, and what of them took effect. */
  readonly #pending: {
    readonly hash: Uint8Array;
    readonly block: PublicBlock;
    readonly applied: readonly AppliedTransaction[];
  }[] = [];

  constructor(data: PublicData, trust: Trust, { genesis, seed }: PublicTrust, keepAll: boolean) {
    this.#data = data;
    this.#trust = trust;
    const first = seed ?? genesisSeed(trust.network, genesis.entropy);
    this.#seeds = new SeedWalk(data, trust.network, first);
    this.#keepAll = keepAll;
    this.#state = new ChainState(genesis);
    this.#signers = new SignerHistory(this.#state);
    this.#poolVotes = new PoolVotes(trust.network, this.#signers);
    this.#vrfKeys = this.#state.servingVrfKeys();
    for (const { epoch, opened } of [...data.seeds, ...data.epochs]) this.#edges.set(opened, epoch);
    for (const epoch of data.epochs) this.#given.set(epoch.epoch, epoch);
  }

  run(): DataReport {
    const { rounds, blocks, epochs } = this.#data;
    this.#checkOrder();
    const byRound = new Map<number, PublicBlock[]>();
    for (const block of blocks) {
      const list = byRound.get(block.round);
      if (list === undefined) byRound.set(block.round, [block]);
      else list.push(block);
    }
    this.#openEpochs(0);
    let last: PublicRound | undefined;
    for (const round of rounds) {
      this.#round(round, last, byRound.get(round.header.number) ?? []);
      byRound.delete(round.header.number);
      last = round;
    }
    this.#openEpochs(Number.MAX_SAFE_INTEGER);
    for (const { epoch, list } of this.#poolVotes.rest()) this.#note(`epoch ${epoch}`, list);
    for (const left of byRound.values()) {
      for (const block of left) this.#block(block, undefined);
    }
    const failed = this.#findings.filter(({ state }) => state === 'fail');
    const unchecked = this.#findings.filter(({ state }) => state === 'unchecked');
    return {
      genuine: failed.length === 0,
      complete: failed.length === 0 && unchecked.length === 0,
      epochs: epochs.length,
      rounds: rounds.length,
      blocks: blocks.length,
      transactions: this.#transactions,
      committees: this.#committees,
      failed,
      unchecked,
      all: this.#keepAll ? this.#findings : [],
      members: this.#members,
      signersAt: (round) => this.#signers.at(round),
    };
  }

  /** `order`: epochs, rounds and the blocks of each round stand in order, none twice. */
  #checkOrder(): void {
    const list = new CheckList();
    const { epochs, rounds, blocks } = this.#data;
    const ordered =
      ascends(epochs.map(({ epoch }) => epoch)) &&
      ascends(rounds.map(({ header }) => header.number)) &&
      ascends(blocks.map(({ round, index }) => round * 65_536 + index));
    list.test(
      'order',
      ordered,
      'Everything stands in its order.',
      'Epochs, rounds or blocks are out of order, or twice.',
    );
    this.#note('data', list);
  }

  /** Epochs that round `number` or an earlier one opened, by the keys that hold now. */
  #openEpochs(number: number): void {
    const { epochs } = this.#data;
    while (this.#open < epochs.length && epochs[this.#open]!.opened <= number) {
      const epoch = epochs[this.#open++]!;
      const number = epoch.epoch;
      const vrfKeys = this.#vrfKeys;
      const refuse = this.#refuseLink.bind(this);
      const before = this.#seeds.believed(number, this.#epochs.get(number - 1), vrfKeys, refuse);
      const origin = this.#seeds.originOf(number);
      const groupKey = this.#seeds.groupKeyBefore(number);
      const seedSource = this.#given.get(number - 1)?.parameters.seedSource;
      const voted = this.#completeTo < epoch.opened ? undefined : this.#state.emergenciesOf(number);
      const { network } = this.#trust;
      const seed = { vrfKeys, before, origin, seedSource, voted, groupKey };
      const known = { network, registered: this.#state, ...seed };
      const checked = checkEpoch(epoch, known);
      this.#epochs.set(epoch.epoch, checked);
      this.#poolVotes.open(checked.list, epoch, this.#state);
      this.#note(`epoch ${epoch.epoch}`, checked.list);
    }
  }

  #refuseLink(epoch: number, reason: string, code: string): void {
    const list = new CheckList();
    list.reject('seed-chain', reason, code);
    this.#note(`epoch ${epoch}`, list);
  }

  #round(round: PublicRound, last: PublicRound | undefined, blocks: readonly PublicBlock[]): void {
    const { header } = round;
    if (header.number !== (last?.header.number ?? 0) + 1) this.#unbrokenFrom = header.number;
    for (const block of blocks) this.#block(block, header);
    // Who proves the next seed is decided before the edge that the proof makes.
    this.#vrfKeys = this.#state.servingVrfKeys();
    this.#seeds.reach(header.number, this.#vrfKeys, this.#refuseLink.bind(this));
    this.#advance(header, blocks);
    this.#openEpochs(header.number);
    const list = new CheckList();
    this.#signers.after(header.number, this.#state);
    checkRound(list, { ...this.#trust, ...this.#signers.at(header.number) }, header, round.signatures);
    this.#state.replacedKeys.clear();
    this.#checkRoundPlace(list, header, last?.header);
    this.#note(`round ${header.number}`, list);
  }

  /** `round-link` and `round-epoch`: the hash of the round before, seed and pool root of the epoch it names. */
  #checkRoundPlace(list: CheckList, header: RoundHeader, last: RoundHeader | undefined): void {
    if (header.number === 1) {
      list.same('round-link', new Uint8Array(32), header.previous, "The first round's previous hash");
    } else if (last?.number === header.number - 1) {
      const expected = roundHash(this.#trust.network, last);
      if (list.same('round-link', expected, header.previous, 'The hash of the round before')) {
        if (header.timeMs < last.timeMs || header.epoch < last.epoch || header.epoch > last.epoch + 1) {
          list.reject('round-time', 'Agreed time or the epoch goes back, or leaves one out.', 'round-time');
        }
      }
    } else list.unchecked('round-link', `Round ${header.number - 1} was not given.`);
    const epoch = this.#epochs.get(header.epoch);
    const opens = last?.number === header.number - 1 ? header.epoch > last.epoch : undefined;
    if (epoch !== undefined && opens !== undefined && opens !== (epoch.epoch.opened === header.number)) {
      list.reject(
        'round-opens',
        `Round ${header.number} and epoch ${header.epoch} differ on which round opened it.`,
      );
    }
    if (epoch === undefined) list.unchecked('round-epoch', `Epoch ${header.epoch} was not given.`);
    else {
      list.test(
        'round-epoch',
        sameSnapshot(epoch.snapshot, header),
        `The round names seed and pool root of epoch ${header.epoch}.`,
        `The round names another seed or pool root than epoch ${header.epoch} has.`,
      );
    }
  }

  #block(block: PublicBlock, round: RoundHeader | undefined): void {
    const list = new CheckList();
    const { network } = this.#trust;
    const { header } = block.block;
    const hash = blockHash(network, header);
    const read = checkBody(list, network, block, round);
    const below = this.#lanes.get(header.lane);
    const near = header.height === (below?.height ?? 0) + 1;
    // Between rounds that were not given a lane may have grown unseen.
    checkLink(list, header, near || (below?.round ?? 0) >= this.#unbrokenFrom ? below : undefined);
    const committee = this.#certificate(list, block, hash);
    this.#softMisses.check(list, header, this.#epochs.get(header.epoch)?.snapshot, committee);
    if (round === undefined) {
      list.unchecked('block-path', `Round ${block.round} was not given.`);
      list.unchecked('results', `Round ${block.round} was not given.`);
    } else {
      checkPath(list, block, round, hash);
      checkPlace(list, header, round, this.#given.get(header.epoch)?.opened);
      if (read !== undefined) checkResults(list, block, round, read.ids);
    }
    const { height, incarnation } = header;
    this.#lanes.set(header.lane, { height, incarnation, hash, round: block.round });
    this.#transactions += header.count;
    if (
      committee !== undefined &&
      list.checks.some(({ name, state }) => name === 'committee' && state === 'pass')
    ) {
      if (this.#keepAll) this.#members.push({ lane: header.lane, height: header.height, committee });
      for (const [name, mode] of Object.entries(CERTIFICATE_MODE)) {
        if (mode === committee.mode) this.#committees[name as keyof typeof CERTIFICATE_MODE]++;
      }
    }
    this.#note(`block ${header.lane}/${header.height}`, list);
    this.#pending.push({ hash, block, applied: read?.applied ?? [] });
  }

  #certificate(list: CheckList, block: PublicBlock, hash: Uint8Array): CertifiedCommittee | undefined {
    const { header } = block.block;
    const { trustNodeKeys } = this.#state;
    const laneKey = trustNodeKeys[header.lane];
    if (laneKey === undefined) {
      list.reject(
        'lane-signature',
        `There is no trust node ${header.lane} whose lane this could be.`,
        'block-lane',
      );
      return undefined;
    }
    const epoch = this.#epochs.get(header.epoch);
    if (epoch === undefined) {
      list.unchecked('committee', `Epoch ${header.epoch} was not given.`);
      return undefined;
    }
    if (!epoch.good) {
      list.unchecked(
        'committee',
        `Pool or seed of epoch ${header.epoch} is not good: nothing was drawn from it.`,
      );
      return undefined;
    }
    const { network } = this.#trust;
    const context = {
      network,
      trustNodeKeys,
      laneKey,
      checker: this.#checker,
      snapshot: epoch.snapshot,
    };
    const known = header.refRound <= this.#completeTo;
    const removed = known ? this.#state.removedFrom(epoch.snapshot) : undefined;
    return checkAgainstSnapshot(list, context, block.block, hash, removed);
  }

  /** What the round's blocks changed holds from the next round on. */
  #advance(header: RoundHeader, blocks: readonly PublicBlock[]): void {
    const parameters = this.#given.get(this.#running)?.parameters;
    const pending = this.#pending.splice(0);
    // Rules that are not given: nobody can tell who was removed by them, nor until when.
    const blind =
      parameters === undefined && pending.some(({ block, applied }) => removesDevices(block, applied));
    const term = parameters === undefined ? 0 : blacklistTerm(this.#running, parameters);
    const moment = { round: header.number, term };
    for (const { hash, block, applied } of pending) {
      for (const { operations, sender } of applied) this.#state.applied(operations, sender, moment);
      if (parameters !== undefined)
        this.#state.judged(block.block.certificate.incoherent, parameters, hash, moment);
    }
    const opened = this.#edges.get(header.number);
    if (opened !== undefined) this.#state.edge(opened - 1, header.number);
    this.#running = header.epoch;
    const whole = blocks.length === 0 ? isEmptyRoot(header) : blocks.length === blocksInRound(blocks[0]!);
    if (whole && !blind && this.#completeTo === header.number - 1) this.#completeTo = header.number;
  }

  #note(subject: string, list: CheckList): void {
    for (const check of list.checks) {
      if (this.#keepAll || check.state !== 'pass') this.#findings.push({ subject, ...check });
    }
  }
}

function ascends(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
}

function isEmptyRoot(header: RoundHeader): boolean {
  return equalBytes(header.blocksRoot, merkleRoot(new Uint8Array(0), 0, MAX_ROUND_BLOCKS));
}
