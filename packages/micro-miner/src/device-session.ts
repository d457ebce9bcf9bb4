/** One device's life on the wire: hello, login, assignments, presence, and again after a loss. */
import { readU32, toHex } from '@iotw/kernel/bytes';
import type { Failure } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import type { DeviceNode } from '@iotw/nodes/device/device-node';
import { deviceTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { decodeDeviceNumber, encodeDeviceStatus } from '@iotw/protocol/device-wire';
import { type Hello, type HelloAssigner, parseHostMove } from '@iotw/protocol/hello';
import type { ConnectionOwner, DeviceConnection } from './connection.js';
import { HostChoice, type Place, type PlaceAt } from './host-choice.js';

export type MinerEvent =
  | { readonly kind: 'connected'; readonly trustNode: number; readonly epoch: number }
  /** The connection is gone, or (not `wasOnline`) never was; `refused`: the login was turned down. */
  | {
      readonly kind: 'closed';
      readonly reason: string;
      readonly refused: boolean;
      readonly wasOnline: boolean;
      readonly retryMs: number;
    }
  /** The hello was none, or not the expected one; a new attempt follows. */
  | { readonly kind: 'hello-refused'; readonly error: Failure; readonly retryMs: number }
  /** The bytes are views, valid until the handler returns; `tookUs` microseconds from arrival to socket. */
  | {
      readonly kind: 'answered';
      readonly assignment: Uint8Array;
      readonly result: Uint8Array;
      readonly tookUs: number;
    }
  /** `code` of `REFUSAL` in protocol/device-wire. */
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'presence'; readonly epoch: number }
  /** Its host says that it belongs to another trust node, from an epoch on. */
  | { readonly kind: 'sent'; readonly to: number; readonly epoch: number }
  /** A ticket for the next epoch's pool has won and was sent. */
  | { readonly kind: 'ticket'; readonly epoch: number };

export interface SessionOptions {
  readonly network: Uint8Array;
  readonly deviceKey: Uint8Array;
  readonly node: DeviceNode;
  /** Where it logs in first. */
  readonly place: Place;
  /** Lets it follow where its host sends it, and go elsewhere where that can't be reached. */
  readonly placeAt?: PlaceAt;
  /** Told of each new list of lane keys and assigners, which the node's `laneKey` and `assignerKey` read. */
  readonly onKeys: (keys: readonly Uint8Array[], assigners: readonly HelloAssigner[]) => void;
  /** The device's number on the ledger, or a look-up asked at each login until it answers; without it the trust node is asked. */
  readonly device?: number | (() => Promise<number | undefined>);
  readonly keepaliveSeconds?: number;
  /** Resolves when this device may log in; what it gives back is called when the login is over. */
  readonly admit?: () => Promise<() => void>;
  /** Until it resolves the device does not say that it is there. */
  readonly assembled?: Promise<void>;
  readonly onEvent?: (event: MinerEvent) => void;
}

const KEEPALIVE_SECONDS = 60;
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 30_000;
/** How long a goodbye may take before the device leaves without. */
const STOP_MS = 1000;
/** Epoch length where hello tells none: the shortest in use, so that no ticket comes too late. */
const DEFAULT_EPOCH_MS = 10_000;
const OFFLINE = encodeDeviceStatus({ kind: 'offline' });

/** When, after the announcement of an epoch, a device sends its ticket: 0 <= ms < epochMs / 2, the same for all who compute it. */
export function presenceOffsetMs(deviceKey: Uint8Array, epoch: number, epochMs: number): number {
  const input = new Uint8Array(36);
  input.set(deviceKey, 0);
  new DataView(input.buffer).setUint32(32, epoch, true);
  return readU32(sha256(input), 0) % Math.max(1, Math.floor(epochMs / 2));
}

