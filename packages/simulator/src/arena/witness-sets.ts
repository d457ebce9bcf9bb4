import { RankedDraw } from '@iotw/assignment/draw';
import { chargeSoftMisses, softMissesLeft } from '@iotw/assignment/soft-misses';
import { assert } from '@iotw/kernel/assert';
import { Prng } from '@iotw/kernel/prng';
import { wilson } from '../statistics/intervals.js';
import { arenaPool, arenaSnapshot } from './arena-pool.js';

const NETWORK = new Uint8Array(32).fill(7);
const POOL = 2_000;
/** Committees drawn under one seed. */
const PER_EPOCH = 100;
const LANES = 4;

export interface WitnessPoint {
  /** Witnesses of one block, the share of all devices that is compromised, votes that decide. */
  readonly n: number;
  readonly p: number;
  readonly t: number;
}

export interface WitnessCount extends WitnessPoint {
  readonly trials: number;
  /** Blocks at which at least t witnesses were compromised, and at which fewer than t were honest. */
  readonly forged: number;
  readonly stalled: number;
}

/**
 * Committees elected by the network's own draw, of which each member is compromised with chance p by itself;
 * a device that sat twice would count once. No messages: only the election.
 */
export function drawCommittees({ n, p, t }: WitnessPoint, trials: number, seed: string): WitnessCount {
  const prng = new Prng(`witness set ${seed} ${n} ${p} ${t}`);
  const pool = arenaPool(POOL, LANES, (device) => ({
    maker: device,
    region: device % 251,
  }));
  let forged = 0;
  let stalled = 0;
  for (let trial = 0; trial < trials; ) {
    const snapshot = arenaSnapshot(pool, LANES, `${seed} ${n} ${p} ${t} ${trial}`);
    for (let height = 1; height <= PER_EPOCH && trial < trials; height++, trial++) {
      const lane = height % LANES;
      const draw = new RankedDraw(snapshot, NETWORK, lane, height, {
        committeeSize: n,
        excludeHost: lane,
      });
      let bad = 0;
      const members = new Set(Array.from({ length: n }, (_, rank) => draw.at(rank)!.device));
      for (const _ of members) if (prng.chance(Math.round(p * 1e6), 1e6)) bad += 1;
      if (bad >= t) forged += 1;
      if (n - bad < t) stalled += 1;
    }
  }
  return { n, p, t, trials, forged, stalled };
}

/** How witnesses are chosen: by lot, whoever answers first, or by lot under the diversity rule. */
export type WitnessChoice = 'random' | 'first-to-arrive' | 'diversity';

export interface CapturedSeats {
  readonly committees: number;
  /** Seats that the attacker's devices took, of all. */
  readonly seats: number;
  readonly taken: number;
  /** Committees in which every seat was the attacker's. */
  readonly whole: number;
}

const SIZE = 4;
/** Mean answer times, ms: the attacker's devices stand beside the asker. */
const HONEST_MS = 40;
const ATTACKER_MS = 10;

/** What an attacker gets who holds the devices of one maker, in one region and near by: a share p of all. */
export function chooseWitnesses(
  choice: WitnessChoice,
  p: number,
  committees: number,
  seed: string,
): CapturedSeats {
  const prng = new Prng(`choice ${choice} ${p} ${seed}`);
  const hold = Math.round(p * POOL);
  const diverse = choice === 'diversity';
  const pool = arenaPool(POOL, LANES, (device) => {
    const attacker = device < hold;
    if (!diverse) return { maker: device, region: device % 251, owner: device };
    return attacker
      ? { maker: 0, region: 0, owner: device % 50 }
      : {
          maker: 1 + (device % 4),
          region: 1 + (device % 3),
          owner: 50 + device,
        };
  });
  let taken = 0;
  let whole = 0;
  for (let i = 0; i < committees; i++) {
    const lane = i % LANES;
    let bad = 0;
    if (choice === 'first-to-arrive') bad = firstToArrive(hold, prng);
    else {
      const snapshot = arenaSnapshot(pool, LANES, `${seed} ${choice} ${p} ${Math.floor(i / PER_EPOCH)}`);
      const options = { committeeSize: SIZE, excludeHost: lane };
      const draw = new RankedDraw(snapshot, NETWORK, lane, 1 + (i % PER_EPOCH), options);
      for (let rank = 0; rank < SIZE; rank++) if (draw.at(rank)!.device < hold) bad += 1;
    }
    taken += bad;
    if (bad === SIZE) whole += 1;
  }
  return { committees, seats: SIZE * committees, taken, whole };
}

/** Everybody is asked, answer times are exponential; of the first SIZE answers, how many are the attacker's. */
function firstToArrive(hold: number, prng: Prng): number {
  // The first of many exponentials: each next one is the attacker's in proportion to the rates still out.
  let attacker = hold / ATTACKER_MS;
  let honest = (POOL - hold) / HONEST_MS;
  let bad = 0;
  for (let seat = 0; seat < SIZE; seat++) {
    if (prng.below(1e9) / 1e9 < attacker / (attacker + honest)) {
      bad += 1;
      attacker -= 1 / ATTACKER_MS;
    } else honest -= 1 / HONEST_MS;
  }
  return bad;
}

export interface SkipCount {
  readonly blocks: number;
  /** Committees in which every paid seat was the attacker's. */
  readonly whole: number;
  readonly taken: number;
  readonly seats: number;
  /** Assignments to honest devices at captured hosts, and how many of them were skipped by a false miss. */
  readonly asked: number;
  readonly skipped: number;
}

/**
 * What the skip rule allows a captured lane: a rank is passed over only with a miss signed by its device's
 * host, so it can skip honest devices at captured hosts and nobody else, each with chance `skipping`. Ranks beyond an
 * attempt are not used.
 */
