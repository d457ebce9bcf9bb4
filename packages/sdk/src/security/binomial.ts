import { assert } from '@iotw/kernel/assert';
import type { Chance } from './chance.js';

/** Members that one set may have: keeps the exact sums within a second. */
export const MAX_SET_MEMBERS = 2_000;

/**
 * P(K < t), K binomial: of `members` independent draws, each of the kind counted with chance `each`,
 * fewer than `below` are of it. Exact.
 */
export function binomialBelow(members: number, each: Chance, below: number): Chance {
  checkMembers(members);
  const yes = each.top;
  const no = each.bottom - each.top;
  const n = BigInt(members);
  const bottom = each.bottom ** n;
  if (below > members) return { top: bottom, bottom };
  // Horner over no^(n-k): sum of C(n,k) yes^k no^(n-k) for k < below.
  let top = 0n;
  let term = 1n;
  for (let k = 0; k < below; k++) {
    if (k > 0) term = (term * BigInt(members - k + 1) * yes) / BigInt(k);
    top = top * no + term;
  }
  return { top: below === 0 ? 0n : top * no ** BigInt(members - below + 1), bottom };
}

/**
 * P(K < t), K hypergeometric: `members` drawn without replacement from a pool of `pool` of which `counted`
 * are of the kind. Exact; what a draw from a small pool really gives.
 */
export function hypergeometricBelow(pool: number, counted: number, members: number, below: number): Chance {
  checkMembers(members);
  assert(members <= pool && counted <= pool, 'a draw without replacement takes no more than there are');
  const bottom = choose(pool, members);
  let top = 0n;
  for (let k = 0; k < Math.min(below, members + 1); k++) {
    if (k > counted || members - k > pool - counted) continue;
    top += choose(counted, k) * choose(pool - counted, members - k);
  }
  return { top, bottom };
}

function checkMembers(members: number): void {
  assert(Number.isInteger(members) && members >= 1 && members <= MAX_SET_MEMBERS, 'a set of 1 to 2,000');
}

function choose(n: number, k: number): bigint {
  let value = 1n;
  for (let i = 1; i <= k; i++) value = (value * BigInt(n - k + i)) / BigInt(i);
  return value;
}
