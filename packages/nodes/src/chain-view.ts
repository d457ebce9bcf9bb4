import { assert } from '@iotw/kernel/assert';
import { readU16, readU32 } from '@iotw/kernel/bytes';
import { type HelloAssigner, helloAssigners } from '@iotw/protocol/hello';
import type { Parameters } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import {
  type ChainViewState,
  HOST_MOVE_BYTES,
  type LaneCursor,
  ledgerPeer,
  type NodeSet,
  type PeerId,
  type RoundNotice,
} from './messages.js';

/** Epochs whose snapshots a trust node keeps: a block may belong to the current one or the one before. */
const KEPT_SNAPSHOTS = 3;

/** A lane at its admission (spec: clause 14.5). */
const UNOPENED = {
  incarnation: 0,
  height: 0,
  hash: new Uint8Array(32),
  suspended: true,
  softDebts: [],
} as const;

interface Absence {
  readonly from: number;
  until: number;
}

/** What a trust node knows of the ledger; follows round notices. */
export class ChainView {
  #round: number;
  #timeMs: number;
  #epoch: number;
  readonly #lanes = new Map<number, LaneCursor>();
  /** By device: left out of draws for refRound in [from, until); until 0: no end. */
  readonly #removed = new Map<number, Absence[]>();
  /** Rounds of the last two epochs' edges, the older first. */
  #edges: readonly number[] = [];
  readonly #snapshots = new Map<number, EpochSnapshot>();
  #nodes!: NodeSet;
  #trustKeys: readonly Uint8Array[] = [];
  #ledgerServers: readonly PeerId[] = [];
  readonly #moves = new Map<number, { readonly host: number; readonly epoch: number }>();
  #parameters: Parameters | undefined;

  constructor(state: ChainViewState) {
    this.#round = state.round;
    this.#timeMs = state.timeMs;
    this.#epoch = state.epoch;
    this.#take(state);
  }

