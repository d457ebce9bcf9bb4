/** A fleet of simulated devices: each has its own key, machine and MQTT connection. */

import { readU64 } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { DeviceNode } from '@iotw/nodes/device/device-node';
import { assignerKey, type HelloAssigner } from '@iotw/protocol/hello';
import { DeviceSession, type MinerEvent } from '../device-session.js';
import { fileBootStore } from '../file-boot-store.js';
import { HelloReader } from '../hello-reader.js';
import type { Place, PlaceAt } from '../host-choice.js';
import type { FleetConfig } from './config.js';
import { fleetDeviceKeys } from './device-keys.js';
import { Durations } from './durations.js';
import { leanConnector } from './lean-connection.js';
import { LoginGate } from './login-gate.js';

/** Answers one simulated device keeps for repeats: an assignment is repeated within seconds or never. */
const KEPT_ANSWERS = 8;
/** Headers whose signature is known: some seconds of blocks. */
const CHECKED_HEADERS = 4096;
/** One hello serves the logins of this long. */
const HELLO_FRESH_MS = 1000;
/** Half of the shortest epoch in use: whoever says by then that it is there is in time. */
const ASSEMBLY_MS = 5_000;
/** Where an assignment's header has its time (protocol/header). */
const HEADER_TIME_AT = 80;

/** Counts since the start, but for `connected`; durations since the last report. */
export interface FleetReport {
  readonly devices: number;
  readonly connected: number;
  readonly logins: number;
  readonly answered: number;
  /** Assignments answered by a refusal, by its code. */
  readonly refused: Readonly<Record<number, number>>;
  readonly presence: number;
  /** Devices told that they belong to another host. */
  readonly sent: number;
  readonly closed: number;
  readonly loginsRefused: number;
  readonly helloRefused: Readonly<Record<string, number>>;
  /** From an assignment's arrival to its answer handed to the socket, microseconds. */
  readonly serviceUs: ReturnType<Durations['summary']>;
  /** From the header's time (the lane's clock) to the answer, ms. */
  readonly ageMs: ReturnType<Durations['summary']>;
}

export class Fleet {
  readonly #config: FleetConfig;
  readonly #sessions: DeviceSession[] = [];
  readonly #gate: LoginGate;
  readonly #ageMs = new Durations();
  readonly #serviceUs = new Durations();
  readonly #refused: Record<number, number> = {};
  readonly #helloRefused: Record<string, number> = {};
  readonly #places = new Map<string, Place>();
  #connected = 0;
  #sent = 0;
  #logins = 0;
  #answered = 0;
  #presence = 0;
  #closed = 0;
  #loginsRefused = 0;
  readonly #boot;
  /**
   * Resolves when all devices are logged in, or when waiting longer would cost them an epoch. Tickets make blocks,
   * and blocks ask devices: any that is still to log in would be said to have missed.
   */
  readonly #assembled: Promise<void>;
  #assemble: () => void = () => {};

