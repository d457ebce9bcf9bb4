import { assert } from '@iotw/kernel/assert';
import { equalBytes } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import type { PreparedBlock, RoundOutcome } from '@iotw/ledger/round-outcome';
import { readBody } from '@iotw/protocol/body';
import type { CertifiedBlock } from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import type { Misbehaviour, RoundInput } from '@iotw/protocol/round';
import type { NodeEffect } from '../effects.js';
import type { HeldKeys } from '../held-keys.js';
import { ledgerPeer, type PeerId, type PeerMessage, type SeedShare, trustPeer } from '../messages.js';
import type { BeaconMemberOptions } from './beacon-member.js';
import { BeaconRole } from './beacon-role.js';
import { viewOf } from './chain-state.js';
import { edgeWrites } from './epoch-records.js';
import { DEFAULT_LEDGER_SERVER_LIMITS, type LedgerServerLimits } from './limits.js';
import { NoticeRing, noticeOf } from './notices.js';
import {
  type BlockContent,
  KnownContents,
  prepareBlock,
  readContent,
  WaitingBlocks,
} from './prepared-blocks.js';
import { ownSignature, recordOf } from './record-of.js';
import { RoundOffer } from './round-offer.js';
import { type RoundRecord, roundWrites } from './round-record.js';
import type { Applied, Pending, Verified } from './rounds-under-way.js';

export interface LedgerServerOptions {
  readonly index: number;
  readonly keys: HeldKeys;
  readonly vrfKeys: KeyPair;
  readonly ledger: Ledger;
  readonly checker: SignatureChecker;
  readonly limits?: Partial<LedgerServerLimits>;
  /** What it needs to hold a share of the servers' common key; without it, it takes no part in that. */
  readonly beacon?: Pick<BeaconMemberOptions, 'entropy' | 'stored'>;
}

export type LedgerServerEvent =
  | { readonly kind: 'peer'; readonly from: PeerId; readonly message: PeerMessage }
  | {
      readonly kind: 'verified';
      readonly token: number;
      readonly ids: Uint8Array;
      readonly valid: Uint8Array;
    }
  /** The engine has decided the next round. */
  | { readonly kind: 'decided'; readonly input: RoundInput }
  /** The engine asks whether it may vote for a proposal; answered by a `verdict` effect. */
  | { readonly kind: 'judge'; readonly token: number; readonly input: RoundInput }
  | { readonly kind: 'persisted'; readonly token: number }
  /** Now and then (each second, say): offers the seed proof that is due, looks for lanes that stall. */
  | { readonly kind: 'tick' };

export type LedgerServerEffect =
  | NodeEffect
  /** A round is applied and durable. */
  | { readonly kind: 'applied'; readonly record: RoundRecord; readonly outcome: RoundOutcome }
  /** This round opened an epoch: a good time for a snapshot. Comes before the round's `persist`. */
  | { readonly kind: 'edge'; readonly outcome: RoundOutcome }
  | { readonly kind: 'verdict'; readonly token: number; readonly result: Result<void> }
  /**
   * Stop: `ledger-halted`, a decided round can't be applied, so this server's state is wrong or the engine is broken;
   * `upgrade-needed`, the next round is of a version that this software does not know.
   */
  | { readonly kind: 'halted'; readonly fault: Failure };

/** A ledger server: checks certified blocks, applies the rounds that the engine decides, tells what came of them. */
export class LedgerServer {
  readonly ledger: Ledger;
  readonly #options: LedgerServerOptions;
  readonly #limits: LedgerServerLimits;
  readonly #waiting: WaitingBlocks;
  readonly #offer: RoundOffer;
  readonly #known: KnownContents;
  readonly #beacon: BeaconRole | undefined;
  readonly #notices: NoticeRing;
  readonly #verifying = new Map<number, CertifiedBlock>();
  readonly #durable = new Map<number, Applied>();
  /** Blocks whose body is not what their header says. */
  readonly #unfit = new WeakSet<CertifiedBlock>();
  #early: { readonly block: CertifiedBlock; readonly verified: Verified | undefined }[] = [];
  #pending: Pending[] = [];
  /** Token of an epoch's last round that is not durable yet. */
  #edge: number | undefined;
  #nextToken = 1;
  #refused = 0;
  /** Devices that trust nodes were told of. */
  #devicesTold: number;

