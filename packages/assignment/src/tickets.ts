import { ELECTION_MODE, type ElectionMode, type Parameters } from '@iotw/protocol/parameters';
import type { PoolDevice } from '@iotw/protocol/pool';
import { committeeSize } from './committee.js';

/** What the rules of mode `vrf` read of a frozen pool and its parameters (spec: clause 7.8). */
export interface TicketPool {
  readonly mode: ElectionMode;
  readonly devices: readonly PoolDevice[];
  readonly parameters: Parameters;
}

/** Fraction bits of the sortition's fixed point: (1-p)^w of the largest target, 512, keeps 285 of them. */
const FRACTION_BITS = 1024n;
/** The part of the VRF's output that is read as a fraction: 32 bytes. */
const OUTPUT_BITS = 256n;

/** The number n of low bits that must be zero: the expected winners, devices / 2^n, are target .. 2 target - 1. */
export function ticketBits(devices: number, target: number): number {
  let bits = 0;
  while (Math.floor(devices / 2 ** (bits + 1)) >= target) bits++;
  return bits;
}

/**
 * The low bits that a ticket for this pool must have zero before it is worth sending: n in the plain
 * variant, 0 in the weighted one (the ledger decides); undefined where the pool asks for no tickets.
 */
export function ticketBitsAsked(pool: TicketPool): number | undefined {
  if (pool.mode !== 'vrf') return undefined;
  return isWeighted(pool.parameters) ? 0 : ticketBits(pool.devices.length, pool.parameters.ticketTarget);
}

/** Whether the `bits` least significant bits of the output, read as a little-endian integer, are zero. */
export function hasZeroBits(output: Uint8Array, bits: number): boolean {
  for (let i = 0; i < bits; i++) if (((output[i >>> 3]! >>> (i & 7)) & 1) !== 0) return false;
  return true;
}

/**
 * How often a device of `weight` is drawn when each of the pool's `total` units of weight is drawn with
 * chance target / total: the j with F(j-1) <= u < F(j), F the cumulative binomial distribution, u the
 * output's first 32 bytes as a little-endian fraction of 2^256. Fixed point of 1,024 bits, every step floored.
 */
export function sortition(output: Uint8Array, weight: number, total: number, target: number): number {
  if (total <= target) return weight;
  const [w, t, m] = [BigInt(weight), BigInt(target), BigInt(total)];
  const limit = fraction(output) << (FRACTION_BITS - OUTPUT_BITS);
  let term = power(((m - t) << FRACTION_BITS) / m, weight);
  let sum = term;
  let wins = 0n;
  while (limit >= sum && wins < w && term > 0n) {
    term = (term * (w - wins) * t) / ((wins + 1n) * (m - t));
    sum += term;
    wins += 1n;
  }
  return Number(wins);
}

/** How many tickets the device at `index` of the pool wins with this VRF output; 0: none. */
export function ticketsWon(pool: TicketPool, index: number, output: Uint8Array): number {
  const { devices, parameters } = pool;
  if (!isWeighted(parameters)) {
    return hasZeroBits(output, ticketBits(devices.length, parameters.ticketTarget)) ? 1 : 0;
  }
  return sortition(output, devices[index]!.weight, totalWeight(devices), parameters.ticketTarget);
}

/**
 * The devices that a pool of mode `vrf` opens with: those that hold winning tickets, drawn by their frozen
 * weight (plain) or by the number of their tickets (weighted). undefined where there are too few to draw
 * committees from: fewer devices than a committee, or fewer tickets than half of what the target expects
 * at least. Then the whole frozen pool is drawn by its weights, which is `random` in the plain variant.
 */
export function devicesWithTickets(
  pool: TicketPool,
  ticketsOf: (device: number) => number,
): PoolDevice[] | undefined {
  const weighted = isWeighted(pool.parameters);
  const winners: PoolDevice[] = [];
  let held = 0;
  for (const device of pool.devices) {
    const tickets = ticketsOf(device.device);
    if (tickets === 0) continue;
    held += tickets;
    winners.push(weighted ? { ...device, weight: tickets } : device);
  }
  const expected = Math.min(pool.parameters.ticketTarget, pool.devices.length);
  const enough = winners.length >= committeeSize(pool.parameters) && 2 * held >= expected;
  return enough ? winners : undefined;
}

/** The mode whose weights a pool is frozen with: that of the tickets in mode `vrf`, else its own. */
export function weighingMode(mode: ElectionMode, ticketWeight: number): Exclude<ElectionMode, 'vrf'> {
  if (mode !== 'vrf') return mode;
  const named = Object.entries(ELECTION_MODE).find(([, number]) => number === ticketWeight)?.[0];
  return named === undefined || named === 'vrf' ? 'random' : (named as Exclude<ElectionMode, 'vrf'>);
}

function isWeighted({ ticketWeight }: Pick<Parameters, 'ticketWeight'>): boolean {
  return ticketWeight !== ELECTION_MODE.random;
}

/** Sums of frozen pools, which never change. */
const totals = new WeakMap<readonly PoolDevice[], number>();

function totalWeight(devices: readonly PoolDevice[]): number {
  let total = totals.get(devices);
  if (total === undefined) {
    total = devices.reduce((sum, { weight }) => sum + weight, 0);
    totals.set(devices, total);
  }
  return total;
}

function fraction(output: Uint8Array): bigint {
  let value = 0n;
  for (let i = 31; i >= 0; i--) value = (value << 8n) | BigInt(output[i]!);
  return value;
}

/** base^exponent in fixed point: from the exponent's highest bit down, square, then multiply where the bit is set. */
function power(base: bigint, exponent: number): bigint {
  let result = 1n << FRACTION_BITS;
  for (const bit of exponent.toString(2)) {
    result = (result * result) >> FRACTION_BITS;
    if (bit === '1') result = (result * base) >> FRACTION_BITS;
  }
  return result;
}