  constructor(config: FleetConfig) {
    this.#config = config;
    this.#gate = new LoginGate(config.loginsInFlight, config.loginsPerSecond);
    this.#boot = fileBootStore(config.boot);
    this.#assembled = new Promise((resolve) => {
      this.#assemble = resolve;
    });
  }

  /** Raises the fleet's boot counter, then starts every device; gives back the boot number. Errors: `boot-store-*`. */
  async start(): Promise<Result<number>> {
    const boot = await this.#boot.next();
    if (!boot.ok) return boot;
    // Simulated devices share one CPU, so each header's signature is verified once in the process;
    // hashing the block and signing the attestation is every device's own work.
    const checker = new SignatureChecker(CHECKED_HEADERS);
    const places = this.#config.trustNodes.map((node) => this.#place(node));
    const { first, count, seed, network, firstNumber } = this.#config;
    for (let i = 0; i < count; i++) {
      const place = places[i % places.length]!;
      let laneKeys: readonly Uint8Array[] = [];
      let assigners: readonly HelloAssigner[] = [];
      const keys = fleetDeviceKeys(seed, first + i);
      const node = new DeviceNode({
        network,
        keys,
        boot: boot.value,
        laneKey: (lane) => laneKeys[lane],
        assignerKey: (role, index) => assignerKey(assigners, role, index),
        verifyHeader: (signature, digest, key) => checker.verify(signature, digest, key),
        keptAnswers: KEPT_ANSWERS,
      });
      const session = new DeviceSession({
        network,
        deviceKey: keys.publicKey,
        node,
        place,
        placeAt: this.#placeAt,
        onKeys: (keys, told) => {
          laneKeys = keys;
          assigners = told;
        },
        admit: this.#admit,
        assembled: this.#assembled,
        onEvent: this.#onEvent,
        keepaliveSeconds: this.#config.keepaliveSeconds,
        ...(firstNumber === undefined ? {} : { device: firstNumber + i }),
      });
      this.#sessions.push(session);
      session.start();
    }
    setTimeout(this.#assemble, ASSEMBLY_MS).unref();
    return ok(boot.value);
  }

  /** Every device leaves; then the boot counter is free for the next process. */
  async stop(): Promise<void> {
    this.#gate.close();
    await Promise.all(this.#sessions.map((session) => session.stop()));
    await this.#boot.close();
  }

  /** The figures so far; begins the durations anew. */
  report(): FleetReport {
    const report: FleetReport = {
      devices: this.#config.count,
      connected: this.#connected,
      logins: this.#logins,
      answered: this.#answered,
      refused: { ...this.#refused },
      presence: this.#presence,
      sent: this.#sent,
      closed: this.#closed,
      loginsRefused: this.#loginsRefused,
      helloRefused: { ...this.#helloRefused },
      serviceUs: this.#serviceUs.summary(),
      ageMs: this.#ageMs.summary(),
    };
    this.#serviceUs.reset();
    this.#ageMs.reset();
    return report;
  }

  readonly #admit = () => this.#gate.enter();

  /** What the devices at one trust node share; one for each address. */
  #place({ index, host, port }: FleetConfig['trustNodes'][number]): Place {
    const name = `${index} ${host}:${port}`;
    let place = this.#places.get(name);
    if (place !== undefined) return place;
    const { network, laneKeys: pinned } = this.#config;
    const connector = leanConnector(host, port);
    const hello = new HelloReader({
      connector,
      network,
      trustNode: index,
      freshMs: HELLO_FRESH_MS,
      ...(pinned === undefined ? {} : { laneKeys: pinned }),
    });
    place = { connector, hello };
    this.#places.set(name, place);
    return place;
  }

  /** Simulated devices speak MQTT over TCP only. */
  readonly #placeAt: PlaceAt = ({ trustNode, address }) => {
    const [, host, port] = /^mqtt:[/][/]([^/:]+):(\d{1,5})$/.exec(address) ?? [];
    return host === undefined ? undefined : this.#place({ index: trustNode, host, port: Number(port) });
  };

  readonly #onEvent = (event: MinerEvent) => {
    switch (event.kind) {
      case 'answered':
        this.#answered += 1;
        this.#serviceUs.add(event.tookUs);
        this.#ageMs.add(Math.max(0, Date.now() - readU64(event.assignment, HEADER_TIME_AT)));
        break;
      case 'refused':
        this.#refused[event.code] = (this.#refused[event.code] ?? 0) + 1;
        break;
      case 'sent':
        this.#sent += 1;
        break;
      case 'presence':
        this.#presence += 1;
        break;
      case 'connected':
        this.#connected += 1;
        this.#logins += 1;
        if (this.#connected === this.#config.count) this.#assemble();
        break;
      case 'closed':
        this.#closed += 1;
        if (event.refused) this.#loginsRefused += 1;
        if (event.wasOnline) this.#connected -= 1;
        break;
      case 'hello-refused':
        this.#helloRefused[event.error.code] = (this.#helloRefused[event.error.code] ?? 0) + 1;
        break;
    }
  };
}