  constructor(options: LedgerServerOptions) {
    this.#options = options;
    this.ledger = options.ledger;
    this.#limits = { ...DEFAULT_LEDGER_SERVER_LIMITS, ...options.limits };
    this.#waiting = new WaitingBlocks(this.#limits.waitingPerLane);
    this.#beacon = options.beacon && new BeaconRole({ ...options, ...options.beacon });
    const { waiting, beacon } = { waiting: this.#waiting, beacon: this.#beacon };
    this.#offer = new RoundOffer({ ...options, limits: this.#limits, waiting, beacon });
    this.#known = new KnownContents(this.#limits.knownContents);
    this.#notices = new NoticeRing(this.#limits.keptNotices);
    this.#devicesTold = options.ledger.devices.rows;
  }

  /** Certified blocks refused since the start (bad certificates, blocks of closed epochs). */
  get refused(): number {
    return this.#refused + this.#offer.refused;
  }

  get waitingBlocks(): number {
    return this.#waiting.size;
  }

  step(event: LedgerServerEvent, nowMs: number, effects: LedgerServerEffect[]): void {
    switch (event.kind) {
      case 'peer':
        this.#onMessage(event.from, event.message, nowMs, effects);
        break;
      case 'verified':
        this.#onVerified(event.token, event, effects);
        break;
      case 'decided':
        this.#pending.push({ input: event.input, judgeToken: undefined });
        this.#advance(effects);
        break;
      case 'judge':
        this.#pending.push({ input: event.input, judgeToken: event.token });
        this.#advance(effects);
        break;
      case 'persisted':
        if (this.#beacon?.persisted(event.token)) this.#beaconDuties(nowMs, effects);
        else this.#onPersisted(event.token, nowMs, effects);
        break;
      case 'tick':
        this.shareProof(nowMs, effects);
        this.#beaconDuties(nowMs, effects);
        this.#offer.resetStalled();
        break;
    }
  }

  #onMessage(from: PeerId, message: PeerMessage, nowMs: number, effects: LedgerServerEffect[]): void {
    switch (message.kind) {
      case 'certified':
        this.#onCertified(message.block, message.verified, effects);
        break;
      case 'reset':
        if (from === trustPeer(message.reset.lane)) this.#offer.addReset(message.reset);
        break;
      case 'epoch-vote':
        if (from === trustPeer(message.vote.witness)) this.#offer.addEpochVote(message.vote, nowMs);
        break;
      case 'seed-proof':
        // Only the designated server's word: anybody else's could displace the good proof.
        if (message.epoch === this.ledger.epoch + 1 && from === ledgerPeer(this.ledger.nextSeed().server))
          this.#offer.addProof(message.epoch, message.proof);
        break;
      case 'beacon':
      case 'seed-share':
        this.#beacon?.heard(from, message, Math.max(nowMs, this.ledger.timeMs));
        break;
      case 'view-request':
        this.#onViewRequest(from, message.after, effects);
        break;
      default:
        break;
    }
  }

  #onViewRequest(from: PeerId, after: number, effects: LedgerServerEffect[]): void {
    const notices = after === 0 ? undefined : this.#notices.after(after);
    if (notices === undefined) {
      const message: PeerMessage = { kind: 'view', view: viewOf(this.ledger) };
      const view: NodeEffect = { kind: 'send', to: from, message };
      // Applied is not durable yet: nobody may hear of a round that a crash could still take back.
      const last = [...this.#durable.values()].at(-1);
      if (last === undefined) effects.push(view);
      else last.views.push(view);
      return;
    }
    for (const notice of notices)
      effects.push({ kind: 'send', to: from, message: { kind: 'notice', notice } });
  }

  #onCertified(block: CertifiedBlock, verified: Verified | undefined, effects: LedgerServerEffect[]): void {
    const { lane, height } = block.header;
    const cursor = this.ledger.lanes.read(lane);
    if (cursor === undefined || height <= cursor.height || this.#waiting.get(lane, height) !== undefined)
      return;
    if (block.header.refRound > this.ledger.round) {
      // Who was removed up to that round is not known here yet.
      if (this.#early.length < this.#limits.waitingPerLane) this.#early.push({ block, verified });
      return;
    }
    if (verified !== undefined) {
      this.#take(block, verified);
      return;
    }
    const known = this.#contentOf(block);
    if (known !== undefined) this.#take(block, known);
    // What a round holds is verified in any case; what only might come has a bound.
    else if (this.#verifying.size < this.#limits.maxVerifying) this.#verify(block, effects);
  }

  #verify(block: CertifiedBlock, effects: LedgerServerEffect[]): void {
    const body = readBody(block.body);
    if (!body.ok) {
      this.#refused += 1;
      this.#unfit.add(block);
      return;
    }
    for (const other of this.#verifying.values()) {
      if (other.header.lane === block.header.lane && other.header.height === block.header.height) return;
    }
    const token = this.#nextToken++;
    this.#verifying.set(token, block);
    effects.push({ kind: 'verify', token, run: { bytes: body.value.bytes, offsets: body.value.offsets } });
  }

  #onVerified(token: number, verified: Verified, effects: LedgerServerEffect[]): void {
    const block = this.#verifying.get(token);
    if (block === undefined) return;
    this.#verifying.delete(token);
    this.#take(block, verified);
    this.#advance(effects);
  }

  #take(block: CertifiedBlock, verified: Verified): void {
    const content = readContent(this.ledger.network, block, verified);
    if (!content.ok) {
      this.#refused += 1;
      this.#unfit.add(block);
      return;
    }
    this.#known.add(content.value);
    const prepared = prepareBlock(this.ledger, this.#options.checker, block, content.value);
    if (prepared.ok) this.#waiting.add(prepared.value);
    else this.#refused += 1;
  }

  /**
   * The next round's input out of what waits here, or undefined where there is nothing to decide. Agreed time
   * is this server's clock, never below the round before. `proven`: acts of ledger servers that the engine proved.
   */
  buildRound(nowMs: number, proven: readonly Misbehaviour[] = []): RoundInput | undefined {
    return this.#offer.build(nowMs, proven);
  }

  /** Offers this server's proof to the others where the next epoch is due by its clock and it is designated. */
  shareProof(nowMs: number, effects: LedgerServerEffect[]): void {
    if (this.ledger.nextSeed().source !== 'vrf') return;
    const proof = this.#offer.proofFor(Math.max(nowMs, this.ledger.timeMs));
    if (proof.length === 0) return;
    const epoch = this.ledger.epoch + 1;
    for (let server = 0; server < this.ledger.ledgerServers.rows; server++) {
      if (server === this.#options.index) continue;
      effects.push({ kind: 'send', to: ledgerPeer(server), message: { kind: 'seed-proof', epoch, proof } });
    }
  }

  /** This server's signature for the next seed, where it is due by this server's clock and has a share of the key. */
  seedShare(nowMs: number): SeedShare | undefined {
    return this.#beacon?.seedShare(Math.max(nowMs, this.ledger.timeMs));
  }

  /** Words in a key ceremony and signatures for the next seed, as far as they are due by this server's clock. */
  #beaconDuties(nowMs: number, effects: LedgerServerEffect[]): void {
    const token = (): number => this.#nextToken++;
    this.#beacon?.duties(Math.max(nowMs, this.ledger.timeMs), token, effects as NodeEffect[]);
  }

  /** Works off decided and judged rounds in order, as soon as their blocks are verified. */
  #advance(effects: LedgerServerEffect[]): void {
    const before = this.ledger.round;
    this.#workOff(effects);
    if (this.ledger.round === before || this.#early.length === 0) return;
    for (const { block, verified } of this.#early.splice(0)) this.#onCertified(block, verified, effects);
  }

  #workOff(effects: LedgerServerEffect[]): void {
    for (let head = this.#pending[0]; head !== undefined; head = this.#pending[0]) {
      // The shell takes its snapshot from the live ledger: it must stand at the edge until that is durable.
      if (this.#edge !== undefined) return;
      if (!this.#contentsKnown(head.input, effects)) return;
      this.#pending.shift();
      const prepared = this.#prepareAll(head.input);
      if (head.judgeToken !== undefined) {
        const result = prepared.ok ? this.ledger.validateRound(head.input, prepared.value) : prepared;
        effects.push({ kind: 'verdict', token: head.judgeToken, result });
      } else if (head.input.number > this.ledger.round) this.#apply(head.input, prepared, effects);
    }
  }

  #contentsKnown(input: RoundInput, effects: LedgerServerEffect[]): boolean {
    let all = true;
    for (const block of input.blocks) {
      if (this.#judgeable(block)) continue;
      this.#verify(block, effects);
      if (!this.#judgeable(block)) all = false;
    }
    return all;
  }

  /** Whether nothing has to be verified any more to accept the block or to refuse it. */
  #judgeable(block: CertifiedBlock): boolean {
    return this.#unfit.has(block) || this.#same(block) !== undefined || this.#contentOf(block) !== undefined;
  }

  /** What is known of this very body. The header alone does not say which bytes came with it. */
  #contentOf(block: CertifiedBlock): BlockContent | undefined {
    const known = this.#known.get(blockHash(this.ledger.network, block.header));
    return known !== undefined && equalBytes(known.body.bytes, block.body) ? known : undefined;
  }

  /** The prepared form of this very object, if it waits here: its certificate was checked already. */
  #same(block: CertifiedBlock): PreparedBlock | undefined {
    const prepared = this.#waiting.get(block.header.lane, block.header.height);
    return prepared?.block === block ? prepared : undefined;
  }

  #prepareAll(input: RoundInput): Result<PreparedBlock[]> {
    const prepared: PreparedBlock[] = [];
    for (const block of input.blocks) {
      const same = this.#same(block);
      if (same !== undefined) {
        prepared.push(same);
        continue;
      }
      const content = this.#contentOf(block);
      if (content === undefined) return fail('block-root', 'The block body is not what the header says.');
      const one = prepareBlock(this.ledger, this.#options.checker, block, content);
      if (!one.ok) return one;
      prepared.push(one.value);
    }
    return ok(prepared);
  }

  #apply(input: RoundInput, prepared: Result<PreparedBlock[]>, effects: LedgerServerEffect[]): void {
    const verdict = prepared.ok ? this.ledger.validateRound(input, prepared.value) : prepared;
    if (!prepared.ok || !verdict.ok) {
      const error = prepared.ok ? (verdict.ok ? undefined : verdict.error) : prepared.error;
      const message = `round ${input.number}: ${error?.code} ${error?.message}`;
      effects.push({ kind: 'halted', fault: { code: 'ledger-halted', message } });
      return;
    }
    const outcome = this.ledger.applyRound(input, prepared.value);
    this.#forget(input, prepared.value);
    // A block certified under a key that was replaced would be refused by every other server.
    if (outcome.changes.keys.length > 0) this.#waiting.clear();
    const record = recordOf(input, prepared.value, outcome, ownSignature(this.#options, outcome));
    if (outcome.edge !== undefined) effects.push({ kind: 'edge', outcome });
    const token = this.#nextToken++;
    this.#durable.set(token, { record, outcome, views: [] });
    const writes = roundWrites(record);
    if (outcome.edge !== undefined) {
      this.#edge = token;
      writes.push(...edgeWrites(outcome.edge));
    }
    effects.push({ kind: 'persist', token, writes, round: { number: input.number, hash: outcome.hash } });
  }

  /** What the round decided no longer waits. */
  #forget(input: RoundInput, prepared: readonly PreparedBlock[]): void {
    for (const { hash } of prepared) this.#known.drop(hash);
    for (let lane = 0; lane < this.ledger.lanes.rows; lane++) {
      const cursor = this.ledger.lanes.read(lane)!;
      this.#waiting.prune(lane, cursor.height, cursor.incarnation);
    }
    this.#offer.forget(input);
    this.#beacon?.applied();
  }

  #onPersisted(token: number, nowMs: number, effects: LedgerServerEffect[]): void {
    const durable = this.#durable.get(token);
    assert(durable !== undefined, `no round has token ${token}`);
    this.#durable.delete(token);
    const { record, outcome, views } = durable;
    effects.push({ kind: 'applied', record, outcome });
    const notice = noticeOf(this.ledger, record, outcome, this.#devicesTold);
    this.#devicesTold = this.ledger.devices.rows;
    this.#notices.add(notice);
    for (let t = 0; t < this.ledger.trustNodes.rows; t++) {
      effects.push({ kind: 'send', to: trustPeer(t), message: { kind: 'notice', notice } });
    }
    effects.push(...views);
    if (record.input.beacon.length > 0) this.#beaconDuties(nowMs, effects);
    if (this.#edge !== token) return;
    this.#edge = undefined;
    const known = this.ledger.checkVersion();
    if (!known.ok) effects.push({ kind: 'halted', fault: known.error });
    else this.#advance(effects);
  }
}
