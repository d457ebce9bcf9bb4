import { BASE_UNITS, MAX_SUPPLY } from '@iotw/protocol/limits';
import { DEVNET_PARAMETERS, type Parameters } from '@iotw/protocol/parameters';

/** A thing as it stands at the start of year 0, 1, ... 10; between two years it goes in a straight line. */
export type Yearly = readonly number[];

/** What one run of the economy assumes; nothing else enters but the production rules. */
export interface Scenario {
  readonly name: string;
  /** One sentence: what it asks. */
  readonly question: string;
  readonly parameters: Parameters;
  /** Base units in the reward pool at the genesis; the rest of the supply is in accounts. */
  readonly rewardPool: number;
  /** Devices in the frozen pool. */
  readonly devices: Yearly;
  /** Of them present in an epoch, parts per million. */
  readonly presentPpm: number;
  /** Transactions a day, each one transfer. */
  readonly transactionsPerDay: Yearly;
  /** Base units that a transaction moves. */
  readonly amount: number;
}

const MILLION = 1_000_000;

/** Epochs of ten minutes and a decay of 1 ppm: about 5% of the pool in a year. */
const SLOW_DECAY: Parameters = {
  ...DEVNET_PARAMETERS,
  epochMs: 600_000,
  poolDecayPpt: 1_000_000,
  issuancePerDevice: 500,
};

const GROWING: Yearly = [
  10_000,
  50_000,
  250_000,
  MILLION,
  3 * MILLION,
  8 * MILLION,
  15 * MILLION,
  25 * MILLION,
  35 * MILLION,
  45 * MILLION,
  50 * MILLION,
];
/** One transaction per device and day, as orders, meters and machines of a household pay them. */
const DAILY: Yearly = GROWING;
const SUPPLY_SHARE = (percent: number): number => (MAX_SUPPLY / 100) * percent;

const BASE: Omit<Scenario, 'name' | 'question'> = {
  parameters: SLOW_DECAY,
  rewardPool: SUPPLY_SHARE(40),
  devices: GROWING,
  presentPpm: 900_000,
  transactionsPerDay: DAILY,
  amount: BASE_UNITS,
};

/** @public The scenarios; docs/economy.md prints them. */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...BASE,
    name: 'base',
    question: '50 million devices after ten years, one payment of 1 IOTW a device and day',
  },
  {
    ...BASE,
    name: 'quiet',
    question: 'the same devices, one payment in ten days: do rewards outlive few fees?',
    transactionsPerDay: GROWING.map((devices) => Math.floor(devices / 10)),
  },
  {
    ...BASE,
    name: 'busy',
    question: 'the same devices, twenty payments a day: where do pool and fees meet?',
    transactionsPerDay: GROWING.map((devices) => 20 * devices),
  },
  {
    ...BASE,
    name: 'small',
    question: 'the network stays at a million devices',
    devices: GROWING.map((devices) => Math.min(devices, MILLION)),
    transactionsPerDay: DAILY.map((n) => Math.min(n, MILLION)),
  },
  {
    ...BASE,
    name: 'rush',
    question:
      'a billion devices after ten years, payments of 0.2 IOTW: when does the decay cap what they share?',
    devices: GROWING.map((devices) => 20 * devices),
    transactionsPerDay: DAILY.map((n) => 20 * n),
    amount: BASE_UNITS / 5,
  },
  {
    ...BASE,
    name: 'no-fees',
    question: 'nobody pays for anything: how long does the pool alone last?',
    transactionsPerDay: GROWING.map(() => 0),
  },
  {
    ...BASE,
    name: 'minute-epochs',
    question: 'epochs of 60 s with a tenth of the decay: does the length of an epoch matter?',
    parameters: { ...SLOW_DECAY, epochMs: 60_000, poolDecayPpt: 100_000, issuancePerDevice: 50 },
  },
];