export function skipHonest(
  p: number,
  capturedHosts: number,
  ranksPerAttempt: number,
  blocks: number,
  seed: string,
  skipping = 1,
): SkipCount {
  const prng = new Prng(`skip ${p} ${capturedHosts} ${seed}`);
  const pool = arenaPool(POOL, LANES, (device) => ({
    maker: device,
    region: device % 251,
  }));
  let whole = 0;
  let taken = 0;
  let seats = 0;
  let asked = 0;
  let skipped = 0;
  for (let from = 0; from < blocks; from += PER_EPOCH) {
    const held = Uint8Array.from(pool, () => (prng.chance(Math.round(p * 1e6), 1e6) ? 1 : 0));
    const snapshot = arenaSnapshot(pool, LANES, `${seed} skip ${p} ${capturedHosts} ${from}`);
    for (let height = 1; height <= PER_EPOCH && from + height <= blocks; height++) {
      const draw = new RankedDraw(snapshot, NETWORK, 0, height, {
        committeeSize: SIZE,
        excludeHost: 0,
      });
      let bad = 0;
      let answered = 0;
      for (let rank = 0; rank < ranksPerAttempt && answered < SIZE; rank++) {
        const { device, host } = draw.at(rank)!;
        const mine = held[device] === 1;
        if (!mine && host >= 1 && host <= capturedHosts) {
          asked += 1;
          if (prng.chance(Math.round(skipping * 1e6), 1e6)) {
            skipped += 1;
            continue;
          }
        }
        answered += 1;
        if (mine) bad += 1;
      }
      taken += bad;
      seats += answered;
      if (answered > 0 && bad === answered) whole += 1;
    }
  }
  return { blocks, whole, taken, seats, asked, skipped };
}

export interface SoftSkipCount {
  /** Seats filled, those of the attacker's devices, and soft misses spent on honest ones. */
  readonly seats: number;
  readonly taken: number;
  readonly spent: number;
  /** Ranks whose devices were late. */
  readonly late: number;
}

/**
 * @public What soft misses (spec: clause 8.15) allow a captured lane whose hosts are honest: they sign for devices that are late,
 * each with chance `late`, and the lane passes over an honest one where the next rank that steps in is its own. `late` = 1:
 * the hosts sign whatever it likes.
 */
export function skipSoftly(
  p: number,
  late: number,
  rule: { readonly softMissBps: number; readonly softMissBurst: number },
  blocks: number,
  seed: string,
): SoftSkipCount {
  const prng = new Prng(`soft ${p} ${late} ${seed}`);
  const pool = arenaPool(POOL, LANES, (device) => ({ maker: device, region: device % 251 }));
  const debts = new Uint32Array(LANES);
  const count = { seats: 0, taken: 0, spent: 0, late: 0 };
  for (let from = 0; from < blocks; from += PER_EPOCH) {
    const held = Uint8Array.from(pool, () => (prng.chance(Math.round(p * 1e6), 1e6) ? 1 : 0));
    const snapshot = arenaSnapshot(pool, LANES, `${seed} soft ${p} ${late} ${from}`);
    for (let height = 1; height <= PER_EPOCH && from + height <= blocks; height++) {
      const draw = new RankedDraw(snapshot, NETWORK, 0, height, { committeeSize: SIZE, excludeHost: 0 });
      const paidHosts: number[] = [];
      const softMisses: { readonly host: number }[] = [];
      // Ranks from SIZE on step in, one for each that is passed over.
      let next = SIZE;
      for (let rank = 0; rank < SIZE; rank++) {
        const { device, host } = draw.at(rank)!;
        const isLate = prng.chance(Math.round(late * 1e6), 1e6);
        if (isLate) count.late += 1;
        const stepsIn = draw.at(next)!;
        const used = softMisses.filter((miss) => miss.host === host).length;
        const left = softMissesLeft(rule, debts[host]!) - used;
        const gains = held[device] === 0 && held[stepsIn.device] === 1;
        if (isLate && gains && left > 0) {
          softMisses.push({ host });
          paidHosts.push(stepsIn.host);
          count.taken += 1;
          next += 1;
        } else {
          paidHosts.push(host);
          count.taken += held[device]!;
        }
      }
      assert(chargeSoftMisses(rule, debts, { softMisses, paidHosts }) === undefined, 'within the bound');
      count.seats += SIZE;
      count.spent += softMisses.length;
    }
  }
  return count;
}

export interface SkippingHosts {
  readonly hosts: number;
  /** How many of them skip, and the share of honest answers that each of these skips. */
  readonly captured: number;
  readonly attack: number;
  /** Chance that an honest device misses by itself. */
  readonly usual: number;
}

/**
 * Assignments per host after which the first host's skip rate stands out: the lower end of its Wilson interval (z) lies
 * above the upper end of that of all other hosts together, the captured ones among them. With none captured,
 * that is a false alarm. Looked at every ten assignments.
 */
export function detectSkipping(
  { hosts, captured, attack, usual }: SkippingHosts,
  z: number,
  seed: string,
  most = 100_000,
): number | undefined {
  const prng = new Prng(`detect ${hosts} ${captured} ${usual} ${attack} ${seed}`);
  const chance = (p: number): boolean => prng.below(1e9) < p * 1e9;
  const missing = usual + (1 - usual) * attack;
  let misses = 0;
  let others = 0;
  for (let asked = 1; asked <= most; asked++) {
    for (let host = 0; host < hosts; host++)
      if (chance(host < captured ? missing : usual)) {
        if (host === 0) misses += 1;
        else others += 1;
      }
    if (asked % 10 !== 0) continue;
    if (wilson(misses, asked, z).low > wilson(others, (hosts - 1) * asked, z).high) return asked;
  }
  return undefined;
}
