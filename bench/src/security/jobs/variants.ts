import { holding } from '@iotw/simulator/adversaries/adversary';
import { CherryPickingHost } from '@iotw/simulator/adversaries/cherry-picking-host';
import { ExtractedKeys } from '@iotw/simulator/adversaries/extracted-keys';
import { ADVERSARY_NAMES } from '@iotw/simulator/adversaries/mix';
import { SilentWitness } from '@iotw/simulator/adversaries/silent-witness';
import { WithholdingDevices } from '@iotw/simulator/adversaries/withholding-device';
import { DEFAULT_SIZE, type SimulationOptions } from '@iotw/simulator/simulation';

export interface Variant {
  readonly name: string;
  /** What the adversary has in its hands. */
  readonly holds: string;
  /** The variant it is held against, the same seeds without an adversary. */
  readonly base: string;
  readonly seeds: number;
  readonly options: Omit<SimulationOptions, 'seed'>;
  /** Devices that it works against. */
  readonly victims?: readonly number[];
}

const SEEDS = 16;
const CAPTURED_SEEDS = 12;
const WITHHOLDING_SEEDS = 8;
const SIZE = { ...DEFAULT_SIZE, epochs: 6, transactions: 500 };
const CAPTURED_SIZE = { ...DEFAULT_SIZE, epochs: 4, transactions: 300 };
const LONG_SIZE = { ...DEFAULT_SIZE, epochs: 10, transactions: 1_000 };
/** Blacklisted for the length of the run, as for any run shorter than the devnet's term. */
const TERM = { blacklistEpochs: 8_640 };
const LITERAL = { ...TERM, adjudicate: 0 };

const HELD: Readonly<Record<string, string>> = {
  'last-revealer': '1 of 4 ledger servers',
  'lying-proposer': '1 of 4 ledger servers',
  'sleeping-majority': 'about 5 of 6 devices',
  'hostile-sender': 'an account',
  'sybil-farm': 'a maker’s batch key',
};
const BY_DEVICES = [
  'lying-miner',
  'griefing-device',
  'colluding-committee',
  'withholding-device',
  'equivocating-device',
];

const holdsOf = (name: string): string =>
  HELD[name] ?? (BY_DEVICES.includes(name) ? 'about 1 of 12 devices' : '1 of 4 trust nodes');

function named(name: string): Variant {
  const options = { ...SIZE, adversary: name, parameters: TERM };
  return { name, holds: holdsOf(name), base: 'peace', seeds: SEEDS, options };
}

function literal(name: string): Variant {
  const options = { ...SIZE, adversary: name, parameters: LITERAL };
  return { ...named(name), name: `${name}, literal rule`, base: 'peace, literal rule', options };
}

function hosted(name: string, victims: readonly number[]): Variant {
  const eclipse = name === 'eclipsing-host';
  const adversary: SimulationOptions['adversary'] = (world) => [
    new CherryPickingHost(world, { node: 0, victims, eclipse, name }),
  ];
  const { holds, base, seeds } = named(name);
  return { name, holds, base, seeds, victims, options: { ...SIZE, adversary, parameters: TERM } };
}

function extracted(count: number): Variant {
  // Spread over hosts, makers and owners.
  const devices = Array.from({ length: count }, (_, i) => (i * 7) % SIZE.devices);
  const adversary: SimulationOptions['adversary'] = (world) => [
    new ExtractedKeys(world, holding({ devices }), 1_000),
  ];
  const holds = `keys of ${count} of ${SIZE.devices} devices`;
  const options = { ...SIZE, adversary, parameters: TERM };
  return {
    name: `extraction of ${count} ${count === 1 ? 'key' : 'keys'}`,
    holds,
    base: 'peace',
    seeds: SEEDS,
    options,
  };
}

/** [captured, of] */
export const CAPTURED = [
  [1, 4],
  [2, 7],
  [3, 7],
  [2, 4],
  [3, 4],
] as const;

export const capturedName = (captured: number, of: number): string =>
  `captured trust nodes, ${captured} of ${of}`;

function captured([count, of]: readonly [number, number]): Variant {
  const nodes = Array.from({ length: count }, (_, i) => i);
  const adversary: SimulationOptions['adversary'] = (world) => [new SilentWitness(world, nodes, true)];
  return {
    name: capturedName(count, of),
    holds: `${count} of ${of} trust nodes`,
    base: `peace, ${of} trust nodes`,
    seeds: CAPTURED_SEEDS,
    options: { ...CAPTURED_SIZE, trustNodes: of, adversary, parameters: TERM },
  };
}

export const SILENT = [0, 2, 5, 10, 20];
export const silentName = (percent: number): string => `silent ${percent}%`;

function silent(percent: number): Variant {
  const every = percent === 0 ? 0 : Math.round(100 / percent);
  const devices = Array.from({ length: SIZE.devices }, (_, i) => i).filter(
    (i) => every > 0 && i % every === 1,
  );
  const adversary: SimulationOptions['adversary'] = (world) => [
    new WithholdingDevices(world, holding({ devices }), 1_000),
  ];
  const options = { ...LONG_SIZE, adversary };
  return { name: silentName(percent), holds: '', base: '', seeds: WITHHOLDING_SEEDS, options };
}

/** By a function of their own below, so that what they hold is known. */
const OWN = ['cherry-picking-host', 'eclipsing-host', 'extracted-keys'];

/** What the table of adversaries shows, in its order. */
export const ATTACKS: readonly Variant[] = [
  ...ADVERSARY_NAMES.filter((name) => !OWN.includes(name)).map(named),
  ...['griefing-device', 'withholding-device', 'colluding-committee'].map(literal),
  hosted('cherry-picking-host', [0, 4, 8]),
  hosted('eclipsing-host', [0]),
  ...[1, 4, 12].map(extracted),
  ...CAPTURED.map(captured),
];

const peace = (name: string, seeds: number, options: Variant['options']): Variant => ({
  name,
  holds: '',
  base: '',
  seeds,
  options: { ...options, adversary: 'none' },
});

const BASES: readonly Variant[] = [
  peace('peace', SEEDS, { ...SIZE, parameters: TERM }),
  peace('peace, literal rule', SEEDS, { ...SIZE, parameters: LITERAL }),
  ...[4, 7].map((trustNodes) =>
    peace(`peace, ${trustNodes} trust nodes`, CAPTURED_SEEDS, {
      ...CAPTURED_SIZE,
      trustNodes,
      parameters: TERM,
    }),
  ),
];

/** Everything that the simulator runs for the page. */
export const VARIANTS: readonly Variant[] = [...BASES, ...ATTACKS, ...SILENT.map(silent)];
