import { equalBytes } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { checkWalletContents, type WalletAccount } from '@iotw/sdk/wallet/contents';
import { deriveKeyPair } from '@iotw/sdk/wallet/derive';
import { openKeystore, sealKeystore } from '@iotw/sdk/wallet/keystore';
import { DEFAULT_KDF, type KdfParameters } from '@iotw/sdk/wallet/keystore-file';
import { seedFromMnemonic } from '@iotw/sdk/wallet/mnemonic';
import type { SignerState } from './messages.ts';
import {
  LOCK_MINUTES,
  type PasskeyRecord,
  type VaultAccount,
  type VaultRecord,
  type VaultStore,
} from './vault-record.ts';

export interface VaultOptions {
  readonly store: VaultStore;
  /** Agreed with nobody: ms, for the idle time alone. */
  readonly nowMs: () => number;
  /** Cost of one guess of the password; RFC 9106's second choice unless given. */
  readonly kdf?: KdfParameters;
}

/**
 * The wallet of the signer's origin. Locked, it knows names and public keys; unlocked, it also holds the 64-byte seed in
 * memory, until it is locked or left idle. The words themselves are opened anew for each look at them.
 */
export class Vault {
  readonly #options: VaultOptions;
  #record: VaultRecord | undefined;
  #seed: Uint8Array | undefined;
  #usedMs = 0;

  private constructor(options: VaultOptions, record: VaultRecord | undefined) {
    this.#options = options;
    this.#record = record;
  }

  /** Codes: `signer-storage`. */
  static async open(options: VaultOptions): Promise<Result<Vault>> {
    const record = await options.store.read();
    return record.ok ? ok(new Vault(options, record.value)) : record;
  }

  /** Reads the store again, after another tab wrote it. Codes: `signer-storage`. */
  async reload(): Promise<Result<void>> {
    const record = await this.#options.store.read();
    if (!record.ok) return record;
    if (record.value?.keyFile !== this.#record?.keyFile) this.lock();
    this.#record = record.value;
    return ok(undefined);
  }

  get state(): SignerState {
    const record = this.#record;
    if (record === undefined) return { vault: 'none', accounts: [], backedUp: false, passkey: false };
    return {
      vault: this.#seed === undefined || this.isIdle ? 'locked' : 'unlocked',
      accounts: record.accounts.map(({ name, account, key }) => ({ name, account, key })),
      backedUp: record.backedUp,
      passkey: record.passkey !== undefined,
    };
  }

  get record(): VaultRecord | undefined {
    return this.#record;
  }

  /** Left alone for longer than it may be: whoever finds it so locks it. */
  get isIdle(): boolean {
    const minutes = this.#record?.lockMinutes ?? LOCK_MINUTES.default;
    return this.#options.nowMs() - this.#usedMs > 60_000 * minutes;
  }

  /** The person did something. */
  touch(): void {
    this.#usedMs = this.#options.nowMs();
  }

  lock(): void {
    this.#seed?.fill(0);
    this.#seed = undefined;
  }

  /**
   * Keeps a wallet under a password and unlocks it. Codes: `signer-exists` (one wallet; forget it first), those of
   * `sealKeystore`, `signer-storage`.
   */
  async create(
    mnemonic: string,
    password: string,
    accountName: string,
    backedUp: boolean,
  ): Promise<Result<void>> {
    if (this.#record !== undefined) {
      return fail(
        'signer-exists',
        'There is a wallet in this browser: remove it in its settings before another one comes.',
      );
    }
    const seed = await seedFromMnemonic(mnemonic);
    if (!seed.ok) return seed;
    const names: readonly WalletAccount[] = [{ name: accountName, account: 0 }];
    const keyFile = await sealKeystore({ mnemonic, accounts: names }, password, this.#kdf);
    if (!keyFile.ok) return keyFile;
    const accounts = names.map((named) => ({ ...named, key: keyOf(seed.value, named.account).publicKey }));
    const written = await this.#write({
      keyFile: keyFile.value,
      accounts,
      backedUp,
      lockMinutes: LOCK_MINUTES.default,
    });
    if (!written.ok) return written;
    this.#seed = seed.value;
    this.touch();
    return written;
  }

  /** Codes: `signer-none`, those of `openKeystore`, `signer-vault-changed`. */
  async unlock(password: string): Promise<Result<void>> {
    const words = await this.words(password);
    return words.ok ? this.unlockWords(words.value) : words;
  }

