import { beaconMessage, seedFromSignature } from '@iotw/assignment/seed';
import { combineShares, dealerWeights, sharePlace } from '@iotw/assignment/shared-key';
import { assert } from '@iotw/kernel/assert';
import { blsSign } from '@iotw/kernel/bls';
import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { Prng } from '@iotw/kernel/prng';
import { BeaconNetwork, type BeaconNetworkOptions } from './beacon-network.js';

export interface BeaconDrillOptions extends BeaconNetworkOptions {
  readonly epochs: number;
}

/** What a drill found. All `true` and no misses is what must come out. */
export interface BeaconReport {
  readonly epochs: number;
  readonly members: number;
  readonly threshold: number;
  readonly corrupt: number;
  /** Longest time from when an epoch was due until the next one began, simulated ms. */
  readonly longestWaitMs: number;
  /** Epochs that did not open in time though `threshold` honest members ran. */
  readonly missed: number;
  /** Each seed is the one that the same key gives without any corruption. */
  readonly unique: boolean;
  /** Chi-square of the seeds' nibbles against uniform, 15 degrees of freedom; 37.7 is passed once in 1,000. */
  readonly chiSquare: number;
  /** The group key stayed the same through all ceremonies. */
  readonly sameKey: boolean;
  readonly ceremonies: number;
  readonly restarts: number;
  readonly lostShares: number;
  /** Simulated ms that one epoch waited, visibly, while too few members ran; 0: not tried. */
  readonly waitedForMembersMs: number;
  readonly misdeeds: Readonly<Record<string, number>>;
  readonly lastSeed: string;
}

const PATIENCE = 400;
/** An epoch that waits longer than this after it was due has missed. */
const MISS_MS = 1_500;

/**
 * Runs the network for `epochs` epochs with corrupt members; honest ones restart now and then, and as far as more
 * than `threshold` of them are there, one loses its share (and gets another by resharing), one is away during
 * a resharing, and once too few are there for a while.
 */
export function runBeaconDrill(options: BeaconDrillOptions): BeaconReport {
  const network = new BeaconNetwork(options);
  const prng = new Prng(`drill ${options.seed}`);
  const seeds: Uint8Array[] = [];
  let longestWaitMs = 0;
  let missed = 0;
  let unique = true;
  let restarts = 0;
  let lostShares = 0;
  let waitedForMembersMs = 0;
  const spare = network.honest.length - options.threshold;

  untilKey(network);
  const key = network.ledger.beacon.groupKey!;
  const secret = secretOf(network);
  while (network.ledger.epoch < options.epochs) {
    const epoch = network.ledger.epoch + 1;
    const due = network.ledger.epochs.startMs + network.ledger.parameters.epochMs;
    if (epoch % 10 === 0) {
      const one = network.honest[prng.below(network.honest.length)]!;
      network.stop(one);
      if (spare > 0 && epoch % 100 === 0) {
        network.loseShare(one);
        lostShares++;
      }
      if (spare > 0) for (let i = 0; i < 8; i++) network.step();
      network.start(one);
      restarts++;
    }
    if (spare > 0 && epoch === 25) waitedForMembersMs = waitForMembers(network);
    for (let steps = 0; network.ledger.epoch < epoch; steps++) {
      assert(steps < PATIENCE, `epoch ${epoch} does not open: the network stands`);
      network.step();
    }
    const waited = network.ledger.epochs.startMs - due;
    if (epoch !== 25) {
      longestWaitMs = Math.max(longestWaitMs, waited);
      if (waited > MISS_MS) missed++;
    }
    const { seed } = network.ledger.snapshotOf(epoch)!;
    seeds.push(seed);
    const signature = blsSign(secret, beaconMessage(network.ledger.network, epoch));
    const expected = seedFromSignature(network.ledger.network, key, epoch, signature);
    unique &&= expected.ok && equalBytes(expected.value, seed);
  }
  assert(network.agreed, 'all members have the same ledger');
  return {
    epochs: options.epochs,
    members: options.members,
    threshold: options.threshold,
    corrupt: options.corrupt,
    longestWaitMs,
    missed,
    unique,
    chiSquare: chiSquareOf(seeds),
    sameKey: equalBytes(network.ledger.beacon.groupKey!, key),
    ceremonies: network.ledger.beacon.ceremony,
    restarts,
    lostShares,
    waitedForMembersMs,
    misdeeds: misdeedsOf(network),
    lastSeed: toHex(seeds.at(-1)!),
  };
}

/** Runs until the first ceremony has made a key. */
export function untilKey(network: BeaconNetwork): void {
  for (let steps = 0; network.ledger.beacon.groupKey === undefined; steps++) {
    assert(steps < PATIENCE, 'the ceremony does not end');
    network.step();
  }
  network.step();
}

/** Lets fewer than the threshold run until well after the epoch is due: nothing may open it. */
function waitForMembers(network: BeaconNetwork): number {
  const { honest, options, ledger } = network;
  // A corrupt member's own signature is one of those that count.
  const away = honest.slice(0, options.members - options.threshold + 1);
  const { epoch } = ledger;
  for (const index of away) network.stop(index);
  for (let i = 0; i < 60; i++) network.step();
  const waited = network.nowMs - ledger.epochs.startMs - ledger.parameters.epochMs;
  assert(network.ledger.epoch === epoch, 'no epoch opens without enough members');
  for (const index of away) network.start(index);
  return waited;
}

/** The secret that nobody in the network ever has, put together from honest members' disks. */
function secretOf(network: BeaconNetwork): Uint8Array {
  const holders = network.honest.filter((index) => network.shareOf(index) !== undefined);
  const chosen = holders.slice(0, network.options.threshold);
  assert(chosen.length === network.options.threshold, 'enough honest members hold a share');
  const shares = chosen.map((index) => network.shareOf(index)!);
  return combineShares(shares, dealerWeights(chosen.map(sharePlace), true));
}

function chiSquareOf(seeds: readonly Uint8Array[]): number {
  const counts = new Array<number>(16).fill(0);
  for (const seed of seeds) {
    for (const byte of seed) {
      counts[byte >>> 4]! += 1;
      counts[byte & 15]! += 1;
    }
  }
  const expected = (64 * seeds.length) / 16;
  const sum = counts.reduce((total, n) => total + (n - expected) ** 2, 0);
  return Math.round((100 * sum) / expected) / 100;
}

function misdeedsOf(network: BeaconNetwork): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { deeds } of network.corrupt.values()) {
    for (const [deed, n] of deeds) sum[deed] = (sum[deed] ?? 0) + n;
  }
  return sum;
}
