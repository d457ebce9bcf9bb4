import { Prng } from '@iotw/kernel/prng';
import { ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import { type ArenaDevice, LedgerArena } from './ledger-arena.js';

export interface SybilOptions {
  readonly devices: number;
  /** Devices of the captured batch: its quota is used up. */
  readonly captured: number;
  /** Owners among whom the farm divides them. */
  readonly owners: number;
  readonly mode: ElectionMode;
  readonly epochs: number;
  readonly blocksPerEpoch: number;
  readonly seed: string;
}

/** Per epoch, what the farm was paid over what a share by number of devices would be. */
export function farm({
  devices,
  captured,
  owners,
  mode,
  epochs,
  blocksPerEpoch,
  seed,
}: SybilOptions): number[] {
  const prng = new Prng(`sybil ${seed}`);
  const all = Array.from({ length: devices }, (_, i): ArenaDevice => {
    const region = prng.below(4);
    if (i < captured) return { maker: 0, region, owner: i % owners };
    return { maker: 1 + (i % 4), region, owner: owners + (i % 400) };
  });
  const arena = new LedgerArena({
    devices: all,
    trustNodes: 4,
    parameters: { electionMode: ELECTION_MODE[mode] },
    seed,
    answer: () => 'truth',
  });
  return Array.from({ length: epochs }, () => {
    let farmed = 0;
    let paid = 0;
    for (const { device, minerAmount, witnessAmount } of arena.epoch(blocksPerEpoch).devices) {
      paid += minerAmount + witnessAmount;
      if (device < captured) farmed += minerAmount + witnessAmount;
    }
    return farmed / paid / (captured / devices);
  });
}
