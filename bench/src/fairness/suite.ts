import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import { chiSquareTail, normalTail } from './chi-square.js';
import { type Deviation, deviations } from './deviation.js';
import { type Found, plainMode, ticketMode } from './first-draws.js';

export interface Judged {
  readonly name: string;
  readonly draws: number;
  readonly statistic: number;
  readonly dof: number;
  readonly p: number;
  readonly good: boolean;
}

export interface Fairness {
  /** Chance of any false alarm in the whole run, and what that leaves for one test (Bonferroni). */
  readonly alpha: number;
  readonly perTest: number;
  /** Frequencies against weights. */
  readonly fair: readonly Judged[];
  /** The same against draws with 1% more weight for half the pool: good where that is noticed. */
  readonly detected: readonly Judged[];
  readonly deviations: readonly Deviation[];
}

const ALPHA = 0.001;
const MODES = ['random', 'reputation', 'uptime', 'stake'] as const;

function chiSquare({ name, draws, frequencies }: Found, perTest: number): Judged {
  const { statistic, dof } = frequencies;
  const p = chiSquareTail(statistic, dof);
  return { name, draws, statistic, dof, p, good: p >= perTest };
}

function half({ name, draws, frequencies }: Found, perTest: number, wanted: 'even' | 'heavier'): Judged {
  const z = frequencies.halfZ;
  const p = 2 * normalTail(Math.abs(z));
  const noticed = p < perTest && z > 0;
  return {
    name: `${name}: half`,
    draws,
    statistic: z,
    dof: 1,
    p,
    good: wanted === 'even' ? p >= perTest : noticed,
  };
}

/**
 * First draws in all five modes, `draws` in each, and three times as many with a bias that must be noticed
 * (of such a bias 1,000,000 draws would miss one in five at this level, 3,000,000 none). `seed`: the commit's hash.
 */
export function measureFairness(
  draws: number,
  deviationBlocks: number,
  seed: string,
  say: (line: string) => void,
): Fairness {
  const runs = (n: number, bias: boolean): Found[] => [
    ...MODES.map((mode) => {
      say(`${mode}${bias ? ', biased' : ''}`);
      return plainMode(mode, n, seed, bias);
    }),
    ...[false, true].flatMap((weighted) => {
      say(`vrf${weighted ? ' weighted' : ''}${bias ? ', biased' : ''}`);
      return ticketMode(weighted, n, seed, bias);
    }),
  ];
  const tickets = ({ name }: Found): boolean => name.endsWith('tickets');
  const honest = runs(draws, false);
  const tests = honest.length + honest.filter((found) => !tickets(found)).length;
  const perTest = ALPHA / (2 * tests);
  const fair = honest.flatMap((found) => [
    chiSquare(found, perTest),
    ...(tickets(found) ? [] : [half(found, perTest, 'even')]),
  ]);
  const detected = runs(3 * draws, true)
    .filter((found) => !tickets(found))
    .map((found) => half(found, perTest, 'heavier'));
  say('deviations');
  return {
    alpha: ALPHA,
    perTest,
    fair,
    detected,
    deviations: deviations(deviationBlocks, seed, DEVNET_PARAMETERS),
  };
}
