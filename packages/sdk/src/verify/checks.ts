import { toHex } from '@iotw/kernel/bytes';

/** What one check of an offline verification found. */
export interface Check {
  /** Stable name, for display and tests. */
  readonly name: string;
  /** `unchecked`: nothing is wrong, but what it takes to tell was not given. */
  readonly state: 'pass' | 'fail' | 'unchecked';
  /** One sentence. */
  readonly reason: string;
  /** A stable code where the rule that failed has one. */
  readonly code?: string;
  /** What the rule gives and what was there, where both can be shown. */
  readonly expected?: string;
  readonly found?: string;
}

/** A value as a check shows it: bytes as hex. */
function shown(value: Uint8Array | number | string): string {
  return value instanceof Uint8Array ? toHex(value) : String(value);
}

/** Gathers checks in the order they are made; one name occurs once. */
export class CheckList {
  readonly checks: Check[] = [];

  pass(name: string, reason: string): true {
    this.checks.push({ name, state: 'pass', reason });
    return true;
  }

  reject(name: string, reason: string, code?: string): false {
    this.checks.push({ name, state: 'fail', reason, ...(code === undefined ? {} : { code }) });
    return false;
  }

  /** A check that two values are one; a failure shows both. Returns whether they are. */
  same<T extends Uint8Array | number | string>(name: string, expected: T, found: T, what: string): boolean {
    const [a, b] = [shown(expected), shown(found)];
    if (a === b) return this.pass(name, `${what} is as it must be.`);
    this.checks.push({
      name,
      state: 'fail',
      reason: `${what} is not what it must be.`,
      expected: a,
      found: b,
    });
    return false;
  }

  unchecked(name: string, reason: string): void {
    this.checks.push({ name, state: 'unchecked', reason });
  }

  /** A check of one condition; returns it. */
  test(name: string, good: boolean, whenGood: string, whenBad: string): boolean {
    return good ? this.pass(name, whenGood) : this.reject(name, whenBad);
  }

  /** Whether no check failed, those named in `besides` left aside. */
  sound(...besides: readonly string[]): boolean {
    return this.checks.every(({ name, state }) => state !== 'fail' || besides.includes(name));
  }
}
