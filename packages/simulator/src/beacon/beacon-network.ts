import { assert } from '@iotw/kernel/assert';
import { utf8 } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import { Prng } from '@iotw/kernel/prng';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import { HeldKeys } from '@iotw/nodes/held-keys';
import { BeaconMember, readBeaconStore } from '@iotw/nodes/ledger-server/beacon-member';
import {
  LedgerServer,
  type LedgerServerEffect,
  type LedgerServerEvent,
} from '@iotw/nodes/ledger-server/ledger-server';
import { restoreLedger, snapshotWrites } from '@iotw/nodes/ledger-server/restore';
import { ledgerPeer, type PeerId, type PeerMessage } from '@iotw/nodes/messages';
import type { Genesis } from '@iotw/protocol/genesis';
import { type Parameters, SEED_SOURCE } from '@iotw/protocol/parameters';
import { type RoundInput, RoundInputType } from '@iotw/protocol/round';
import { FaultyDisk } from '../world/faulty-disk.js';
import {
  SIMULATED_PARAMETERS,
  START_MS,
  type WorldKeys,
  worldGenesis,
  worldKeys,
} from '../world/world-genesis.js';
import { CorruptMember } from './corrupt-member.js';
import { loseShare } from './lost-share.js';

export interface BeaconNetworkOptions {
  readonly seed: string;
  readonly members: number;
  readonly threshold: number;
  /** Members in the adversary's hand: the first ones. */
  readonly corrupt: number;
  readonly parameters?: Partial<Parameters>;
}

const TICK_MS = 50;
const EPOCH_MS = 400;
const STEP_MS = 600;

/** One ledger server with its disk; it may be away. */
interface Server {
  readonly index: number;
  readonly disk: FaultyDisk;
  machine: LedgerServer | undefined;
}

/**
 * Ledger servers with nothing to do but to make and use their shared key: the production machines over a network
 * that loses and reorders messages, an engine that orders what the proposer of the turn offers and honest servers
 * find valid, disks, restarts, and an adversary that speaks for the corrupt members.
 */
export class BeaconNetwork {
  readonly genesis: Genesis;
  readonly options: BeaconNetworkOptions;
  readonly corrupt = new Map<number, CorruptMember>();
  nowMs = START_MS;
  /** Rounds ordered; nothing is kept of those that all have. */
  readonly #decided: Uint8Array[] = [];
  readonly #keys: WorldKeys;
  readonly #prng: Prng;
  readonly #secrets: Prng;
  readonly #checker = new SignatureChecker();
  readonly #servers: Server[];
  #mail: { readonly from: PeerId; readonly to: PeerId; readonly message: PeerMessage }[] = [];
  #turn = 0;

