import { toHex, writeU16 } from '@iotw/kernel/bytes';
import { Ledger } from '@iotw/ledger/ledger';
import type { NodeEffect } from '@iotw/nodes/effects';
import { HeldKeys } from '@iotw/nodes/held-keys';
import { DEFAULT_INTAKE_LIMITS, Intake } from '@iotw/nodes/intake/intake';
import { RecentSignatures } from '@iotw/nodes/intake/recent-signatures';
import type { Submission } from '@iotw/nodes/intake/submission';
import { viewOf } from '@iotw/nodes/ledger-server/chain-state';
import { decodeMessage } from '@iotw/nodes/message-codec';
import { type ChainViewState, trustPeer } from '@iotw/nodes/messages';
import type { TrustNodeEffect, TrustNodeLimits } from '@iotw/nodes/trust-node/context';
import type { TrustNodeEvent } from '@iotw/nodes/trust-node/options';
import { restoreTrustNode } from '@iotw/nodes/trust-node/restore';
import { TrustNode } from '@iotw/nodes/trust-node/trust-node';
import { type BlockBody, bodyCount, encodeBody, envelopeAt, readBody } from '@iotw/protocol/body';
import { helloMessage, PROTOCOL_VERSION } from '@iotw/protocol/hello';
import type { DriftingClock } from '../world/drifting-clock.js';
import type { Endpoint } from '../world/faulty-network.js';
import { SIMULATED_VERSIONS } from '../world/next-version.js';
import type { World } from '../world/world.js';
import { DEVICE_FRAME, deviceFrame, readDeviceFrame } from './device-process.js';
import { Persistence } from './persistence.js';

/** Its people do not choose their signatures by it. */
const RECENT_SALT = 1;

const LIMITS: TrustNodeLimits = {
  queueCapacity: 1_024,
  blockTarget: 64,
  blockMost: 256,
  lingerMs: 20,
  minHedgeMs: 20,
  resendMs: 150,
  deviceAttempts: 2,
  hostSlots: 1_024,
  waitingProposals: 32,
  ticketsPerTransaction: 64,
  ticketLingerMs: 120,
  maxTickets: 256,
};

interface Session {
  /** Device key, hex. */
  readonly device: string;
  readonly connection: number;
}

/** A process with one trust node: what the runtime does with sockets, threads and a store, done with simulated ones. */
export class TrustProcess implements Endpoint {
  readonly index: number;
  readonly name: string;
  readonly #world: World;
  readonly #clock: DriftingClock;
  readonly #persistence: Persistence;
  readonly #genesisView: ChainViewState;
  #life = 0;
  #node: TrustNode | undefined;
  #intake: Intake | undefined;
  #tickAtMs = Number.POSITIVE_INFINITY;
  /** Devices with a session, by their names on the network. */
  readonly #sessions = new Map<string, Session>();

  constructor(world: World, index: number, clock: DriftingClock) {
    this.#world = world;
    this.index = index;
    this.name = trustPeer(index);
    this.#clock = clock;
    this.#persistence = new Persistence(world, this.name);
    this.#genesisView = viewOf(Ledger.genesis(world.genesis, { checker: world.checker }));
  }

  get running(): boolean {
    return this.#node !== undefined;
  }

