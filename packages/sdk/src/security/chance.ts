import { fail, ok, type Result } from '@iotw/kernel/result';

/**
 * A probability as an exact fraction: nothing is lost where it is 10^-60 or one minus that. It becomes a
 * number only when it is shown.
 */
export interface Chance {
  /** 0 <= top <= bottom. */
  readonly top: bigint;
  readonly bottom: bigint;
}

/** Decimals that a probability given as text may have. */
export const MAX_CHANCE_DECIMALS = 9;

/**
 * Reads a probability: `0.2`, `.05`, `1`, `20%`; up to 9 decimals. A number is read as it is printed.
 * Code: `security-probability`.
 */
export function chance(value: string | number): Result<Chance> {
  const match = /^(\d*)(?:\.(\d+))?(%?)$/.exec(String(value).trim());
  const decimals = match?.[2] ?? '';
  if (match !== null && (match[1] !== '' || decimals !== '') && decimals.length <= MAX_CHANCE_DECIMALS) {
    const top = BigInt(match[1]! + decimals);
    const bottom = 10n ** BigInt(decimals.length) * (match[3] === '%' ? 100n : 1n);
    if (top <= bottom) return ok({ top, bottom });
  }
  return fail(
    'security-probability',
    `${value} is no probability: give a number from 0 to 1 such as 0.2, or a share such as 20%, with at most ${MAX_CHANCE_DECIMALS} decimals.`,
  );
}

export function complement({ top, bottom }: Chance): Chance {
  return { top: bottom - top, bottom };
}

/** Both of two independent events. */
export function both(a: Chance, b: Chance): Chance {
  return { top: a.top * b.top, bottom: a.bottom * b.bottom };
}

/** At least one of two independent events. */
export function either(a: Chance, b: Chance): Chance {
  return complement(both(complement(a), complement(b)));
}

/** Bits of the quotient that a double is made from: its own 53 and 11 more, so one rounding decides. */
const QUOTIENT_BITS = 64;

/** The nearest double, relative error below 2^-52; 0 below 10^-307, where `log10` still tells. */
export function chanceNumber({ top, bottom }: Chance): number {
  if (top === 0n) return 0;
  const shift = bits(bottom) - bits(top) + QUOTIENT_BITS;
  const quotient = Number((top << BigInt(shift)) / bottom);
  // In two steps: 2^-shift alone may underflow where the product does not.
  const half = Math.floor(shift / 2);
  const value = quotient * 2 ** -half * 2 ** -(shift - half);
  return value < 1e-307 ? 0 : value;
}

/** Decimal logarithm; -Infinity for an impossible event. Absolute error below 10^-12 down to 10^-10,000. */
export function chanceLog10({ top, bottom }: Chance): number {
  if (top === 0n) return Number.NEGATIVE_INFINITY;
  const shift = bits(bottom) - bits(top) + QUOTIENT_BITS;
  return Math.log10(Number((top << BigInt(shift)) / bottom)) - shift * Math.LOG10E * Math.LN2;
}

const SHOWN_DIGITS = 6;

/** For people: `0`, `1`, `0.0328`, `3.2768e-14`; six significant digits, rounded down, of the exact value. */
export function chanceText({ top, bottom }: Chance): string {
  if (top === 0n) return '0';
  if (top === bottom) return '1';
  let exponent = 0;
  let scaled = top;
  while (scaled < bottom) {
    // By large steps first: a probability may have thousands of zeros.
    const zeros = Math.max(1, Math.floor((bits(bottom) - bits(scaled) - 1) * 0.30103));
    scaled *= 10n ** BigInt(zeros);
    exponent -= zeros;
  }
  const digits = ((scaled * 10n ** BigInt(SHOWN_DIGITS - 1)) / bottom).toString();
  const trimmed = digits.replace(/0+$/, '');
  if (exponent < -4) {
    return `${trimmed[0]}${trimmed.length > 1 ? `.${trimmed.slice(1)}` : ''}e${exponent}`;
  }
  return `0.${'0'.repeat(-exponent - 1)}${trimmed}`;
}

function bits(value: bigint): number {
  return value.toString(16).length * 4;
}