  constructor(options: BeaconNetworkOptions) {
    this.options = options;
    this.#prng = new Prng(utf8(`beacon ${options.seed}`));
    this.#secrets = this.#prng.fork('secrets');
    const size = { trustNodes: 1, ledgerServers: options.members, devices: 3, accounts: 3 };
    this.#keys = worldKeys(size, this.#prng.fork('keys'));
    const parameters = {
      ...SIMULATED_PARAMETERS,
      epochMs: EPOCH_MS,
      seedSource: SEED_SOURCE.threshold,
      beaconThreshold: options.threshold,
      beaconStepMs: STEP_MS,
      ...options.parameters,
    };
    this.genesis = worldGenesis(size, this.#keys, parameters, this.#prng.fork('genesis'));
    this.#servers = Array.from({ length: options.members }, (_, index) => ({
      index,
      disk: new FaultyDisk(),
      machine: undefined,
    }));
    for (let index = 0; index < options.corrupt; index++) {
      const { keys } = this.#keys.ledger[index]!;
      const fork = this.#prng.fork(`corrupt ${index}`);
      this.corrupt.set(index, new CorruptMember(keys, () => this.#servers[index]!.machine!.ledger, fork));
    }
    for (let index = 0; index < options.members; index++) this.start(index);
  }

  /** The ledger as the last member, an honest one, has it. */
  get ledger(): Ledger {
    const running = this.#servers.filter(({ machine }) => machine !== undefined);
    return running.at(-1)!.machine!.ledger;
  }

  get honest(): number[] {
    return this.#servers.map(({ index }) => index).filter((index) => !this.corrupt.has(index));
  }

  /** Whether all that run stand at the same round with the same state. */
  get agreed(): boolean {
    const hashes = this.#servers.flatMap(({ machine }) =>
      machine === undefined ? [] : [`${machine.ledger.round} ${machine.ledger.roundHash.join()}`],
    );
    return new Set(hashes).size === 1;
  }

  /** Starts a member from its disk. */
  start(index: number): void {
    const server = this.#servers[index]!;
    const restored = restoreLedger(server.disk, this.genesis, { checker: this.#checker });
    assert(restored.ok, restored.ok ? '' : restored.error.message);
    const { keys, vrf } = this.#keys.ledger[index]!;
    server.machine = new LedgerServer({
      index,
      keys: new HeldKeys(keys),
      vrfKeys: vrf,
      ledger: restored.value.ledger,
      checker: this.#checker,
      beacon: { entropy: () => this.#secrets.bytes(32), stored: readBeaconStore(server.disk) },
    });
    this.#catchUp(server);
  }

  /** The member's process dies; its disk stays. */
  stop(index: number): void {
    this.#servers[index]!.machine = undefined;
  }

  /** The member's disk loses its share, and the secret of a ceremony that runs. */
  loseShare(index: number): void {
    loseShare(this.#servers[index]!.disk);
  }

  /** What a thief of the member's disk and keys would hold: its share of the key in use. */
  shareOf(index: number): Uint8Array | undefined {
    const { disk } = this.#servers[index]!;
    const { keys, vrf } = this.#keys.ledger[index]!;
    return new BeaconMember({
      index,
      keys: new HeldKeys(keys),
      vrfKeys: vrf,
      ledger: this.ledger,
      entropy: () => this.#secrets.bytes(32),
      stored: readBeaconStore(disk),
    }).share;
  }

  /** One tick of time: duties, mail, a round where there is something to order. */
  step(): void {
    this.nowMs += TICK_MS;
    for (const server of this.#servers) this.#run(server, { kind: 'tick' });
    this.#deliver();
    this.#order();
  }

  #deliver(): void {
    const mail = this.#mail;
    this.#mail = [];
    while (mail.length > 0) {
      const [letter] = mail.splice(this.#prng.below(mail.length), 1);
      // Lost; whatever matters is said again at the next tick.
      if (this.#prng.chance(1, 10)) continue;
      const to = this.#servers.find(({ index }) => ledgerPeer(index) === letter!.to);
      if (to !== undefined) this.#run(to, { kind: 'peer', from: letter!.from, message: letter!.message });
    }
  }

  #order(): void {
    const proposer = this.#servers[this.#turn++ % this.#servers.length]!;
    const { machine } = proposer;
    if (machine === undefined) return;
    const offered = machine.buildRound(this.nowMs);
    const input = offered && this.#corrupted(proposer.index, offered);
    if (input === undefined) return;
    const judges = this.#servers.filter(
      ({ index, machine: m }) => m !== undefined && !this.corrupt.has(index),
    );
    if (!judges.every((judge) => judge.machine!.ledger.validateRound(input, []).ok)) return;
    this.#decided.push(RoundInputType.serialize(input));
    for (const server of this.#servers) this.#catchUp(server);
  }

  /** What a corrupt proposer makes of its own words, and of its turn. */
  #corrupted(index: number, input: RoundInput): RoundInput | undefined {
    const member = this.corrupt.get(index);
    if (member === undefined) return input;
    if (this.#prng.chance(1, 3)) return undefined;
    const beacon = input.beacon.flatMap((message) => {
      if (message.server !== index) return [message];
      const word = member.word(message);
      return word === undefined ? [] : [word];
    });
    return { ...input, beacon };
  }

  #catchUp(server: Server): void {
    while (server.machine !== undefined && server.machine.ledger.round < this.#decided.length) {
      const bytes = this.#decided[server.machine.ledger.round]!;
      this.#run(server, { kind: 'decided', input: RoundInputType.deserialize(bytes) });
    }
  }

  #run(server: Server, event: LedgerServerEvent): void {
    const { machine } = server;
    if (machine === undefined) return;
    const effects: LedgerServerEffect[] = [];
    machine.step(event, this.nowMs, effects);
    const snapshot: Write[] = [];
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#send(server.index, effect.to, effect.message);
          break;
        case 'edge':
          snapshot.push(...snapshotWrites(machine.ledger));
          break;
        case 'persist':
          server.disk.write([...snapshot.splice(0), ...effect.writes]);
          server.disk.sync();
          this.#run(server, { kind: 'persisted', token: effect.token });
          break;
        case 'halted':
          throw new Error(effect.fault.message);
        default:
          break;
      }
    }
  }

  #send(from: number, to: PeerId, message: PeerMessage): void {
    const told = this.corrupt.has(from) ? this.corrupt.get(from)!.tell(message) : message;
    if (told !== undefined) this.#mail.push({ from: ledgerPeer(from), to, message: told });
  }
}
