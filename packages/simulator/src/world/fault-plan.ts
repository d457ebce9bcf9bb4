import type { Prng } from '@iotw/kernel/prng';
import type { NetworkFaults } from './faulty-network.js';

/** How hostile one run is; drawn from its seed. Times in ms, chances per mille. */
export interface FaultPlan {
  readonly network: NetworkFaults;
  /** A node crashes about this often, and stays away for up to this long. */
  readonly crashEveryMs: number;
  /** Chance that a node crashes while one of its writes is not durable yet. */
  readonly crashAtWritePerMille: number;
  readonly downMs: number;
  /** The network is cut about this often, for up to this long. */
  readonly cutEveryMs: number;
  readonly cutMs: number;
  /** A device loses power, slows down or dies for a while about this often. */
  readonly deviceEveryMs: number;
  /** All devices but a few fall silent about this often, for up to this long. */
  readonly outageEveryMs: number;
  readonly outageMs: number;
  /** Chance that a proposer orders a block again that was ordered before. */
  readonly repeatedBlockPerMille: number;
  /** Ledger servers keep a snapshot of each epoch; otherwise they replay everything. */
  readonly snapshots: boolean;
  /** A write takes 1 to this long to be durable, ms. */
  readonly diskMs: number;
  /** Clocks are off by up to this much, and drift by up to this many parts per million. */
  readonly clockOffMs: number;
  readonly clockDriftPpm: number;
}

/** Some runs are calm, some are wild: every kind of fault is absent from some of them. */
export function drawFaultPlan(source: Prng): FaultPlan {
  const prng = source.fork('faults');
  const some = (most: number, least = 0): number =>
    prng.chance(1, 4) ? 0 : least + prng.below(most - least + 1);
  return {
    network: {
      lossPerMille: some(300),
      doublePerMille: some(200),
      latePerMille: some(150),
      lateMs: 20 + prng.below(500),
      delayMs: 2 + prng.below(12),
    },
    crashEveryMs: some(2_000, 300),
    crashAtWritePerMille: some(15),
    // Sometimes longer than two epochs: what was under way is out of date then.
    downMs: 30 + prng.below(prng.chance(1, 4) ? 6_000 : 800),
    cutEveryMs: some(8_000, 1_500),
    cutMs: 100 + prng.below(prng.chance(1, 4) ? 6_000 : 1_500),
    outageEveryMs: prng.chance(1, 3) ? 1_000 + prng.below(5_000) : 0,
    outageMs: 200 + prng.below(4_000),
    repeatedBlockPerMille: some(60),
    deviceEveryMs: some(800, 60),
    snapshots: prng.chance(1, 2),
    diskMs: 4 + some(60),
    clockOffMs: some(300),
    clockDriftPpm: some(5_000),
  };
}

/** A run in which nothing goes wrong by itself: what is measured is the adversary's doing. */
export const NO_FAULTS: FaultPlan = {
  network: { lossPerMille: 0, doublePerMille: 0, latePerMille: 0, lateMs: 1, delayMs: 4 },
  crashEveryMs: 0,
  crashAtWritePerMille: 0,
  downMs: 1,
  cutEveryMs: 0,
  cutMs: 1,
  deviceEveryMs: 0,
  outageEveryMs: 0,
  outageMs: 1,
  repeatedBlockPerMille: 0,
  snapshots: false,
  diskMs: 4,
  clockOffMs: 0,
  clockDriftPpm: 0,
};
