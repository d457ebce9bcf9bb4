import type { Candidate } from '@iotw/assignment/weights';
import { concatBytes, utf8 } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { Prng } from '@iotw/kernel/prng';
import { sha256 } from '@iotw/kernel/sha256';

/** A value by shares of a hundred. */
function pick(prng: Prng, shares: readonly number[]): number {
  let left = prng.below(100);
  for (const [i, share] of shares.entries()) {
    if (left < share) return i;
    left -= share;
  }
  return shares.length - 1;
}

/**
 * Devices as a grown network might have them: regions of 40, 30, 20 and 10 in a hundred, makers of 40, 25,
 * 15, 12 and 8 with one batch each, four hosts, about 4 devices an owner, histories and stakes of all sizes.
 */
export function candidates(count: number, seed: string): Candidate[] {
  const prng = new Prng(seed);
  return Array.from({ length: count }, (_, device) => {
    const maker = pick(prng, [40, 25, 15, 12, 8]);
    const registeredEpochs = prng.below(4_000);
    return {
      device,
      key: sha256(utf8(`${seed} device ${device}`)),
      host: prng.below(4),
      maker,
      batch: 1,
      region: pick(prng, [40, 30, 20, 10]),
      deviceClass: 0,
      owner: prng.below(Math.ceil(count / 4)),
      reputation: 300_000 + prng.below(700_000),
      uptimeEpochs: prng.below(registeredEpochs + 1),
      registeredEpochs,
      leastBalance: 1_000_000 * (1 + prng.below(10 ** (1 + prng.below(4)))),
    };
  });
}

/** Keys of `count` devices that draw tickets. */
export function ticketKeys(count: number, seed: string): KeyPair[] {
  return Array.from({ length: count }, (_, i) =>
    keyPairFromSeed(sha256(concatBytes(utf8(seed), utf8(` ticket key ${i}`)))),
  );
}
