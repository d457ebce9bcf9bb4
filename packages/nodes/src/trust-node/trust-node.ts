import { assert } from '@iotw/kernel/assert';
import { fromHex } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import { ok } from '@iotw/kernel/result';
import { decodeDeviceResult, decodeDeviceStatus } from '@iotw/protocol/device-wire';
import { blockHash } from '@iotw/protocol/header';
import type { HostAddress, HostMove } from '@iotw/protocol/hello';
import { ChainView } from '../chain-view.js';
import {
  type ChainViewState,
  type PeerId,
  type PeerMessage,
  type ProposedBlock,
  type RoundNotice,
  trustPeer,
} from '../messages.js';
import { DEFAULT_TRUST_NODE_LIMITS, type TrustNodeContext, type TrustNodeEffect } from './context.js';
import { DeviceWatch } from './device-watch.js';
import { EpochConfirmation } from './epoch-confirmation.js';
import { Host, type HostStats } from './host.js';
import type { InFlight } from './in-flight.js';
import { Inquiries } from './inquiries.js';
import { Lane } from './lane.js';
import type { LaneQueue } from './lane-queue.js';
import { heeds, mayBegin, type Standing, standingOf } from './ledger-word.js';
import type { TrustNodeEvent, TrustNodeOptions } from './options.js';
import { OWN_TRANSACTION, OwnTransactions } from './own-transactions.js';
import {
  blockErases,
  blockWrites,
  type LeftBlock,
  type VoteRecord,
  voteErase,
  voteWrite,
} from './records.js';
import { signedAnew } from './rekey.js';
import { ViewInquiry } from './server-turn.js';
import { SignedBefore, signedUpTo } from './signed-before.js';
import { SilentHosts } from './silent-hosts.js';
import { idsOfBody } from './transaction-ids.js';
import { Witness } from './witness.js';

type Continuation =
  | { readonly kind: 'dispatch'; readonly block: InFlight; readonly record: VoteRecord }
  | { readonly kind: 'vote'; readonly record: VoteRecord }
  | { readonly kind: 'none' };

/** A trust node: its lane, the devices it hosts, its witnessing of the other lanes. No I/O, no clock. */
export class TrustNode {
  readonly #context: TrustNodeContext;
  readonly #lane: Lane;
  readonly #host: Host;
  readonly #inquiries: Inquiries;
  readonly #witness: Witness;
  readonly #own: OwnTransactions;
  readonly #watch: DeviceWatch;
  readonly #continuations = new Map<number, Continuation>();
  readonly #confirmation: EpochConfirmation;
  #nextToken = 1;
  #verifying = false;
  readonly #views: ViewInquiry;
  #behind = false;
  #stale: boolean;

