import { assert } from '@iotw/kernel/assert';
import type { ElectionMode, Parameters } from '@iotw/protocol/parameters';
import type { PoolDevice } from '@iotw/protocol/pool';
import { type DampingRule, dampWeights } from './damping.js';
import { limitPeople } from './people.js';
import { weighingMode } from './tickets.js';
import { randomWeight } from './weights/random.js';
import { reputationWeight } from './weights/reputation.js';
import { stakeWeight } from './weights/stake.js';
import { uptimeWeight } from './weights/uptime.js';

/** A device that may enter an epoch's pool, with all that any election mode weighs. */
export interface Candidate {
  /** Number on the ledger. */
  readonly device: number;
  readonly key: Uint8Array;
  readonly host: number;
  readonly maker: number;
  /** The maker's own number of the batch. */
  readonly batch: number;
  readonly region: number;
  /** DEVICE_CLASS. */
  readonly deviceClass: number;
  /** Account number that is paid for it. */
  readonly owner: number;
  /** Parts per million, 0 .. 1,000,000. */
  readonly reputation: number;
  /** Epochs in which it was present. */
  readonly uptimeEpochs: number;
  /** Epochs since it was registered. */
  readonly registeredEpochs: number;
  /** The owner's least balance over the epoch that ended when the pool froze, base units. */
  readonly leastBalance: number;
}

/**
 * The election modes (spec: clause 7.1): a candidate's integer weight in the draw, 1 .. 2^32-1, before
 * damping. One row and file each; `vrf` weighs by one of them (tickets.ts). `ownerDevices`: how many devices of the pool its owner has.
 */
export const ELECTION_WEIGHTS: Readonly<
  Record<Exclude<ElectionMode, 'vrf'>, (candidate: Candidate, ownerDevices: number) => number>
> = {
  random: randomWeight,
  reputation: reputationWeight,
  uptime: uptimeWeight,
  stake: stakeWeight,
};

/** An epoch's frozen pool: `candidates` (ascending by device number) with the damped weights of `mode`. */
export function freezePool(
  candidates: readonly Candidate[],
  mode: ElectionMode,
  rule: DampingRule & Pick<Parameters, 'ticketWeight' | 'userShareBps'>,
): PoolDevice[] {
  const damped = dampWeights(
    candidates,
    undampedWeights(candidates, weighingMode(mode, rule.ticketWeight)),
    rule,
  );
  const weights = limitPeople(candidates, damped, rule);
  return candidates.map(({ device, key, host, maker, region, owner, deviceClass }, i) => {
    const weight = weights[i]!;
    assert(Number.isInteger(weight) && weight >= 1 && weight <= 0xffff_ffff, 'a weight is 1 to 2^32-1');
    return { device, key, host, maker, region, owner, weight, deviceClass };
  });
}

/** The weights that `mode` gives, in the order of the candidates. */
function undampedWeights(candidates: readonly Candidate[], mode: Exclude<ElectionMode, 'vrf'>): number[] {
  const owned = new Map<number, number>();
  let last = -1;
  for (const { device, owner } of candidates) {
    assert(device > last, 'candidates ascend by device number');
    last = device;
    owned.set(owner, (owned.get(owner) ?? 0) + 1);
  }
  const weigh = ELECTION_WEIGHTS[mode];
  return candidates.map((candidate) => weigh(candidate, owned.get(candidate.owner)!));
}
