import { randomInt } from 'node:crypto';
import { RecentSignatures } from '@iotw/nodes/intake/recent-signatures';

/** Of an entrance: some seconds of the fastest load. */
const REMEMBERED = 131_072;

/** A memory of signatures whose salt nobody knows. */
export function recentSignatures(): RecentSignatures {
  return new RecentSignatures(REMEMBERED, randomInt(2 ** 32));
}
