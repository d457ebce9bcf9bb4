import { concatBytes, readU16, toHex, writeU16 } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import type { Prng } from '@iotw/kernel/prng';
import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { Assigner } from '@iotw/nodes/assigner/assigner';
import { checkAgreed } from '@iotw/nodes/engine/agreed';
import { HeldKeys } from '@iotw/nodes/held-keys';
import { readBeaconStore } from '@iotw/nodes/ledger-server/beacon-member';
import {
  LedgerServer,
  type LedgerServerEffect,
  type LedgerServerEvent,
} from '@iotw/nodes/ledger-server/ledger-server';
import { restoreLedger } from '@iotw/nodes/ledger-server/restore';
import { type RoundRecord, storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { StateSaves } from '@iotw/nodes/ledger-server/state-saves';
import { decodeMessage } from '@iotw/nodes/message-codec';
import { ledgerPeer } from '@iotw/nodes/messages';
import { FIRST_SENDER_CODE, RESULT_CODES } from '@iotw/protocol/result';
import type { Misbehaviour, RoundInput } from '@iotw/protocol/round';
import { type DurableResults, Violation } from '../invariants/invariant.js';
import type { DriftingClock } from '../world/drifting-clock.js';
import type { FaultyDisk } from '../world/faulty-disk.js';
import type { Endpoint } from '../world/faulty-network.js';
import { SIMULATED_VERSIONS } from '../world/next-version.js';
import type { World } from '../world/world.js';
import { Persistence } from './persistence.js';
import { cover } from './round-coverage.js';

const TICK_MS = 150;

/** Where verdicts and applied rounds go: the simulated engine. */
export interface EngineSide {
  verdict(server: number, token: number, ok: boolean): void;
  started(server: number): void;
}

/** A process with one ledger server: replays its disk, follows the engine, answers who asks for results. */
export class LedgerProcess implements Endpoint {
  readonly index: number;
  readonly name: string;
  engine: EngineSide | undefined;
  readonly #world: World;
  readonly #clock: DriftingClock;
  readonly #persistence: Persistence;
  readonly #secrets: Prng;
  #life = 0;
  #server: LedgerServer | undefined;
  #assigner: Assigner | undefined;
  #saves: StateSaves | undefined;
  /** Durable results by transaction id; what an API server would keep as its index. */
  #codes = new Map<string, number>();
  #durableRound = 0;

  constructor(world: World, index: number, clock: DriftingClock) {
    this.#world = world;
    this.index = index;
    this.name = ledgerPeer(index);
    this.#clock = clock;
    this.#persistence = new Persistence(world, this.name);
    this.#secrets = world.prng.fork(`secrets ${this.name}`);
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  /** The server while it runs. */
  get ledger(): Ledger | undefined {
    return this.#server?.ledger;
  }

  /** Its disk, for whoever reads what is durable there. */
  get disk(): FaultyDisk {
    return this.#persistence.disk;
  }

  get results(): DurableResults {
    return { server: this.index, round: this.#durableRound, codes: this.#codes };
  }

  start(): void {
    const { genesis, keys, checker, plant, network, events } = this.#world;
    const own = plant?.ledgerChecker?.(checker) ?? checker;
    const { disk } = this.#persistence;
    const restored = restoreLedger(
      disk,
      genesis,
      { checker: own, versions: SIMULATED_VERSIONS },
      { opened: (ledger) => plant?.ledger?.(ledger, this.index) },
    );
    if (!restored.ok) throw new Violation('equal-state', `${this.name}: ${restored.error.message}`);
    const { ledger, snapshotRound } = restored.value;
    if (snapshotRound > 0) this.#world.coverage.add('snapshotsLoaded');
    this.#codes = new Map();
    for (const record of storedRounds(disk)) this.#index(record);
    this.#durableRound = ledger.round;
    this.#world.coverage.add('roundsReplayed', ledger.round - snapshotRound);
    this.#world.invariants.restored(this.results);
    this.#saves = new StateSaves(ledger, snapshotRound, 0);
    const { keys: pair, vrf } = keys.ledger[this.index]!;
    const held = new HeldKeys(pair);
    this.#server = new LedgerServer({
      index: this.index,
      keys: held,
      vrfKeys: vrf,
      ledger,
      checker: own,
      limits: { voteLingerMs: 300, keptNotices: 12 },
      beacon: { entropy: () => this.#secrets.bytes(32), stored: readBeaconStore(disk) },
    });
    const { api } = keys;
    this.#assigner = new Assigner(ledger, own, [
      { role: 'ledger-server', index: this.index, keys: held },
      { role: 'api-server', index: this.index, keys: new HeldKeys(api[this.index]!) },
    ]);
    network.attach(this.name, this);
    this.engine!.started(this.index);
    const life = this.#life;
    const tick = (): void => {
      if (life !== this.#life) return;
      this.#step({ kind: 'tick' });
      events.after(TICK_MS, tick);
    };
    events.after(TICK_MS, tick);
  }

  crash(): void {
    this.#life += 1;
    this.#server = undefined;
    this.#world.network.detach(this.name);
    this.#persistence.crash();
  }

  receive(from: string, bytes: Uint8Array): void {
    if (from.startsWith('client:')) {
      this.#answer(from, bytes);
      return;
    }
    const message = decodeMessage(this.#world.id, bytes);
    if (!message.ok) return;
    if (message.value.kind === 'assign-request') {
      const assigned = this.#assigner?.answer(from, message.value);
      if (assigned !== undefined) this.#world.send(this.name, from, assigned);
    } else this.#step({ kind: 'peer', from, message: message.value });
  }

  /** The ledger servers that vote on rounds by now. */
  voters(): readonly number[] {
    return this.#server?.ledger.ledgerServers.voting() ?? [];
  }

  /** The engine asks for the next round's input. */
  propose(proven: readonly Misbehaviour[]): RoundInput | undefined {
    const input = this.#server?.buildRound(this.#clock.at(this.#world.nowMs), proven);
    const captor = this.#world.captors.ofNode(this.name);
    return input === undefined || captor?.proposes === undefined
      ? input
      : captor.proposes(this.index, input, this.#server!.ledger);
  }

  /** The engine asks whether this server may vote for `input`. */
  judge(token: number, input: RoundInput, proven: readonly Misbehaviour[]): void {
    const { ledger } = this.#server!;
    // The simulated engine agrees on no time: the proposer's is taken.
    const agreed = checkAgreed(ledger, input, { timeMs: input.timeMs, misbehaviours: proven });
    if (!agreed.ok) {
      this.engine!.verdict(this.index, token, false);
      this.#world.coverage.add(`refused ${agreed.error.code}`);
      return;
    }
    this.#step({ kind: 'judge', token, input });
  }

  decide(input: RoundInput): void {
    this.#step({ kind: 'decided', input });
  }

  #answer(client: string, bytes: Uint8Array): void {
    const parts: Uint8Array[] = [];
    for (let at = 0; at + 32 <= bytes.length; at += 32) {
      const id = bytes.subarray(at, at + 32);
      const code = this.#codes.get(toHex(id));
      if (code === undefined) continue;
      const b = new Uint8Array(2);
      writeU16(b, 0, code);
      parts.push(id, b);
    }
    if (parts.length > 0) this.#world.network.send(this.name, client, 'answer', concatBytes(...parts));
  }

  #step(event: LedgerServerEvent): void {
    const server = this.#server;
    if (server === undefined) return;
    const { events } = this.#world;
    const effects: LedgerServerEffect[] = [];
    server.step(event, this.#clock.at(events.nowMs), effects);
    const life = this.#life;
    const snapshot: Write[] = [];
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#world.send(this.name, effect.to, effect.message);
          break;
        case 'persist':
          if (effect.round !== undefined) this.#saves!.wrote(effect.writes);
          this.#persistence.commit([...snapshot.splice(0), ...effect.writes], () => {
            if (life === this.#life) this.#step({ kind: 'persisted', token: effect.token });
          });
          break;
        case 'verify':
          events.after(1, () => {
            if (life === this.#life)
              this.#step({ kind: 'verified', token: effect.token, ...this.#world.verify(effect.run) });
          });
          break;
        case 'verdict':
          this.engine!.verdict(this.index, effect.token, effect.result.ok);
          if (!effect.result.ok) this.#world.coverage.add(`refused ${effect.result.error.code}`);
          break;
        case 'applied':
          this.#durable(effect.record, effect.outcome);
          break;
        case 'halted':
          throw new Violation('equal-state', `${this.name} halted: ${effect.fault.message}`);
        case 'edge':
          if (this.#world.snapshots) snapshot.push(...this.#save(effect.outcome));
          break;
      }
    }
  }

  #save(outcome: RoundOutcome): Write[] {
    const writes = this.#saves!.atEdge(outcome, false);
    this.#world.coverage.add(writes === undefined ? 'edgesNotSaved' : 'edgesSaved');
    return writes ?? [];
  }

  #durable(record: RoundRecord, outcome: RoundOutcome): void {
    const world = this.#world;
    const { number } = record.header;
    const first = number > world.appliedRound;
    if (first) world.appliedRound = number;
    this.#index(record);
    this.#durableRound = number;
    world.note(`${this.name} round ${number} ${toHex(outcome.hash)}`);
    const { ledger } = this.#server!;
    world.invariants.applied({ server: this.index, ledger, input: record.input, outcome, first });
    if (!first) return;
    cover(world.coverage, outcome, record, ledger);
    world.watcher?.applied(outcome);
  }

  #index(record: RoundRecord): void {
    // Results stand in the order applied; the first code that used up the sequence is the transaction's.
    const places: number[] = [];
    let at = 0;
    const starts = record.input.blocks.map(({ header }) => {
      const start = at;
      at += header.count;
      return start;
    });
    for (let i = 0; i < record.order.length; i += 2) {
      const block = readU16(record.order, i);
      for (let k = 0; k < record.input.blocks[block]!.header.count; k++) places.push(starts[block]! + k);
    }
    places.forEach((place, result) => {
      const id = toHex(record.ids.subarray(32 * place, 32 * place + 32));
      const code = readU16(record.codes, 2 * result);
      const consumed = code === 0 || code >= FIRST_SENDER_CODE;
      if (consumed) this.#codes.set(id, code);
      else if (code !== RESULT_CODES['sequence-used']) this.#world.coverage.add('refusedTransactions');
    });
  }
}