  constructor(options: TrustNodeOptions) {
    const { view, blocks, votes, stale, limits, keptByRounds = false, keys: held, ...shared } = options;
    const chain = new ChainView(view);
    this.#context = {
      ...shared,
      held,
      // All parts read the keys from here, so that a rotation reaches every one of them.
      get keys() {
        return held.listed(chain.trustKeys[options.index]);
      },
      keptByRounds,
      limits: { ...DEFAULT_TRUST_NODE_LIMITS, ...limits },
      view: chain,
      // Half as long again as a device may take: for the way there and back.
      silentHosts: new SilentHosts(() => Math.ceil(1.5 * chain.parameters.answerTimeoutMs)),
    };
    this.#lane = new Lane(this.#context);
    this.#host = new Host(this.#context);
    this.#inquiries = new Inquiries(this.#context);
    this.#witness = new Witness(this.#context, votes);
    this.#own = new OwnTransactions(this.#context, view.trustSequences[options.index] ?? 0, options.address);
    this.#watch = new DeviceWatch(this.#context);
    this.#views = new ViewInquiry(this.#context);
    this.#confirmation = new EpochConfirmation(this.#context);
    this.#stale = stale ?? false;
    const signed = blocks.map((record) =>
      // Signed again where the node came back with another key.
      signedAnew(this.#context, {
        ...record,
        hash: blockHash(options.network, record.header),
        ids: idsOfBody(options.network, record.body),
      }),
    );
    this.#lane.restore(new SignedBefore(signed, signedUpTo(options.index, blocks, votes)));
  }

  get index(): number {
    return this.#context.index;
  }

  /** Where the intake puts verified transactions. */
  get queue(): LaneQueue {
    return this.#lane.queue;
  }

  get epoch(): number {
    return this.#context.view.epoch;
  }

  get round(): number {
    return this.#context.view.round;
  }

  /** What devices are told of the epoch. */
  get told(): Pick<ChainView, 'tickets' | 'assigners'> {
    return this.#context.view;
  }

  /** What the network lets this node do. */
  get standing(): Standing {
    return this.#stale ? 'waiting' : standingOf(this.#context);
  }

  /** Trust nodes where devices may log in, as far as they have told. */
  get hosts(): readonly HostAddress[] {
    return this.#context.view.nodes.trust.flatMap(({ standing, address }, trustNode) =>
      standing && address !== '' ? [{ trustNode, address }] : [],
    );
  }

  /** Where a device belongs that the plan of hosts gives to another trust node, and from which epoch on; undefined: here. */
  moveOf(device: number): HostMove | undefined {
    const move = this.#context.view.moveOf(device);
    if (move === undefined || move.host === this.index) return undefined;
    const host = this.hosts.find(({ trustNode }) => trustNode === move.host);
    return host === undefined ? undefined : { ...host, epoch: move.epoch };
  }

  get blocksInFlight(): number {
    return this.#lane.inFlight;
  }

  get devicesConnected(): number {
    return this.#host.connected;
  }

  get hostStats(): Readonly<HostStats> {
    return this.#host.stats;
  }

  /** One event in, effects out. `nowMs`: the shell's clock; only timeouts read it. */
  step(event: TrustNodeEvent, nowMs: number, effects: TrustNodeEffect[]): void {
    switch (event.kind) {
      case 'peer':
        this.#onMessage(event.from, event.message, nowMs, effects);
        break;
      case 'offered':
        this.#verifying = event.verifying;
        this.#lane.departure.offered(nowMs);
        break;
      case 'persisted':
        this.#onPersisted(event.token, nowMs, effects);
        break;
      case 'device-up':
      case 'device-down':
        this.#host.device(event.device, event.kind === 'device-up');
        break;
      case 'device-result':
        this.#onDeviceResult(event.device, event.bytes, nowMs, effects);
        break;
      case 'device-status':
        this.#onDeviceStatus(event.device, event.bytes, nowMs);
        break;
      case 'tick':
        this.#verifying = event.verifying;
        this.#host.tick(nowMs, effects);
        this.#inquiries.tick(nowMs, effects);
        this.#lane.tick(nowMs, effects);
        if (this.#behind || this.#stale || this.#lane.overdue(nowMs)) this.#askView(nowMs, effects);
        break;
    }
    if (this.#stale) return;
    this.#confirmation.confirm(effects);
    this.#sendOwn(nowMs);
    this.#lane.formBlocks(nowMs, this.#verifying, (block) => this.#persistBlock(block, effects), effects);
  }

  /** Keys of trust nodes were rotated, or this node holds others: what is under way is signed again where it has to be. */
  rekey(nowMs: number, effects: TrustNodeEffect[]): void {
    this.#host.rekey();
    this.#lane.rekey(nowMs, effects);
  }

  /** When the shell must step with a tick at the latest, ms (-Infinity: at once); undefined: nothing is under way. */
  nextDeadlineMs(nowMs: number): number | undefined {
    let next: number | undefined;
    for (const at of [
      this.#lane.nextDeadlineMs(nowMs),
      this.#host.nextDeadlineMs(),
      this.#inquiries.nextDeadlineMs(),
      this.#own.nextDeadlineMs(),
      this.#watch.nextDeadlineMs(),
      this.#behind || this.#stale ? this.#views.dueMs : undefined,
    ]) {
      if (at !== undefined && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  #sendOwn(nowMs: number): void {
    for (const evidence of this.#watch.due(nowMs)) this.#own.addEvidence(evidence);
    // A lane that takes no blocks would hold them until they expire.
    if (this.#context.view.lane(this.index).suspended) return;
    for (
      let submission = this.#own.next(nowMs);
      submission !== undefined;
      submission = this.#own.next(nowMs)
    ) {
      if (!this.#lane.departure.offerOwn(submission, nowMs)) this.#own.decided(submission);
    }
  }

  #persist(writes: readonly Write[], continuation: Continuation, effects: TrustNodeEffect[]): void {
    const token = this.#nextToken++;
    this.#continuations.set(token, continuation);
    effects.push({ kind: 'persist', token, writes, later: continuation.kind === 'none' });
  }

  #persistBlock(block: InFlight, effects: TrustNodeEffect[]): void {
    const own = this.#witness.bindOwn(block.block);
    const { header, signature, body } = block.block;
    const writes = [...blockWrites(this.index, { header, signature, body }), voteWrite(this.index, own)];
    this.#persist(writes, { kind: 'dispatch', block, record: own }, effects);
  }

  #onPersisted(token: number, nowMs: number, effects: TrustNodeEffect[]): void {
    const continuation = this.#continuations.get(token);
    assert(continuation !== undefined, `no write has token ${token}`);
    this.#continuations.delete(token);
    if (continuation.kind === 'dispatch') {
      this.#witness.noteDurable(continuation.record);
      this.#lane.dispatch(continuation.block, nowMs, effects);
    } else if (continuation.kind === 'vote') {
      this.#witness.noteDurable(continuation.record);
      this.#sendVote(continuation.record, effects);
    }
  }

  #onMessage(from: PeerId, message: PeerMessage, nowMs: number, effects: TrustNodeEffect[]): void {
    switch (message.kind) {
      case 'propose':
        if (!this.#stale && from === trustPeer(message.block.header.lane))
          this.#judge(message.block, effects);
        break;
      case 'vote':
        this.#lane.onVote(message.vote, nowMs, effects);
        break;
      case 'assigned':
        this.#lane.onAssigned(message, nowMs, effects);
        break;
      case 'assign':
        this.#host.onAssign(from, message, nowMs, effects);
        break;
      case 'answer':
        this.#context.silentHosts.heard(from);
        this.#watch.onAnswer(message.attestation, nowMs);
        if (message.attestation.lane === this.index) this.#lane.onAnswer(message.attestation, nowMs, effects);
        else this.#inquiries.onHostSays(from, message.attestation, effects);
        break;
      case 'miss':
        this.#context.silentHosts.heard(from);
        if (message.miss.lane === this.index) this.#lane.onMiss(message.miss, nowMs, effects);
        else this.#inquiries.onHostSays(from, message.miss, effects);
        break;
      case 'relay':
        if (!this.#stale && from === trustPeer(message.slot.lane))
          this.#inquiries.onRelay(message, nowMs, effects);
        break;
      case 'silence':
        if (from === trustPeer(message.silence.witness))
          this.#lane.onSilence(message.silence, nowMs, effects);
        break;
      case 'notice':
        if (heeds(this.#context, from, message, effects)) this.#onNotice(message.notice, nowMs, effects);
        break;
      case 'view':
        if (heeds(this.#context, from, message, effects)) this.#onView(message.view, nowMs, effects);
        break;
      default:
        // What is meant for other roles is not ours to answer.
        break;
    }
  }

  #judge(block: ProposedBlock, effects: TrustNodeEffect[]): void {
    for (let next: ProposedBlock | undefined = block; next !== undefined; ) {
      const verdict = this.#witness.judge(next);
      if (verdict.kind === 'vote') {
        this.#persist(
          [voteWrite(this.index, verdict.record)],
          { kind: 'vote', record: verdict.record },
          effects,
        );
      } else if (verdict.kind === 'repeat') {
        this.#sendVote(verdict.record, effects);
      } else if (verdict.kind === 'evidence') {
        this.#own.addEvidence(verdict.evidence);
        return;
      } else return;
      next = this.#witness.nextWaiting(next.header.lane, next.header.height + 1);
    }
  }

  #sendVote(record: VoteRecord, effects: TrustNodeEffect[]): void {
    const vote = this.#witness.sign(record);
    effects.push({ kind: 'send', to: trustPeer(record.lane), message: { kind: 'vote', vote } });
  }

  #onNotice(notice: RoundNotice, nowMs: number, effects: TrustNodeEffect[]): void {
    const before = this.#context.view.epoch;
    if (!this.#context.view.apply(notice)) {
      this.#behind = true;
      this.#askView(nowMs, effects);
      return;
    }
    this.#behind = false;
    this.#watch.onNotice(notice, nowMs);
    for (const appeal of this.#host.appeals(notice)) this.#own.addAppeal(appeal);
    this.#follow(before, (out) => this.#lane.onNotice(notice, nowMs, out), effects);
    if (notice.nodes !== undefined) this.rekey(nowMs, effects);
  }

  #onView(state: ChainViewState, nowMs: number, effects: TrustNodeEffect[]): void {
    const wasStale = this.#stale;
    const begins = wasStale ? mayBegin(this.#context, state) : ok(undefined);
    if (!begins.ok) {
      effects.push({ kind: 'refused', error: begins.error });
      return;
    }
    this.#stale = false;
    this.#own.catchUp(state.trustSequences[this.index] ?? 0);
    if (state.round <= this.#context.view.round && !wasStale) return;
    const before = this.#context.view.epoch;
    this.#context.view.replace(state);
    this.#views.answered();
    this.#behind = false;
    this.#follow(before, (out) => this.#lane.onView(nowMs, out), effects);
    this.rekey(nowMs, effects);
  }

  /** After the view moved: the lane follows, and what the ledger holds now leaves the disk. */
  #follow(
    epochBefore: number,
    moveLane: (effects: TrustNodeEffect[]) => LeftBlock[],
    effects: TrustNodeEffect[],
  ): void {
    const from = effects.length;
    const left = moveLane(effects);
    for (let i = from; i < effects.length; i++) {
      const effect = effects[i]!;
      if (effect.kind === 'decided' && effect.submission.tag === OWN_TRANSACTION)
        this.#own.decided(effect.submission);
    }
    const { erased, kept } = this.#witness.prune();
    const writes = [
      ...left.flatMap((block) => blockErases(this.index, block, this.#context.keptByRounds)),
      ...erased.map(({ lane, height }) => voteErase(this.index, lane, height)),
      ...kept.map((record) => voteWrite(this.index, record)),
    ];
    if (writes.length > 0) this.#persist(writes, { kind: 'none' }, effects);
    const { epoch } = this.#context.view;
    if (epoch !== epochBefore) effects.push({ kind: 'epoch', epoch });
  }

  #askView(nowMs: number, effects: TrustNodeEffect[]): void {
    // 0 asks for everything: only a whole view tells what a node that was away has to know.
    this.#views.ask(this.#stale ? 0 : this.#context.view.round, nowMs, effects);
  }

  #onDeviceResult(device: string, bytes: Uint8Array, nowMs: number, effects: TrustNodeEffect[]): void {
    const result = decodeDeviceResult(bytes);
    if (!result.ok || result.value.kind !== 'attestation') return;
    const { attestation } = result.value;
    // What a device says unasked is neither checked nor kept: it could fill the watch's memory with it.
    if (this.#host.onAttestation(device, attestation, nowMs, effects))
      this.#watch.onAnswer(attestation, nowMs);
  }

  #onDeviceStatus(device: string, bytes: Uint8Array, nowMs: number): void {
    const status = decodeDeviceStatus(bytes);
    const key = fromHex(device, 32);
    if (key === undefined || !status.ok) return;
    if (status.value.kind === 'presence') this.#own.addTicket(status.value.ticket, key, nowMs);
    if (status.value.kind === 'ticket') this.#own.addElectionTicket(status.value.ticket, key, nowMs);
  }
}
