import { Prng } from '@iotw/kernel/prng';
import { LedgerArena } from './ledger-arena.js';

export interface GriefingOptions {
  readonly devices: number;
  readonly epochs: number;
  readonly blocksPerEpoch: number;
  /** Share of the devices that strike, in thousandths. */
  readonly griefersPerMille: number;
  /** 0: the whitepaper's literal rule, by which everybody of a failed attempt is blacklisted. */
  readonly adjudicate: 0 | 1;
  /** Epochs that a blacklisted device stays out. */
  readonly blacklistEpochs: number;
  /** Whether they strike; otherwise they work like everybody. */
  readonly strike: boolean;
  readonly seed: string;
}

export interface GriefingResult {
  /** Base units that honest devices and griefers were paid over the run. */
  readonly honestPaid: number;
  readonly grieferPaid: number;
  readonly strikes: number;
  /** Honest devices that were blacklisted. */
  readonly honestBlacklisted: number;
  /** Right answers of failed attempts, and all answers that were paid. */
  readonly wasted: number;
  readonly paidAnswers: number;
}

/** Devices that lie at the first chance they get, again and again as they come back, over many epochs. */
export function grief(options: GriefingOptions): GriefingResult {
  const { devices, epochs, blocksPerEpoch, griefersPerMille, adjudicate, blacklistEpochs, strike, seed } =
    options;
  const prng = new Prng(`griefing ${seed}`);
  const griefers = new Set(
    prng
      .shuffle(Array.from({ length: devices }, (_, i) => i))
      .slice(0, Math.floor((devices * griefersPerMille) / 1_000)),
  );
  let strikes = 0;
  const arena = new LedgerArena({
    devices: Array.from({ length: devices }, (_, i) => ({ maker: i % 5, region: prng.below(4), owner: i })),
    trustNodes: 4,
    parameters: { adjudicate, blacklistEpochs },
    seed,
    answer: (device) => {
      if (!strike || !griefers.has(device)) return 'truth';
      strikes += 1;
      return 'lie';
    },
  });
  let honestPaid = 0;
  let grieferPaid = 0;
  const blacklisted = new Set<number>();
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const { device, minerAmount, witnessAmount } of arena.epoch(blocksPerEpoch).devices) {
      if (griefers.has(device)) grieferPaid += minerAmount + witnessAmount;
      else honestPaid += minerAmount + witnessAmount;
    }
    const until = arena.state.devices.col.blacklistedUntil;
    for (let device = 0; device < devices; device++)
      if (until[device] !== 0 && !griefers.has(device)) blacklisted.add(device);
  }
  const paidAnswers = arena.paid.reduce((sum, count) => sum + count, 0);
  return {
    honestPaid,
    grieferPaid,
    strikes,
    honestBlacklisted: blacklisted.size,
    wasted: arena.wasted,
    paidAnswers,
  };
}
