import type { Miss } from '@iotw/protocol/certificate';
import type { Parameters } from '@iotw/protocol/parameters';

/** One soft miss, in the unit in which debts are kept. */
const WHOLE = 10_000;

type SoftMissRule = Pick<Parameters, 'softMissBps' | 'softMissBurst'>;

/** What a certificate costs and pays off; `paidHosts`: the host of each paid answer's device. */
export interface SoftMissUse {
  readonly softMisses: readonly Pick<Miss, 'host'>[];
  readonly paidHosts: readonly number[];
}

/** Soft misses of a host that a lane may still include, given what is owed, in ten-thousandths of one. */
export function softMissesLeft({ softMissBurst }: SoftMissRule, debt: number): number {
  return Math.max(0, Math.floor((softMissBurst * WHOLE - debt) / WHOLE));
}

/**
 * Takes a block of a lane into account (spec: clause 8.15): each soft miss adds one to what its host owes on this
 * lane, at most `softMissBurst` together; each paid answer of a device of the host pays `softMissBps` of one off.
 * So in any stretch of a lane with n paid answers of a host's devices, at most softMissBurst + n x softMissBps / 10,000 ranks
 * of that host are passed over softly. `debts`: by host, in ten-thousandths, changed in place; the host that owes
 * too much is returned and then nothing was changed. Parameters: those of the header's epoch.
 */
export function chargeSoftMisses(
  rule: SoftMissRule,
  debts: Uint32Array,
  { softMisses, paidHosts }: SoftMissUse,
): number | undefined {
  if (softMisses.length > 0) {
    const uses = new Map<number, number>();
    for (const { host } of softMisses) uses.set(host, (uses.get(host) ?? 0) + 1);
    for (const [host, n] of uses) if (n > softMissesLeft(rule, debts[host]!)) return host;
    for (const [host, n] of uses) debts[host]! += n * WHOLE;
  }
  for (const host of paidHosts) debts[host] = Math.max(0, debts[host]! - rule.softMissBps);
  return undefined;
}
