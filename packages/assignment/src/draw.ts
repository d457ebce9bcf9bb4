import { assert } from '@iotw/kernel/assert';
import { writeU16, writeU64 } from '@iotw/kernel/bytes';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from '@iotw/protocol/domains';
import { ELECTION_MODE } from '@iotw/protocol/parameters';
import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';
import { DrawStream } from './draw-stream.js';
import { type PreparedPool, preparePool, slotAt, type WeightTable, weightTable } from './prepared-pool.js';

export interface DrawOptions {
  /** c: the width of the diversity window. */
  readonly committeeSize: number;
  /** Devices of this host are left out; undefined: none. */
  readonly excludeHost: number | undefined;
}

/**
 * Devices put off for diversity at one time, in committee sizes; beyond it the first of them is taken. With
 * 4 regions, 5 makers and c = 4 the first committee is distinct in all three in 64% of draws at 4, 99.2% at
 * 16, 99.995% at 32. Pools of one large and one small maker cost most: 16 keeps them near 50 us for 16 ranks.
 */
const DEFERRED_COMMITTEES = 16;

/**
 * The ranked list of the devices that (seed, mode, lane, height) elects (spec: clause 7), extended as far
 * as it is asked for. A function of snapshot, network, lane and height alone: neither who is reachable
 * nor who was removed changes it.
 *
 * Devices are drawn by weight without replacement. In every window of `committeeSize` consecutive ranks a
 * value of owner, maker or region occurs at most ceil(c / min(c, distinct values)) times; a device that
 * does not fit is put off and takes the first later rank at which it fits. Where 16 c devices are put off,
 * or nobody is left to draw, the first of them takes the rank all the same.
 */
export class RankedDraw {
  /** Length of the whole list. */
  readonly eligible: number;
  readonly #pool: PreparedPool;
  readonly #stream: DrawStream;
  readonly #size: number;
  readonly #ownerCap: number;
  readonly #makerCap: number;
  readonly #regionCap: number;
  readonly #ranked: PoolDevice[] = [];
  readonly #deferred: PoolDevice[] = [];
  #table: WeightTable;
  /** Slots of the table that are drawn, and their weight. */
  readonly #taken = new Set<number>();
  #takenWeight = 0;
  #drawn = 0;

  constructor(
    snapshot: EpochSnapshot,
    network: Uint8Array,
    lane: number,
    height: number,
    options: DrawOptions,
  ) {
    const size = options.committeeSize;
    assert(Number.isInteger(size) && size >= 1, 'a committee has at least one device');
    this.#pool = preparePool(snapshot, options.excludeHost);
    this.#table = this.#pool.table;
    this.eligible = this.#table.positions.length;
    this.#stream = new DrawStream(drawDigest(snapshot, network, lane, height));
    this.#size = size;
    this.#ownerCap = cap(size, this.#pool.owners);
    this.#makerCap = cap(size, this.#pool.makers);
    this.#regionCap = cap(size, this.#pool.regions);
  }

  /** The device at `rank` (from 0); undefined beyond the eligible devices. */
  at(rank: number): PoolDevice | undefined {
    if (rank >= this.eligible) return undefined;
    while (this.#ranked.length <= rank) this.#ranked.push(this.#next());
    return this.#ranked[rank];
  }

  #next(): PoolDevice {
    const deferred = this.#deferred;
    for (let i = 0; i < deferred.length; i++) {
      const device = deferred[i]!;
      if (!this.#fits(device)) continue;
      deferred.splice(i, 1);
      return device;
    }
    while (deferred.length < DEFERRED_COMMITTEES * this.#size && this.#drawn < this.eligible) {
      const device = this.#draw();
      if (this.#fits(device)) return device;
      deferred.push(device);
    }
    const relaxed = deferred.shift();
    assert(relaxed !== undefined, 'a rank below `eligible` has a device');
    return relaxed;
  }

  /** Whether the window that would end with `device` keeps all caps. */
  #fits(device: PoolDevice): boolean {
    const ranked = this.#ranked;
    let owners = 1;
    let makers = 1;
    let regions = 1;
    for (let i = Math.max(0, ranked.length - this.#size + 1); i < ranked.length; i++) {
      const other = ranked[i]!;
      if (other.owner === device.owner) owners++;
      if (other.maker === device.maker) makers++;
      if (other.region === device.region) regions++;
    }
    return owners <= this.#ownerCap && makers <= this.#makerCap && regions <= this.#regionCap;
  }

  /** One more device by weight; drawn ones are drawn again, so the chances of the others stay in proportion. */
  #draw(): PoolDevice {
    if (2 * this.#takenWeight > this.#table.total) this.#compact();
    for (;;) {
      const slot = slotAt(this.#table, this.#stream.below(this.#table.total));
      if (this.#taken.has(slot)) continue;
      const device = this.#pool.devices[this.#table.positions[slot]!]!;
      this.#taken.add(slot);
      this.#takenWeight += device.weight;
      this.#drawn++;
      return device;
    }
  }

  /** With more than half of the weight drawn, a table of the rest keeps the tries per draw below two. */
  #compact(): void {
    const rest = this.#table.positions.filter((_, slot) => !this.#taken.has(slot));
    this.#table = weightTable(this.#pool.devices, rest);
    this.#taken.clear();
    this.#takenWeight = 0;
  }
}

function cap(size: number, distinct: number): number {
  return Math.ceil(size / Math.max(1, Math.min(size, distinct)));
}

/** What the draw's stream starts from: seed, mode u8, lane u16, height u64. */
function drawDigest(snapshot: EpochSnapshot, network: Uint8Array, lane: number, height: number): Uint8Array {
  const bytes = new Uint8Array(43);
  bytes.set(snapshot.seed, 0);
  bytes[32] = ELECTION_MODE[snapshot.mode];
  writeU16(bytes, 33, lane);
  writeU64(bytes, 35, height);
  return signingDigest(DOMAIN.draw, network, bytes);
}
