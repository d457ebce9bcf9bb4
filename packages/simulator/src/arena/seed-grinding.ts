import { RankedDraw } from '@iotw/assignment/draw';
import { Prng } from '@iotw/kernel/prng';
import { arenaPool, arenaSnapshot } from './arena-pool.js';

const NETWORK = new Uint8Array(32).fill(7);
const HONEST = 190;
const OWN = 10;
const BLOCKS = 20;
const SIZE = 4;

export interface Grinding {
  /** Per trial, the attacker's seats over its share of the devices. */
  readonly known: readonly number[];
  readonly unknown: readonly number[];
}

/**
 * An attacker with more keys than it may use picks the set that it registers out of `variants`. Knowing the
 * seed it takes the set that wins most; where pools are frozen before the seed can be known it takes any.
 */
export function grindSeeds(variants: number, trials: number, seed: string): Grinding {
  const known: number[] = [];
  const unknown: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const prng = new Prng(`grinding ${seed} ${variants} ${trial}`);
    const wins = Array.from({ length: variants }, (_, variant) => seatsOf(prng, `${seed} ${trial}`, variant));
    const share = OWN / (HONEST + OWN);
    const asShare = (seats: number): number => seats / (BLOCKS * SIZE) / share;
    known.push(asShare(Math.max(...wins)));
    unknown.push(asShare(prng.pick(wins)));
  }
  return { known, unknown };
}

/** Seats of the attacker in the epoch's blocks where its devices stand at the places of this variant. */
function seatsOf(prng: Prng, seed: string, variant: number): number {
  const places = prng
    .fork(`variant ${variant}`)
    .shuffle(Array.from({ length: HONEST + OWN }, (_, i) => i))
    .slice(0, OWN);
  const own = new Set(places);
  const pool = arenaPool(HONEST + OWN, 4, (device) => ({ maker: device, region: device % 61 }));
  const snapshot = arenaSnapshot(pool, 4, `grinding ${seed}`);
  let seats = 0;
  for (let height = 1; height <= BLOCKS; height++) {
    const options = { committeeSize: SIZE, excludeHost: height % 4 };
    const draw = new RankedDraw(snapshot, NETWORK, height % 4, height, options);
    for (let rank = 0; rank < SIZE; rank++) if (own.has(draw.at(rank)!.device)) seats += 1;
  }
  return seats;
}