  /** Unlocks by the words, which a passkey opened. Codes: `signer-none`, `signer-vault-changed`, those of mnemonics. */
  async unlockWords(mnemonic: string): Promise<Result<void>> {
    const record = this.#record;
    if (record === undefined) return none();
    const seed = await seedFromMnemonic(mnemonic);
    if (!seed.ok) return seed;
    // Somebody who writes this origin's storage could put his own key under a name the owner pays to.
    const same = record.accounts.every(({ account, key }) =>
      equalBytes(keyOf(seed.value, account).publicKey, key),
    );
    if (!same) {
      return fail(
        'signer-vault-changed',
        'The stored accounts are not those of this wallet: somebody changed this browser’s storage. Restore the wallet from its words on a clean machine.',
      );
    }
    this.#seed = seed.value;
    this.touch();
    return ok(undefined);
  }

  /** The mnemonic, for one look at it. Codes: `signer-none`, those of `openKeystore`. */
  async words(password: string): Promise<Result<string>> {
    if (this.#record === undefined) return none();
    const contents = await openKeystore(this.#record.keyFile, password);
    return contents.ok ? ok(contents.value.mnemonic) : contents;
  }

  /** The next account. Codes: `signer-locked`, `wallet-contents` (a name used twice or odd), `signer-storage`. */
  async addAccount(name: string): Promise<Result<void>> {
    const seed = this.#unlocked();
    if (!seed.ok) return seed;
    const record = this.#record!;
    const account = record.accounts.reduce((next, used) => Math.max(next, used.account + 1), 0);
    const added = [...record.accounts, { name, account, key: keyOf(seed.value, account).publicKey }];
    const checked = checkNames(added);
    return checked.ok ? this.#write({ ...record, accounts: added }) : checked;
  }

  /** The key pair of an account. Codes: `signer-locked`, `signer-account`. */
  keys(account: number): Result<KeyPair> {
    const seed = this.#unlocked();
    if (!seed.ok) return seed;
    if (!this.#record!.accounts.some((known) => known.account === account)) {
      return fail('signer-account', 'The wallet has no such account: add it first.', { account });
    }
    this.touch();
    return ok(keyOf(seed.value, account));
  }

  /** Codes: `signer-none`, `signer-storage`. */
  async setBackedUp(): Promise<Result<void>> {
    return this.#record === undefined ? none() : this.#write({ ...this.#record, backedUp: true });
  }

  /** Codes: `signer-none`, `signer-storage`. */
  async setLockMinutes(minutes: number): Promise<Result<void>> {
    const lockMinutes = Math.min(LOCK_MINUTES.most, Math.max(LOCK_MINUTES.least, Math.round(minutes)));
    return this.#record === undefined ? none() : this.#write({ ...this.#record, lockMinutes });
  }

  /** A new password. A passkey goes on to open the wallet. Codes: those of `words` and `sealKeystore`, `signer-storage`. */
  async changePassword(old: string, password: string): Promise<Result<void>> {
    const words = await this.words(old);
    if (!words.ok) return words;
    const record = this.#record!;
    const accounts = record.accounts.map(({ name, account }) => ({ name, account }));
    const keyFile = await sealKeystore({ mnemonic: words.value, accounts }, password, this.#kdf);
    return keyFile.ok ? this.#write({ ...record, keyFile: keyFile.value }) : keyFile;
  }

  /** Codes: `signer-none`, `signer-storage`. */
  async setPasskey(passkey: PasskeyRecord | undefined): Promise<Result<void>> {
    if (this.#record === undefined) return none();
    const { passkey: _old, ...rest } = this.#record;
    return this.#write(passkey === undefined ? rest : { ...rest, passkey });
  }

  /** Removes the wallet from this browser; its words are the only way back. Codes: `signer-storage`. */
  async forget(): Promise<Result<void>> {
    const removed = await this.#options.store.remove();
    if (!removed.ok) return removed;
    this.lock();
    this.#record = undefined;
    return removed;
  }

  get #kdf(): KdfParameters {
    return this.#options.kdf ?? DEFAULT_KDF;
  }

  #unlocked(): Result<Uint8Array> {
    if (this.#record === undefined) return none();
    if (this.isIdle) this.lock();
    return this.#seed === undefined
      ? fail('signer-locked', 'The wallet is locked: unlock it with its password or passkey.')
      : ok(this.#seed);
  }

  async #write(record: VaultRecord): Promise<Result<void>> {
    const written = await this.#options.store.write(record);
    if (written.ok) this.#record = record;
    return written;
  }
}

function keyOf(seed: Uint8Array, account: number): KeyPair {
  const keys = deriveKeyPair(seed, { account, role: 'spending', index: 0 });
  if (!keys.ok) throw new Error(keys.error.message);
  return keys.value;
}

/** Names by the rule of key files, with words that stand in for the real ones. */
function checkNames(accounts: readonly VaultAccount[]): Result<unknown> {
  const names = accounts.map(({ name, account }) => ({ name, account }));
  return checkWalletContents({ mnemonic: ANY_WORDS, accounts: names });
}

const ANY_WORDS = `${'abandon '.repeat(11)}about`;

function none(): Result<never> {
  return fail('signer-none', 'There is no wallet in this browser yet: create one, or import its words.');
}
