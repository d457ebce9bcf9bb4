import { fail, ok, type Result } from '@iotw/kernel/result';
import { binomialBelow, hypergeometricBelow, MAX_SET_MEMBERS } from './binomial.js';
import { both, type Chance, chanceLog10, chanceNumber, chanceText, complement, either } from './chance.js';

/** One set of witnesses: devices of a committee, or trust nodes. */
export interface WitnessSet {
  readonly members: number;
  /** Chance that one member, drawn at random, is the attacker's. */
  readonly compromised: Chance;
  /** Members that have to agree for the set to speak. */
  readonly threshold: number;
  /**
   * Members are drawn without replacement from so many, of which ceil(compromised x pool) are the
   * attacker's; without it they are independent (the whitepaper's binomial).
   */
  readonly pool?: number;
}

/** How likely one block's witnesses let something through, or let nothing through. */
export interface SetRisk {
  /** P(compromised >= threshold): they speak in the attacker's words. */
  readonly forging: Chance;
  /** P(honest < threshold): without the attacker they can't speak at all. */
  readonly stalling: Chance;
}

/**
 * The whitepaper's figure of merit, the two ways to fail apart: with K honest witnesses of n the honest
 * ones reach the threshold unless K < t (stalling); with C compromised ones they reach it alone unless
 * C < t (forging). Codes: `security-members`, `security-threshold`, `security-pool`.
 */
export function setRisk({ members, compromised, threshold, pool }: WitnessSet): Result<SetRisk> {
  if (!(Number.isInteger(members) && members >= 1 && members <= MAX_SET_MEMBERS)) {
    return fail(
      'security-members',
      `A set has 1 to ${MAX_SET_MEMBERS} witnesses, not ${members}: the network's own sets have 4 to 64.`,
    );
  }
  if (!(Number.isInteger(threshold) && threshold >= 1 && threshold <= members)) {
    return fail(
      'security-threshold',
      `Of ${members} witnesses 1 to ${members} can be asked to agree, not ${threshold}: trust nodes need ${Math.floor((2 * members) / 3) + 1} of ${members}, a device committee all of its answers.`,
    );
  }
  if (pool === undefined) {
    return ok({
      forging: complement(binomialBelow(members, compromised, threshold)),
      stalling: binomialBelow(members, complement(compromised), threshold),
    });
  }
  if (!(Number.isInteger(pool) && pool >= members && pool <= 1 << 20)) {
    return fail(
      'security-pool',
      `${members} witnesses can't be drawn from a pool of ${pool}: give ${members} to ${1 << 20} devices, or leave the pool out.`,
    );
  }
  const bad = compromisedOf(pool, compromised);
  return ok({
    forging: complement(hypergeometricBelow(pool, bad, members, threshold)),
    stalling: hypergeometricBelow(pool, pool - bad, members, threshold),
  });
}

/** Devices of a pool that are the attacker's: the share, rounded up. */
export function compromisedOf(pool: number, { top, bottom }: Chance): number {
  return Number((BigInt(pool) * top + bottom - 1n) / bottom);
}

/**
 * A block that needs both sets (devices and trust nodes) is forged only if both are, and stalls if
 * either does; the sets are compromised independently.
 */
export function mixedRisk(devices: SetRisk, trustNodes: SetRisk): SetRisk {
  return {
    forging: both(devices.forging, trustNodes.forging),
    stalling: either(devices.stalling, trustNodes.stalling),
  };
}

/** A chance as it is shown. */
export interface ShownChance {
  /** Nearest double (relative error below 2^-52); 0 below 10^-307. */
  readonly value: number;
  /** null: impossible. */
  readonly log10: number | null;
  /** Six digits: of one block rounded down, of many blocks to the nearest. */
  readonly text: string;
}

export function shownChance(chance: Chance): ShownChance {
  const log10 = chanceLog10(chance);
  return {
    value: chanceNumber(chance),
    log10: Number.isFinite(log10) ? log10 : null,
    text: chanceText(chance),
  };
}

/**
 * 1 - (1 - q)^blocks: the chance that it happens at least once in so many blocks with independent draws.
 * In doubles: relative error below 10^-13 (below q x blocks where q has underflowed to 0 and the logarithm
 * stands for it).
 */
export function riskOfBlocks(chance: Chance, blocks: number): ShownChance {
  if (chance.top === 0n) return { value: 0, log10: null, text: '0' };
  if (chance.top === chance.bottom) return { value: 1, log10: 0, text: '1' };
  const q = chanceNumber(chance);
  if (q < 1e-300) {
    const log10 = chanceLog10(chance) + Math.log10(blocks);
    const exponent = Math.floor(log10);
    return { value: 10 ** log10, log10, text: `${digits(10 ** (log10 - exponent))}e${exponent}` };
  }
  // log(1 - q) from whichever of q and 1 - q is exact.
  const logSurvive = q < 0.5 ? Math.log1p(-q) : Math.log(chanceNumber(complement(chance)));
  const value = -Math.expm1(blocks * logSurvive);
  return { value, log10: Math.log10(value), text: riskText(value) };
}

function riskText(value: number): string {
  // Never a 1 that is not one.
  if (value > 0.999999) return '>0.999999';
  return value < 1e-4 ? scientific(value) : digits(value);
}

function scientific(value: number): string {
  const [mantissa, exponent] = value.toExponential(5).split('e');
  return `${digits(Number(mantissa))}e${exponent}`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(6)));
}
