import { toHex } from '@iotw/kernel/bytes';
import { parseMnemonic } from '@iotw/sdk/wallet/mnemonic';
import { expect, it } from 'vitest';
import { MAKERS } from './devnet-genesis.js';
import { operatorWallet, operatorWalletText } from './operator-wallet.js';

it('is one wallet with a key for each role, the same for the same seed', async () => {
  const seed = new Uint8Array(32).fill(5);
  const wallet = await operatorWallet(seed);
  expect(parseMnemonic(wallet.words)).toMatchObject({ ok: true });
  expect(wallet.words.split(' ')).toHaveLength(24);
  const keys = [...wallet.committee, ...wallet.makers].map(({ publicKey }) => toHex(publicKey));
  expect(new Set(keys).size).toBe(3 + MAKERS.length);
  expect(await operatorWallet(seed)).toEqual(wallet);
  expect((await operatorWallet(new Uint8Array(32).fill(6))).words).not.toBe(wallet.words);
  const text = operatorWalletText(wallet);
  expect(text).toContain(wallet.words);
  expect(text).toContain('account 4: maker 0, Aurora Fans');
});
