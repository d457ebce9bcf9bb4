import type { VerifiedRun, VerifyRun } from '@iotw/kernel/ports/verifier';
import type { Prng } from '@iotw/kernel/prng';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { encodeMessage } from '@iotw/nodes/message-codec';
import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import type { Attestation } from '@iotw/protocol/attestation';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import type { LeftOutAnswer } from '@iotw/protocol/operations';
import { checkEnvelopeFrame, ENVELOPE, transactionId } from '@iotw/protocol/transaction';
import { Captors } from '../adversaries/captors.js';
import { Invariants } from '../invariants/invariants.js';
import type { Plant } from '../plants/plant.js';
import { Coverage } from './coverage.js';
import type { EventLog } from './event-log.js';
import { EventQueue } from './event-queue.js';
import { FaultyNetwork } from './faulty-network.js';
import type { WorldKeys } from './world-genesis.js';

/**
 * One cache of signatures for all simulated processes: what libsodium says does not depend on who asks. A
 * node's own word that a signature is good counts for nothing here.
 */
class SharedChecker extends SignatureChecker {
  override markValid(): void {}
}

/** Answer of a node to a client's question or submission; see processes/client.ts. */
export type Answer = readonly (readonly [id: string, code: number])[];

/** Keeps what devices say and holds it against what certificates say. */
export interface Observer {
  answered(answer: Attestation): void;
  applied(outcome: RoundOutcome): void;
  /** Shows nothing more. */
  stop(): void;
  /** Cases it has shown as left out, and answers that stand in certificates; the newest last. */
  readonly shown: readonly LeftOutAnswer[];
  readonly heard: readonly LeftOutAnswer[];
}

/** What everything in one simulation shares. */
export class World {
  readonly events = new EventQueue();
  readonly coverage = new Coverage();
  readonly log: EventLog;
  readonly network: FaultyNetwork;
  readonly prng: Prng;
  readonly keys: WorldKeys;
  readonly genesis: Genesis;
  readonly id: Uint8Array;
  readonly checker: SignatureChecker = new SharedChecker(32_768);
  readonly plant: Plant | undefined;
  readonly invariants: Invariants;
  /** Who acts in the place of captured parties; set before anything runs. */
  captors = new Captors([]);
  /** Whether ledger servers keep snapshots. */
  snapshots = false;
  /** Longest time a write takes to be durable, ms. */
  diskMs = 4;
  /** Told of every write and how long it takes to be durable, ms. */
  onWrite: ((process: string, durableInMs: number) => void) | undefined;
  /** The ledger that is ahead of all running ones, as anybody can read it; set before anything runs. */
  newest: () => Ledger | undefined = () => undefined;
  /** A ledger server signed twice, and the engine can prove it; set before anything runs. */
  proves: (server: number) => void = () => {};
  /** Who keeps what devices say; set before anything runs. */
  watcher: Observer | undefined;
  /** The highest round that any ledger server has applied. */
  appliedRound = 0;
  /** Encodings of messages that go to several peers, by the object they carry. */
  readonly #encoded = new WeakMap<object, Uint8Array>();

  constructor(prng: Prng, keys: WorldKeys, genesis: Genesis, log: EventLog, plant: Plant | undefined) {
    this.prng = prng;
    this.keys = keys;
    this.genesis = genesis;
    this.id = networkId(genesis);
    this.log = log;
    this.invariants = new Invariants(genesis, this.checker);
    this.plant = plant;
    this.network = new FaultyNetwork(this.events, log, this.coverage, prng.fork('network'));
  }

  get nowMs(): number {
    return this.events.nowMs;
  }

  note(line: string): void {
    this.log.note(this.events.nowMs, line);
  }

  /** Encodes and sends what a machine said. */
  send(from: PeerId, to: PeerId, message: PeerMessage): void {
    const captor = this.captors.ofNode(from);
    const said = this.plant?.outgoing === undefined ? message : this.plant.outgoing(from, message);
    const sent = said === undefined || captor?.sends === undefined ? said : captor.sends(from, to, said);
    if (sent === undefined) return;
    if (captor === undefined) this.invariants.sent(from, sent);
    this.network.send(from, to, sent.kind, this.#encode(sent));
  }

  #encode(message: PeerMessage): Uint8Array {
    const shared =
      message.kind === 'notice'
        ? message.notice
        : message.kind === 'propose' || message.kind === 'certified'
          ? message.block
          : undefined;
    if (shared === undefined) return encodeMessage(message);
    let bytes = this.#encoded.get(shared);
    if (bytes === undefined) {
      bytes = encodeMessage(message);
      this.#encoded.set(shared, bytes);
    }
    return bytes;
  }

  /** What a verifier thread would find out about a run of envelopes. */
  verify({ bytes, offsets }: VerifyRun): VerifiedRun {
    const count = offsets.length - 1;
    const ids = new Uint8Array(32 * count);
    const valid = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const envelope = bytes.subarray(offsets[i]!, offsets[i + 1]!);
      const id = transactionId(this.id, envelope.subarray(ENVELOPE.transaction));
      ids.set(id, 32 * i);
      if (!checkEnvelopeFrame(envelope).ok) continue;
      const sender = envelope.slice(ENVELOPE.sender, ENVELOPE.sequence);
      const signature = envelope.slice(ENVELOPE.signature, ENVELOPE.transaction);
      if (this.checker.verify(signature, id, sender)) valid[i] = 1;
    }
    return { ids, valid };
  }
}