export class DeviceSession implements ConnectionOwner {
  readonly #options: SessionOptions;
  readonly #assign: string;
  readonly #result: string;
  readonly #status: string;
  readonly #hostTopic: string;
  readonly #numberTopic: string;
  readonly #choice: HostChoice;
  #connection: DeviceConnection | undefined;
  #hello: Hello | undefined;
  #device: number | undefined;
  #online = false;
  /** Asked on this connection where it belongs. */
  #asked = false;
  #running = false;
  #failures = 0;
  /** Epoch of the last ticket sent or due on this connection. */
  #ticketEpoch = -1;
  #ticketDue = false;
  #assembled: boolean;
  #ticketTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #admitted: (() => void) | undefined;
  #gone: (() => void) | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    if (typeof options.device === 'number') this.#device = options.device;
    this.#assembled = options.assembled === undefined;
    void options.assembled?.then(() => {
      this.#assembled = true;
      this.#sendTicket();
    });
    const prefix = networkPrefix(options.network);
    const hex = toHex(options.deviceKey);
    this.#assign = deviceTopic(prefix, hex, 'assign');
    this.#result = deviceTopic(prefix, hex, 'result');
    this.#status = deviceTopic(prefix, hex, 'status');
    this.#hostTopic = deviceTopic(prefix, hex, 'host');
    this.#numberTopic = deviceTopic(prefix, hex, 'number');
    this.#choice = new HostChoice(options.place, options.placeAt);
  }

  /** Logged in and able to take assignments. */
  get online(): boolean {
    return this.#online;
  }

  /** The device's number, once handed in, looked up, told by a trust node or read from an assignment it answered. */
  get device(): number | undefined {
    return this.#device;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#open();
  }

  /** Says that the device leaves, and closes; resolves when the connection is gone. */
  stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#ticketTimer);
    clearTimeout(this.#retryTimer);
    const connection = this.#connection;
    if (connection === undefined) return Promise.resolve();
    return new Promise((done) => {
      const timer = setTimeout(done, STOP_MS);
      this.#gone = () => {
        clearTimeout(timer);
        done();
      };
      // A clean goodbye cancels the will, so an external broker needs this; the embedded one knows anyway.
      if (this.#online) connection.publish(this.#status, OFFLINE);
      connection.end();
    });
  }

  async #open(): Promise<void> {
    const { admit, node } = this.#options;
    this.#admitted = await admit?.();
    const { hello, connector } = this.#choice.place;
    const found = await hello.read();
    if (!this.#running) {
      this.#release();
      return;
    }
    if (!found.ok) {
      this.#release();
      this.#emit({ kind: 'hello-refused', error: found.error, retryMs: this.#retry(true) });
      return;
    }
    this.#learn(found.value);
    const { trustNode, epoch } = found.value;
    const deviceHex = this.#assign.slice(-71, -7);
    this.#connection = connector(
      {
        clientId: deviceHex,
        username: deviceHex,
        password: node.loginToken(trustNode, epoch),
        will: { topic: this.#status, payload: OFFLINE },
        keepaliveSeconds: this.#options.keepaliveSeconds ?? KEEPALIVE_SECONDS,
      },
      this,
    );
  }

  connected(): void {
    const hello = this.#hello;
    const connection = this.#connection;
    this.#release();
    if (hello === undefined || connection === undefined) return;
    this.#failures = 0;
    this.#online = true;
    this.#ticketEpoch = -1;
    this.#choice.connected();
    const topics = [this.#assign, this.#choice.place.hello.topic];
    if (this.#options.device === undefined) {
      // What was told at an earlier login counts no more.
      this.#device = undefined;
      topics.push(this.#numberTopic);
    }
    connection.subscribe(topics);
    this.#asked = false;
    this.#askHost(hello);
    this.#emit({ kind: 'connected', trustNode: hello.trustNode, epoch: hello.epoch });
    if (hello.announce === true) this.#announce(hello);
    void this.#lookUp();
    // How old the epoch is, nobody says: at once is never too late, and logins are spread by themselves.
    this.#plan(hello, 0);
  }

  received(topic: string, payload: Uint8Array): void {
    if (topic === this.#assign) this.#answer(payload);
    else if (topic === this.#choice.place.hello.topic) this.#heard(payload);
    else if (topic === this.#hostTopic) this.#sent(payload);
    else if (topic === this.#numberTopic) this.#told(payload);
  }

  closed(reason: string, refused: boolean): void {
    this.#release();
    const wasOnline = this.#online;
    this.#connection = undefined;
    this.#online = false;
    clearTimeout(this.#ticketTimer);
    if (refused) this.#choice.place.hello.forget();
    this.#gone?.();
    if (!this.#running) return;
    this.#emit({ kind: 'closed', reason, refused, wasOnline, retryMs: this.#retry(!wasOnline) });
  }

  #answer(assignment: Uint8Array): void {
    const startedMs = performance.now();
    const result = this.#options.node.answer(assignment);
    this.#connection?.publish(this.#result, result);
    if (result[0] !== 0) {
      this.#emit({ kind: 'refused', code: result[1]! });
      return;
    }
    if (this.#device === undefined) {
      // The attestation's own field; a false number costs its tickets, no more.
      this.#device = readU32(result, 82);
      this.#sendTicket();
    }
    this.#emit({ kind: 'answered', assignment, result, tookUs: (performance.now() - startedMs) * 1000 });
  }

  /** The trust node says the device's number. */
  #told(payload: Uint8Array): void {
    const number = decodeDeviceNumber(payload);
    if (number === undefined || this.#options.device !== undefined) return;
    this.#device = number;
    this.#sendTicket();
  }

  /** An announcement while logged in: a new epoch, new lane keys, or a trust node that lost its sessions. */
  #heard(payload: Uint8Array): void {
    const checked = this.#choice.place.hello.check(payload);
    const known = this.#hello;
    if (!checked.ok || known === undefined || checked.value.trustNode !== known.trustNode) return;
    const hello = checked.value;
    if (hello === known) return;
    this.#learn(hello);
    if (this.#choice.leaves(hello.epoch)) {
      this.#leave();
      return;
    }
    this.#askHost(hello);
    if (hello.announce === true && (hello.epoch !== known.epoch || hello.session !== known.session)) {
      this.#announce(hello);
      if (hello.session !== known.session) this.#ticketEpoch = -1;
    }
    const epochMs = hello.epochMs ?? DEFAULT_EPOCH_MS;
    this.#plan(hello, presenceOffsetMs(this.#options.deviceKey, hello.epoch, epochMs));
  }

  /** Where hello names other hosts, this one says on a topic of the device's own where it belongs. */
  #askHost({ hosts }: Hello): void {
    if (this.#asked || hosts === undefined || !this.#choice.movable) return;
    this.#asked = true;
    this.#connection?.subscribe([this.#hostTopic]);
  }

  /** The host says that the device belongs to another. */
  #sent(payload: Uint8Array): void {
    const move = parseHostMove(payload);
    const hello = this.#hello;
    if (move === undefined || hello === undefined) return;
    if (!this.#choice.told(move, hello.epoch, performance.now())) return;
    this.#emit({ kind: 'sent', to: move.trustNode, epoch: move.epoch });
    if (this.#choice.leaves(hello.epoch)) this.#leave();
  }

  /** Goodbye here; the next attempt is elsewhere. */
  #leave(): void {
    this.#connection?.publish(this.#status, OFFLINE);
    this.#connection?.end();
  }

  #learn(hello: Hello): void {
    this.#hello = hello;
    this.#choice.learned(hello);
    this.#options.onKeys(hello.laneKeys, hello.assigners ?? []);
  }

  /** Behind an external broker the trust node sees no login: the token goes to `status`. */
  #announce(hello: Hello): void {
    const token = this.#options.node.loginToken(hello.trustNode, hello.epoch);
    this.#connection?.publish(this.#status, token);
  }

  /** One ticket for each epoch and connection: a trust node that restarts may have lost the last. */
  #plan(hello: Hello, delayMs: number): void {
    if (hello.epoch === this.#ticketEpoch) return;
    this.#ticketEpoch = hello.epoch;
    this.#ticketDue = false;
    clearTimeout(this.#ticketTimer);
    this.#ticketTimer = setTimeout(() => {
      this.#ticketDue = true;
      this.#sendTicket();
    }, delayMs);
  }

  #sendTicket(): void {
    const hello = this.#hello;
    if (!this.#ticketDue || !this.#assembled || !this.#online) return;
    if (hello === undefined || this.#device === undefined) return;
    this.#ticketDue = false;
    const ticket = this.#options.node.presence(
      this.#device,
      this.#ticketEpoch,
      this.#choice.ticketHost(hello.trustNode),
    );
    this.#connection?.publish(this.#status, ticket);
    this.#emit({ kind: 'presence', epoch: this.#ticketEpoch });
    if (hello.tickets === undefined || hello.epoch !== this.#ticketEpoch) return;
    const { seed, bits } = hello.tickets;
    const drawn = this.#options.node.ticket(this.#device, hello.epoch, seed, bits);
    if (drawn === undefined) return;
    this.#connection?.publish(this.#status, drawn);
    this.#emit({ kind: 'ticket', epoch: hello.epoch });
  }

  async #lookUp(): Promise<void> {
    const { device } = this.#options;
    if (this.#device !== undefined || typeof device !== 'function') return;
    // A look-up that fails is asked again at the next login; an assignment may tell as well.
    const found = await device().catch(() => undefined);
    if (found === undefined || this.#device !== undefined) return;
    this.#device = found;
    this.#sendTicket();
  }

  /** Plans the next attempt: doubling delays with jitter, so that a fleet does not come back at once. */
  #retry(failed: boolean): number {
    const ceiling = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    if (failed) this.#choice.failed(performance.now(), Math.random());
    const delayMs = Math.ceil(ceiling * (0.5 + Math.random() / 2));
    this.#retryTimer = setTimeout(() => void this.#open(), delayMs);
    return delayMs;
  }

  #release(): void {
    this.#admitted?.();
    this.#admitted = undefined;
  }

  #emit(event: MinerEvent): void {
    this.#options.onEvent?.(event);
  }
}
