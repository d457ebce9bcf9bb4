import { readFileSync } from 'node:fs';
import { concatBytes, fromHex, toHex } from '@iotw/kernel/bytes';
import { describe, expect, it } from 'vitest';
import { emergencySeed, isPublicValue, PUBLIC_BEACONS, publicRoundMs } from './public-beacons.js';

interface Chain {
  chain_hash: string;
  public_key: string;
  period: number;
  genesis_time: number;
  rounds: { round: number; signature: string; previous_signature?: string }[];
}
const published = JSON.parse(
  readFileSync(new URL('../../../spec/vectors/external/drand_beacons.json', import.meta.url), 'utf8'),
) as Record<'default' | 'quicknet', Chain>;
const hex = (text: string) => fromHex(text)!;
const proofOf = (value: Chain['rounds'][number]) =>
  concatBytes(hex(value.signature), hex(value.previous_signature ?? ''));
const NETWORK = new Uint8Array(32).fill(1);
const SEED = new Uint8Array(32).fill(2);

describe.each(['default', 'quicknet'] as const)('drand %s', (name) => {
  const chain = published[name];
  const beacon = PUBLIC_BEACONS.find((known) => toHex(known.chain) === chain.chain_hash)!;

  it('stands in the table as it is published', () => {
    expect(toHex(beacon.publicKey)).toBe(chain.public_key);
    expect([beacon.period, beacon.genesisTime]).toEqual([chain.period, chain.genesis_time]);
    expect(publicRoundMs(beacon, 1)).toBe(1_000 * chain.genesis_time);
    expect(publicRoundMs(beacon, 3)).toBe(1_000 * (chain.genesis_time + 2 * chain.period));
  });

  it('gives its published values, and a seed of this network, seed and epoch alone', () => {
    for (const value of chain.rounds) {
      const proof = proofOf(value);
      expect(isPublicValue(beacon, value.round, proof)).toBe(true);
      const seed = (network: Uint8Array, previous: Uint8Array, epoch: number) => {
        const made = emergencySeed(network, previous, epoch, beacon, value.round, proof);
        if (!made.ok) throw new Error(made.error.message);
        return toHex(made.value);
      };
      const seeds = [
        seed(NETWORK, SEED, 5),
        seed(SEED, SEED, 5),
        seed(NETWORK, NETWORK, 5),
        seed(NETWORK, SEED, 6),
      ];
      expect(new Set(seeds).size).toBe(4);
      expect(seed(NETWORK, SEED, 5)).toBe(seeds[0]);
    }
  });

  it.each([
    ['of another round', (round: number, proof: Uint8Array) => [round + 1, proof] as const],
    [
      'with a bit changed',
      (round: number, proof: Uint8Array) => [round, proof.map((b, i) => (i === 20 ? b ^ 1 : b))] as const,
    ],
    [
      'cut short',
      (round: number, proof: Uint8Array) => [round, proof.subarray(0, proof.length - 1)] as const,
    ],
    ['of nothing', (round: number) => [round, new Uint8Array(0)] as const],
  ])('refuses a value %s', (_, change) => {
    const value = chain.rounds[0]!;
    const [round, proof] = change(value.round, proofOf(value));
    const made = emergencySeed(NETWORK, SEED, 5, beacon, round, proof);
    expect(made.ok ? 'ok' : made.error.code).toBe('seed-proof-invalid');
  });
});
