import { assert } from '@iotw/kernel/assert';
import type { ElectionMode } from '@iotw/protocol/parameters';
import type { PoolDevice } from '@iotw/protocol/pool';
import { randomWeight } from './weights/random.js';
import { reputationWeight } from './weights/reputation.js';
import { uptimeWeight } from './weights/uptime.js';

/** A device that may enter an epoch's pool, with all that any election mode weighs. */
export interface Candidate {
  /** Number on the ledger. */
  readonly device: number;
  readonly key: Uint8Array;
  readonly host: number;
  readonly maker: number;
  readonly region: number;
  /** Account number that is paid for it. */
  readonly owner: number;
  /** Parts per million, 0 .. 1,000,000. */
  readonly reputation: number;
  /** Epochs in which it was present. */
  readonly uptimeEpochs: number;
  /** Epochs since it was registered. */
  readonly registeredEpochs: number;
}

/** The election modes (spec: clause 7): a candidate's integer weight in the draw, 1 .. 2^32-1. One row and file each. */
export const ELECTION_WEIGHTS: Readonly<Record<ElectionMode, (candidate: Candidate) => number>> = {
  random: randomWeight,
  reputation: reputationWeight,
  uptime: uptimeWeight,
};

/** An epoch's frozen pool: `candidates` (ascending by device number) with the weights of `mode`. */
export function freezePool(candidates: readonly Candidate[], mode: ElectionMode): PoolDevice[] {
  const weigh = ELECTION_WEIGHTS[mode];
  const pool: PoolDevice[] = [];
  let last = -1;
  for (const candidate of candidates) {
    const { device, key, host, maker, region, owner } = candidate;
    assert(device > last, 'candidates ascend by device number');
    last = device;
    const weight = weigh(candidate);
    assert(Number.isInteger(weight) && weight >= 1 && weight <= 0xffff_ffff, 'a weight is 1 to 2^32-1');
    pool.push({ device, key, host, maker, region, owner, weight });
  }
  return pool;
}
