import { toHex } from '@iotw/kernel/bytes';
import { ok } from '@iotw/kernel/result';
import { deriveKeyPair } from '@iotw/sdk/wallet/derive';
import { seedFromMnemonic } from '@iotw/sdk/wallet/mnemonic';
import { describe, expect, it } from 'vitest';
import { memoryVaultStore } from './test-vault-store.ts';
import { Vault } from './vault.ts';
import { storageFailure, type VaultStore } from './vault-record.ts';

const WORDS = `${'abandon '.repeat(11)}about`;
const PASSWORD = 'correct horse';
const KDF = { memoryKiB: 8_192, iterations: 1, parallelism: 1 };
const MINUTE = 60_000;

async function made(store: VaultStore = memoryVaultStore(), clock = { ms: 1_000 }) {
  const open = async () => {
    const vault = await Vault.open({ store, nowMs: () => clock.ms, kdf: KDF });
    if (!vault.ok) throw new Error(vault.error.message);
    return vault.value;
  };
  const vault = await open();
  const created = await vault.create(WORDS, PASSWORD, 'Main', false);
  return { vault, created, clock, open };
}

describe('the vault', () => {
  it('derives the accounts of the words, and signs with no other', async () => {
    const { vault } = await made();
    const seed = await seedFromMnemonic(WORDS);
    const expected = seed.ok && deriveKeyPair(seed.value, { account: 0, role: 'spending', index: 0 });
    expect(vault.keys(0)).toEqual(expected);
    expect(vault.keys(1)).toMatchObject({ error: { code: 'signer-account' } });
    expect(await vault.addAccount('Savings')).toEqual(ok(undefined));
    expect(vault.state.accounts.map(({ name, account }) => [name, account])).toEqual([
      ['Main', 0],
      ['Savings', 1],
    ]);
    expect(vault.keys(1).ok).toBe(true);
  });

  it('stores no word, no seed and no secret key', async () => {
    const { vault } = await made();
    const keys = vault.keys(0);
    const text = JSON.stringify(vault.record, (_name, value) =>
      value instanceof Uint8Array ? toHex(value) : value,
    );
    expect(text).not.toMatch(/abandon|about/);
    expect(keys.ok && text.includes(toHex(keys.value.secretKey.subarray(0, 32)))).toBe(false);
  });

  it('gives no key while it is locked, and opens by its password alone', async () => {
    const { open } = await made();
    const vault = await open();
    expect(vault.state.vault).toBe('locked');
    expect(vault.state.accounts).toHaveLength(1);
    expect(vault.keys(0)).toMatchObject({ error: { code: 'signer-locked' } });
    expect(await vault.unlock('wrong horse')).toMatchObject({ error: { code: 'keystore-password' } });
    expect(vault.keys(0)).toMatchObject({ error: { code: 'signer-locked' } });
    expect(await vault.unlock(PASSWORD)).toEqual(ok(undefined));
    expect(vault.keys(0).ok).toBe(true);
    vault.lock();
    expect(vault.keys(0)).toMatchObject({ error: { code: 'signer-locked' } });
  });

  it('locks itself when it is left alone', async () => {
    const { vault, clock } = await made();
    clock.ms += 4 * MINUTE;
    expect(vault.keys(0).ok).toBe(true);
    clock.ms += 5 * MINUTE + 1;
    expect(vault.state.vault).toBe('locked');
    expect(vault.keys(0)).toMatchObject({ error: { code: 'signer-locked' } });
    await vault.unlock(PASSWORD);
    await vault.setLockMinutes(1);
    clock.ms += MINUTE + 1;
    expect(vault.keys(0)).toMatchObject({ error: { code: 'signer-locked' } });
  });

  it('takes no second wallet while one is there, and one more after it was removed', async () => {
    const { vault } = await made();
    expect(await vault.create(WORDS, PASSWORD, 'Main', true)).toMatchObject({
      error: { code: 'signer-exists' },
    });
    expect(await vault.forget()).toEqual(ok(undefined));
    expect(vault.state).toMatchObject({ vault: 'none', accounts: [] });
    expect(await vault.create(WORDS, PASSWORD, 'Main', true)).toEqual(ok(undefined));
  });

  it('changes its password and keeps its words', async () => {
    const { vault } = await made();
    expect(await vault.changePassword('wrong horse', 'battery staple')).toMatchObject({
      error: { code: 'keystore-password' },
    });
    expect(await vault.changePassword(PASSWORD, 'battery staple')).toEqual(ok(undefined));
    expect(await vault.words(PASSWORD)).toMatchObject({ error: { code: 'keystore-password' } });
    expect(await vault.words('battery staple')).toEqual(ok(WORDS));
  });

  it("notices that somebody put another key under an account's name", async () => {
    const store = memoryVaultStore();
    const { vault, open } = await made(store);
    const record = vault.record!;
    await store.write({ ...record, accounts: [{ ...record.accounts[0]!, key: new Uint8Array(32).fill(9) }] });
    expect(await (await open()).unlock(PASSWORD)).toMatchObject({ error: { code: 'signer-vault-changed' } });
  });

  it('has not made a wallet that could not be stored', async () => {
    const full: VaultStore = {
      ...memoryVaultStore(),
      write: async () => storageFailure('QuotaExceededError'),
    };
    const { vault, created } = await made(full);
    expect(created).toMatchObject({ error: { code: 'signer-storage' } });
    expect(vault.state.vault).toBe('none');
  });

  it.each([
    ['', 'wallet-contents'],
    ['Main', 'wallet-contents'],
    ['a\u0007b', 'wallet-contents'],
  ])('refuses %j as the name of another account', async (name, code) => {
    const { vault } = await made();
    expect(await vault.addAccount(name)).toMatchObject({ error: { code } });
  });
});