  /** Jumps ahead to a newer state after missed notices; an older one changes nothing. */
  replace(state: ChainViewState): void {
    if (state.round <= this.#round) return;
    this.#round = state.round;
    this.#timeMs = state.timeMs;
    this.#epoch = state.epoch;
    this.#removed.clear();
    this.#edges = [];
    this.#take(state);
  }

  #takeNodes(nodes: NodeSet): void {
    this.#nodes = nodes;
    this.#trustKeys = nodes.trust.map(({ key }) => key);
    this.#ledgerServers = nodes.ledger.flatMap(({ standing }, index) =>
      standing ? [ledgerPeer(index)] : [],
    );
  }

  #takeMoves(packed: Uint8Array | undefined): void {
    this.#moves.clear();
    if (packed === undefined) return;
    for (let at = 0; at < packed.length; at += HOST_MOVE_BYTES)
      this.#moves.set(readU32(packed, at), { host: readU16(packed, at + 4), epoch: readU32(packed, at + 6) });
  }

  #take(state: ChainViewState): void {
    this.#takeNodes(state.nodes);
    this.#takeMoves(state.moves);
    for (const lane of state.lanes) this.#lanes.set(lane.lane, lane);
    for (const [device, from, until] of state.removed) this.#absencesOf(device).push({ from, until });
    for (const snapshot of state.snapshots) this.#snapshots.set(snapshot.epoch, snapshot);
    this.#parameters = this.#snapshots.get(this.#epoch)?.parameters ?? this.#parameters;
  }

  get round(): number {
    return this.#round;
  }

  get timeMs(): number {
    return this.#timeMs;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Parameters of the running epoch. */
  get parameters(): Parameters {
    assert(this.#parameters !== undefined, 'the first view holds the running epoch');
    return this.#parameters;
  }

  /** Signing keys of all trust nodes by number. */
  get trustKeys(): readonly Uint8Array[] {
    return this.#trustKeys;
  }

  get nodes(): NodeSet {
    return this.#nodes;
  }

  /** The ledger servers that take part: those of the genesis and the admitted ones, without the suspended. */
  get ledgerServers(): readonly PeerId[] {
    return this.#ledgerServers;
  }

  /** Where a device belongs that the plan of hosts moves (clause 14.8): the host, and from which epoch on it is drawn there. */
  moveOf(device: number): { readonly host: number; readonly epoch: number } | undefined {
    return this.#moves.get(device);
  }

  /** Where a lane stands. One that this view does not know yet stands where every lane begins, and takes no blocks. */
  lane(index: number): LaneCursor {
    return this.#lanes.get(index) ?? { ...UNOPENED, lane: index };
  }

  hasLane(index: number): boolean {
    return this.#lanes.has(index);
  }

  snapshot(epoch: number): EpochSnapshot | undefined {
    return this.#snapshots.get(epoch);
  }

  /** Over which seed devices draw tickets for the next epoch's pool, and the low bits that must be zero; undefined: it asks for none. */
  get tickets(): { readonly seed: Uint8Array; readonly bits: number } | undefined {
    const running = this.#snapshots.get(this.#epoch);
    return running?.ticketBits === undefined ? undefined : { seed: running.seed, bits: running.ticketBits };
  }

  /** Whose statements devices take beside the lanes' trust nodes, for blocks that may come now. */
  get assigners(): HelloAssigner[] {
    return helloAssigners([this.#snapshots.get(this.#epoch - 1), this.#snapshots.get(this.#epoch)]);
  }

  /** Whether a block that refers to `refRound` must skip the device (spec: clause 8, removal by refRound). */
  removed(device: number, refRound: number): boolean {
    const absences = this.#removed.get(device) ?? [];
    return absences.some(({ from, until }) => from <= refRound && (until === 0 || refRound < until));
  }

  /** false where the notice does not follow the last one: ask for the view. An old notice changes nothing. */
  apply(notice: RoundNotice): boolean {
    if (notice.header.number <= this.#round) return true;
    if (notice.header.number !== this.#round + 1) return false;
    this.#round = notice.header.number;
    this.#timeMs = notice.header.timeMs;
    this.#epoch = notice.header.epoch;
    for (const lane of notice.lanes) this.#lanes.set(lane.lane, lane);
    const { number } = notice.header;
    for (const device of notice.removed) {
      const absences = this.#absencesOf(device);
      if (!absences.some(({ until }) => until === 0)) absences.push({ from: number, until: 0 });
    }
    for (const device of notice.reinstated) {
      for (const absence of this.#removed.get(device) ?? [])
        if (absence.until === 0) absence.until = number + 1;
    }
    if (notice.nodes !== undefined) this.#takeNodes(notice.nodes);
    if (notice.snapshot !== undefined) {
      this.#takeMoves(notice.moves);
      this.#snapshots.set(notice.snapshot.epoch, notice.snapshot);
      this.#parameters = notice.snapshot.parameters;
      this.#forgetAbsences(number);
      for (const epoch of this.#snapshots.keys()) {
        if (epoch + KEPT_SNAPSHOTS <= notice.snapshot.epoch) this.#snapshots.delete(epoch);
      }
    }
    return true;
  }

  #absencesOf(device: number): Absence[] {
    const known = this.#removed.get(device) ?? [];
    this.#removed.set(device, known);
    return known;
  }

  /** At an edge: no block may refer to a round before the edge before it. */
  #forgetAbsences(edge: number): void {
    this.#edges = [...this.#edges.slice(-1), edge];
    const [before] = this.#edges;
    if (before === undefined || before === edge) return;
    for (const [device, absences] of this.#removed) {
      const kept = absences.filter(({ until }) => until === 0 || until > before);
      if (kept.length === 0) this.#removed.delete(device);
      else if (kept.length < absences.length) this.#removed.set(device, kept);
    }
  }
}
