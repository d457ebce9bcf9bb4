import { fail, ok, type Result } from '@iotw/kernel/result';
import { BASE_UNITS, MAX_SUPPLY } from '@iotw/protocol/limits';

const DECIMALS = 6;

/**
 * Reads an amount of IOTW as people write it ("12", "0.25", "1500.000001") and returns base units
 * (10^-6 IOTW). No signs, no exponents, no separators, at most six decimals: nothing is rounded.
 * Code: `amount-format` (not such a number, zero, or more than the supply).
 */
export function parseAmount(text: string): Result<number> {
  const match = /^(0|[1-9][0-9]{0,9})(?:\.([0-9]{1,6}))?$/.exec(text);
  const units =
    match === null ? 0 : Number(match[1]) * BASE_UNITS + Number((match[2] ?? '').padEnd(DECIMALS, '0'));
  if (units < 1 || units > MAX_SUPPLY) {
    return fail(
      'amount-format',
      'An amount is a number of IOTW from 0.000001 to 9000000000 with a point and at most six decimals, such as 12.5.',
    );
  }
  return ok(units);
}

/** Base units as IOTW without superfluous zeros: 1500000 is "1.5". The unit's name is the caller's. */
export function formatAmount(units: number): string {
  const sign = units < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(units) / BASE_UNITS);
  const rest = String(Math.abs(units) % BASE_UNITS)
    .padStart(DECIMALS, '0')
    .replace(/0+$/, '');
  return rest === '' ? `${sign}${whole}` : `${sign}${whole}.${rest}`;
}

/** Whether `amount` can be moved at all: an integer of 1 base unit to the whole supply. Code: `operation-amount`. */
export function checkAmount(amount: number): Result<number> {
  if (Number.isSafeInteger(amount) && amount >= 1 && amount <= MAX_SUPPLY) return ok(amount);
  return fail(
    'operation-amount',
    `An amount is an integer of 1 to ${MAX_SUPPLY} base units (10^-6 IOTW), not ${String(amount)}.`,
    { amount },
  );
}
