import { assert } from '@iotw/kernel/assert';
import { mulDivFloor } from '@iotw/kernel/wide';
import type { Parameters } from '@iotw/protocol/parameters';

/** Parts per 10^12. */
const PPT = 1_000_000_000_000;
const BPS = 10_000;

/**
 * Base units that one epoch issues (spec: clause 10): min(perDevice x present, pool x decay), floored.
 * `present`: devices present in the frozen pool. Blocks don't count: making more of them mints nothing.
 */
export function issuance(
  parameters: Pick<Parameters, 'issuancePerDevice' | 'poolDecayPpt'>,
  present: number,
  poolBalance: number,
): number {
  const most = mulDivFloor(poolBalance, Math.min(parameters.poolDecayPpt, PPT), PPT);
  const each = parameters.issuancePerDevice;
  if (each === 0 || present === 0) return 0;
  // present > floor(most / each) is present * each > most without the product, which may exceed 2^53.
  return present > Math.floor(most / each) ? most : present * each;
}

/** A device's or trust node's number, and its paid answers or votes in the epoch. */
export type Work = readonly (readonly [number: number, count: number])[];

export interface EpochWork {
  readonly miners: Work;
  readonly witnesses: Work;
  readonly trustNodes: Work;
}

export interface Payment {
  /** Device or trust-node number. */
  readonly number: number;
  readonly count: number;
  /** Base units. */
  readonly amount: number;
}

export interface Settlement {
  /** In the order of the work. */
  readonly miners: readonly Payment[];
  readonly witnesses: readonly Payment[];
  readonly trustNodes: readonly Payment[];
  /** Sum of all payments, at most `issued`; what is left stays in the reward pool. */
  readonly paid: number;
}

/**
 * Divides an epoch's issuance: each role's share by basis points, within it by count, both floored. The
 * data share, the share of a role in which nobody worked, and all remainders stay in the pool.
 */
export function settle(
  parameters: Pick<Parameters, 'minerShareBps' | 'witnessShareBps' | 'trustNodeShareBps'>,
  issued: number,
  work: EpochWork,
): Settlement {
  const { minerShareBps, witnessShareBps, trustNodeShareBps } = parameters;
  assert(minerShareBps + witnessShareBps + trustNodeShareBps <= BPS, 'shares are at most the whole');
  const miners = divide(mulDivFloor(issued, minerShareBps, BPS), work.miners);
  const witnesses = divide(mulDivFloor(issued, witnessShareBps, BPS), work.witnesses);
  const trustNodes = divide(mulDivFloor(issued, trustNodeShareBps, BPS), work.trustNodes);
  let paid = 0;
  for (const payment of [...miners, ...witnesses, ...trustNodes]) paid += payment.amount;
  assert(paid <= issued, 'a settlement pays no more than was issued');
  return { miners, witnesses, trustNodes, paid };
}

function divide(share: number, work: Work): Payment[] {
  let total = 0;
  for (const [, count] of work) total += count;
  if (total === 0) return [];
  return work.map(([number, count]) => ({ number, count, amount: mulDivFloor(share, count, total) }));
}
