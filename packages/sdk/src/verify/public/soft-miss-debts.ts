import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import { chargeSoftMisses } from '@iotw/assignment/soft-misses';
import type { BlockHeader } from '@iotw/protocol/header';
import { MAX_TRUST_NODES } from '@iotw/protocol/limits';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { CheckList } from '../checks.js';
import { devicesOf } from './pool-devices.js';

/** What a lane's hosts owe after the block at `height`. */
interface LaneDebts {
  height: number;
  /** By host, in ten-thousandths of a soft miss. */
  readonly debts: Uint32Array;
  /** Every block of the lane up to here was counted. */
  whole: boolean;
}

/** What each block's certificate says that counts here. */
type Committee = Pick<CertifiedCommittee, 'paid' | 'softMisses'>;

/**
 * The debts for soft misses (spec: clause 8.15), counted again over the blocks that were given. A count that begins at 0 in
 * the middle of a lane owes no more than the ledger says, so it never finds a valid block guilty, and may miss a guilty one.
 */
export class SoftMissDebts {
  readonly #lanes = new Map<number, LaneDebts>();

  /**
   * `soft-misses` of the lane's next block, where it has any: code `soft-miss-quota`, or unchecked where blocks before it were not
   * counted. `committee`: undefined where it could not be told; `snapshot`: that of the header's epoch.
   */
  check(
    list: CheckList,
    { lane, height }: Pick<BlockHeader, 'lane' | 'height'>,
    snapshot: EpochSnapshot | undefined,
    committee: Committee | undefined,
  ): void {
    const state = this.#follow(lane, height);
    if (committee === undefined || snapshot === undefined) {
      this.#lanes.delete(lane);
      return;
    }
    const { softMisses } = committee;
    const devices = devicesOf(snapshot);
    const paidHosts = committee.paid.flatMap(({ device }) => devices.get(device)?.host ?? []);
    const over = chargeSoftMisses(snapshot.parameters, state.debts, { softMisses, paidHosts });
    if (softMisses.length === 0) return;
    const name = 'soft-misses';
    if (over !== undefined)
      list.reject(name, `Trust node ${over} owes lane ${lane} too many soft misses.`, 'soft-miss-quota');
    else if (state.whole) list.pass(name, `No host owes lane ${lane} more soft misses than it may.`);
    else list.unchecked(name, `What hosts owe lane ${lane} follows from its blocks before ${height}.`);
  }

  /** The lane below this block; begun anew where a block is missing between. */
  #follow(lane: number, height: number): LaneDebts {
    let state = this.#lanes.get(lane);
    if (state === undefined || height !== state.height + 1) {
      state = { height, debts: new Uint32Array(MAX_TRUST_NODES), whole: height === 1 };
      this.#lanes.set(lane, state);
    }
    state.height = height;
    return state;
  }
}
