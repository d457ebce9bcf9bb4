import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { expect, it } from 'vitest';
import { HeldKeys } from './held-keys.js';

const [present, next, other] = [1, 2, 3].map((n) => keyPairFromSeed(new Uint8Array(32).fill(n)));

const table: [name: string, held: HeldKeys, listed: Uint8Array | undefined, signs: typeof present][] = [
  ['the present ones alone', new HeldKeys(present!), present!.publicKey, present],
  ['the present ones, the next ones at hand', new HeldKeys(present!, next), present!.publicKey, present],
  ['the next ones, once they are listed', new HeldKeys(present!, next), next!.publicKey, next],
  ['the present ones where a third is listed', new HeldKeys(present!, next), other!.publicKey, present],
  ['the present ones where nothing is known', new HeldKeys(present!, next), undefined, present],
];
it.each(table)('%s sign', (_, held, listed, signs) => {
  expect(held.listed(listed)).toBe(signs);
});

it('a key file that was read again counts at once', () => {
  const held = new HeldKeys(present!, next);
  held.replace(next!, other);
  expect(held.listed(present!.publicKey)).toBe(next);
  expect(held.listed(other!.publicKey)).toBe(other);
});
