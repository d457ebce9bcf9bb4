import { fail, ok, type Result } from '@iotw/kernel/result';
import { ADVERSARY_NAMES } from './adversaries/mix.js';
import type { Plant } from './plants/plant.js';
import { PLANTS } from './plants/plants.js';
import { DEFAULT_SIZE, type SimulationOptions } from './simulation.js';

/** What the command line asks for. */
export interface CommandOptions {
  readonly seeds: readonly number[];
  readonly size: Omit<
    SimulationOptions,
    'seed' | 'people' | 'plant' | 'trace' | 'adversary' | 'calm' | 'parameters' | 'scenario'
  >;
  readonly adversary: string;
  readonly calm: boolean;
  /** The devnet's rules all along, not those that the seed draws. */
  readonly plain: boolean;
  readonly plant: Plant | undefined;
  readonly trace: boolean;
  /** Processes that share the seeds. */
  readonly workers: number;
  /** This process is one of them: it gets its seeds from its parent. */
  readonly worker: boolean;
}

export const USAGE = `npm run sim -- [--seed N | --seeds A..B] [--epochs 10] [--devices 50] [--transactions 1000]
  [--trust-nodes 4] [--ledger-servers 4] [--workers 1] [--plant NAME]
  [--adversary mix|none|NAME[+NAME]] [--calm] [--plain] [--trace]`;

const NUMBERS = {
  '--epochs': 'epochs',
  '--devices': 'devices',
  '--transactions': 'transactions',
  '--trust-nodes': 'trustNodes',
  '--ledger-servers': 'ledgerServers',
} as const;

/** Reads the arguments. Error: `arguments`. */
export function readArguments(args: readonly string[]): Result<CommandOptions> {
  let seeds: number[] = [1];
  const size: { -readonly [K in keyof CommandOptions['size']]: number } = { ...DEFAULT_SIZE };
  let plant: Plant | undefined;
  let adversary = 'mix';
  let trace = false;
  let workers = 1;
  let worker = false;
  let calm = false;
  let plain = false;
  for (let i = 0; i < args.length; i++) {
    const name = args[i]!;
    if (name === '--trace' || name === '--worker' || name === '--calm' || name === '--plain') {
      if (name === '--trace') trace = true;
      else if (name === '--calm') calm = true;
      else if (name === '--plain') plain = true;
      else worker = true;
      continue;
    }
    const value = args[++i] ?? '';
    const number = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
    const range = /^(\d{1,9})\.\.(\d{1,9})$/.exec(value);
    if (name === '--seed' && number !== undefined) seeds = [number];
    else if (name === '--seeds' && range !== null) {
      const first = Number(range[1]);
      seeds = Array.from({ length: Math.max(0, Number(range[2]) - first + 1) }, (_, k) => first + k);
    } else if (name === '--workers' && number !== undefined && number >= 1) workers = number;
    else if (name === '--plant') {
      plant = PLANTS.find((known) => known.name === value);
      if (plant === undefined)
        return fail('arguments', `No bug is called ${value}: ${PLANTS.map((p) => p.name).join(', ')}.`);
    } else if (name === '--adversary') {
      const known = ['mix', 'none', ...ADVERSARY_NAMES];
      if (!value.split('+').every((each) => known.includes(each)))
        return fail('arguments', `No adversary is called ${value}: ${known.join(', ')}.`);
      adversary = value;
    } else if (name in NUMBERS && number !== undefined && number >= 1) {
      size[NUMBERS[name as keyof typeof NUMBERS]] = number;
    } else return fail('arguments', `${name} ${value} is not understood.\n${USAGE}`);
  }
  return ok({ seeds, size, adversary, calm, plain, plant, trace, workers, worker });
}