  start(): void {
    const { keys, id, checker, plant, network } = this.#world;
    const found = restoreTrustNode(this.#persistence.disk, this.index);
    const records = plant?.trustRecords?.(found) ?? found;
    const own = keys.trust[this.index]!;
    this.#node = new TrustNode({
      network: id,
      index: this.index,
      keys: new HeldKeys(own.keys),
      accountKeys: own.account,
      checker,
      view: this.#genesisView,
      stale: true,
      limits: LIMITS,
      versions: [...SIMULATED_VERSIONS.keys()],
      ...records,
    });
    this.#intake = new Intake([this.#node.queue], new RecentSignatures(2_048, RECENT_SALT), {
      ...DEFAULT_INTAKE_LIMITS,
      runTarget: 32,
      laneTarget: 64,
    });
    network.attach(this.name, this);
    this.#tickAtMs = Number.POSITIVE_INFINITY;
    this.#step({ kind: 'tick', verifying: false });
  }

  crash(): void {
    this.#life += 1;
    this.#node = undefined;
    this.#intake = undefined;
    this.#sessions.clear();
    this.#world.network.detach(this.name);
    this.#persistence.crash();
  }

  receive(from: string, bytes: Uint8Array): void {
    if (from.startsWith('device:')) this.#fromDevice(from, bytes);
    else if (from.startsWith('client:')) this.#fromClient(from, bytes);
    else {
      const message = decodeMessage(this.#world.id, bytes);
      if (message.ok && message.value.kind === 'view') this.#world.coverage.add('views');
      if (message.ok) this.#step({ kind: 'peer', from, message: message.value });
    }
  }

  /** The broker saw the session of a device end. */
  deviceGone(name: string): void {
    const device = this.#sessions.get(name)?.device;
    if (device === undefined) return;
    this.#sessions.delete(name);
    this.#step({ kind: 'device-down', device });
  }

  #fromDevice(name: string, bytes: Uint8Array): void {
    const { kind, connection, content } = readDeviceFrame(bytes);
    const device = this.#sessions.get(name)?.device;
    if (device !== undefined) {
      const captor = this.#world.captors.ofNode(this.name);
      if (captor?.hears?.(this.index, device, content) === false) return;
    }
    if (kind === DEVICE_FRAME.login) {
      const key = toHex(content);
      this.#sessions.set(name, { device: key, connection });
      if (device === undefined) this.#step({ kind: 'device-up', device: key });
      this.#hello(name);
    } else if (device !== undefined && kind === DEVICE_FRAME.result)
      this.#step({ kind: 'device-result', device, bytes: content });
    else if (device !== undefined && kind === DEVICE_FRAME.status)
      this.#step({ kind: 'device-status', device, bytes: content });
  }

  #hello(name: string): void {
    const { genesis, id } = this.#world;
    const { tickets, assigners } = this.#node!.told;
    const hello = helloMessage({
      protocolVersion: PROTOCOL_VERSION,
      network: id,
      trustNode: this.index,
      epoch: this.#node!.epoch,
      laneKeys: genesis.trustNodes.map(({ key }) => key),
      session: '0000000000000000',
      ...(tickets === undefined ? {} : { tickets }),
      ...(assigners.length === 0 ? {} : { assigners }),
    });
    this.#toDevice(name, 'hello', hello);
  }

  #toDevice(name: string, topic: 'hello' | 'assign', content: Uint8Array): void {
    const { connection } = this.#sessions.get(name)!;
    const frame = deviceFrame({ kind: DEVICE_FRAME[topic], connection, content });
    this.#world.network.send(this.name, name, topic, frame);
  }

  #fromClient(client: string, bytes: Uint8Array): void {
    const body = readBody(bytes);
    const intake = this.#intake;
    if (!body.ok || intake === undefined) return;
    const run = this.#withoutDropped(body.value);
    if (run === undefined) return;
    const effects: NodeEffect[] = [];
    const submitted = intake.submit(run, client, effects);
    if (!submitted.ok) return;
    if (submitted.value.remaining === 0) this.#answer(submitted.value);
    this.#verify(effects);
  }

  #withoutDropped(body: BlockBody): BlockBody | undefined {
    const drops = this.#world.plant?.dropsEnvelope;
    if (drops === undefined) return body;
    const all = Array.from({ length: bodyCount(body) }, (_, i) => envelopeAt(body, i));
    const kept = all.filter((envelope) => !drops(envelope));
    return kept.length === 0 ? undefined : encodeBody(kept);
  }

  #verify(effects: readonly NodeEffect[]): void {
    const { events } = this.#world;
    const life = this.#life;
    for (const effect of effects) {
      if (effect.kind !== 'verify') continue;
      events.after(1, () => {
        if (life !== this.#life) return;
        const intake = this.#intake!;
        const more: NodeEffect[] = [];
        for (const done of intake.verified(effect.token, this.#world.verify(effect.run), more))
          this.#answer(done);
        this.#verify(more);
        this.#step({ kind: 'offered', verifying: intake.verifying > 0 });
      });
    }
  }

  /** Tells a client what became of its transactions: id and code of each. */
  #answer(submission: Submission, certified = false): void {
    const client = submission.tag;
    if (typeof client !== 'string' || submission.ids.length === 0) return;
    const b = new Uint8Array(34 * submission.count);
    for (let i = 0; i < submission.count; i++) {
      b.set(submission.ids.subarray(32 * i, 32 * i + 32), 34 * i);
      writeU16(b, 34 * i + 32, certified ? 0 : submission.codes[i]!);
    }
    this.#world.network.send(this.name, client, 'answer', b);
  }

  #step(event: TrustNodeEvent): void {
    const node = this.#node;
    if (node === undefined) return;
    const { events, coverage, plant } = this.#world;
    const nowMs = this.#clock.at(events.nowMs);
    const effects: TrustNodeEffect[] = [];
    node.step(event, nowMs, effects);
    const life = this.#life;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#world.send(this.name, effect.to, effect.message);
          break;
        case 'persist':
          this.#persistence.commit(effect.writes, () => {
            if (life === this.#life) this.#step({ kind: 'persisted', token: effect.token });
          });
          break;
        case 'deliver': {
          const captor = this.#world.captors.ofNode(this.name);
          if (captor?.delivers?.(this.index, effect.device, effect.assignment) === false) break;
          const name = [...this.#sessions].find(([, { device }]) => device === effect.device)?.[0];
          if (name !== undefined) this.#toDevice(name, 'assign', effect.assignment);
          break;
        }
        case 'decided':
          this.#answer(effect.submission);
          break;
        case 'certified':
          if (plant?.finalWhenCertified === true) this.#answer(effect.submission, true);
          break;
        case 'block-left':
          this.#intake!.rotate(this.#node!.queue);
          coverage.add('blocksFormed');
          break;
        case 'epoch':
          for (const name of this.#sessions.keys()) this.#hello(name);
          break;
        case 'verify':
          break;
      }
    }
    this.#arm(node.nextDeadlineMs(nowMs));
  }

  #arm(deadlineMs: number | undefined): void {
    if (deadlineMs === undefined) return;
    const { events } = this.#world;
    const wait = this.#clock.until(deadlineMs, events.nowMs);
    const at = events.nowMs + wait;
    if (at >= this.#tickAtMs) return;
    this.#tickAtMs = at;
    const life = this.#life;
    events.after(wait, () => {
      if (life !== this.#life || this.#tickAtMs !== at) return;
      this.#tickAtMs = Number.POSITIVE_INFINITY;
      this.#step({ kind: 'tick', verifying: this.#intake!.verifying > 0 });
    });
  }
}
