import { BASE_UNITS } from '@iotw/protocol/limits';
import { type Measures, Simulation } from '@iotw/simulator/simulation';
import { quantile } from '@iotw/simulator/statistics/intervals';
import { VARIANTS, type Variant } from './variants.js';

/** What one seed of one variant came to; travels as JSON. Money in coins. */
export interface Sample {
  readonly epochs: number;
  readonly acts: number;
  /** p50 and p99 of the time to finality, and those over the second half of the run, ms. */
  readonly p99: number;
  readonly settled50: number;
  readonly settled99: number;
  /** Share of the transactions that became final. */
  readonly final: number;
  /** By device. */
  readonly earned: readonly number[];
  readonly blacklisted: readonly number[];
  readonly trustNodes: Measures['trustNodes'];
  readonly heldDevices: readonly number[];
  readonly heldNodes: readonly number[];
  readonly attackersMoney: number;
  /** The rule that was broken. */
  readonly violation: string | undefined;
}

const coins = (units: number): number => units / BASE_UNITS;

/** In small: few devices and epochs, to see that everything runs. */
function small(options: Variant['options']): Variant['options'] {
  return { ...options, epochs: 3, transactions: 120 };
}

export const seedsOf = ({ seeds }: Variant, quick: boolean): number => (quick ? 2 : seeds);

/** One seed of a variant, calm: nothing goes wrong but what the adversary does. */
export function runVariant(name: string, seed: number, quick: boolean): Sample {
  const variant = VARIANTS.find((known) => known.name === name)!;
  const options = quick ? small(variant.options) : variant.options;
  const simulation = new Simulation({ ...options, seed, calm: true });
  const { violation, coverage } = simulation.run();
  const { epochs, finalityMs, earned, blacklisted, trustNodes, held, attackersMoney } = simulation.measures();
  const settled = finalityMs.slice(Math.floor(finalityMs.length / 2));
  return {
    epochs,
    acts: Object.entries(coverage)
      .filter(([what]) => what.startsWith('attack '))
      .reduce((sum, [, count]) => sum + count, 0),
    p99: quantile(finalityMs, 0.99),
    settled50: quantile(settled, 0.5),
    settled99: quantile(settled, 0.99),
    final: finalityMs.length / options.transactions,
    earned: earned.map(coins),
    blacklisted,
    trustNodes: trustNodes.map((node) => ({ ...node, earned: coins(node.earned), bond: coins(node.bond) })),
    heldDevices: held.flatMap(({ devices }) => [...devices]),
    heldNodes: held.flatMap((each) => [...each.trustNodes]),
    attackersMoney: coins(attackersMoney),
    violation: violation?.invariant,
  };
}
