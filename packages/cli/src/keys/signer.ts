import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { OptionSpec } from '../commands/command.js';
import type { Io } from '../output/print.js';
import { readSecret } from './secret-input.js';
import { readSeedFile } from './seed-file.js';
import { readWallet, walletDirectory } from './wallet-directory.js';

/** Options by which a command knows who signs. */
export interface SignerOptions {
  readonly wallet?: string;
  readonly account?: string;
  readonly walletDir?: string;
  readonly passwordFile?: string;
  readonly signerKeyFile?: string;
}

export const SIGNER_OPTIONS: readonly OptionSpec[] = [
  { flags: '--wallet <name>', summary: 'wallet that signs (default: the only one)' },
  { flags: '--account <name>', summary: 'account of the wallet (default: its first)' },
  { flags: '--wallet-dir <dir>', summary: 'where wallets are (default: ~/.iotw/wallets)' },
  { flags: '--password-file <file>', summary: "file with the wallet's password (default: ask)" },
  { flags: '--signer-key-file <file>', summary: 'a bare key file (64 hex characters) instead of a wallet' },
];

/**
 * The spending key that the options name. Codes: `key-file`, `wallet-unknown`, `wallet-account`, those of secrets
 * and of key files (`keystore-password`, ...).
 */
export async function openSigner(io: Io, options: SignerOptions): Promise<Result<KeyPair>> {
  if (options.signerKeyFile !== undefined) return readSeedFile(options.signerKeyFile);
  const wallet = await readWallet(walletDirectory(options.walletDir), options.wallet);
  if (!wallet.ok) return wallet;
  const password = await readSecret(io, {
    prompt: `Password of wallet ${wallet.value.name}`,
    option: '--password-file',
    file: options.passwordFile,
  });
  if (!password.ok) return password;
  const { openKeystore } = await import('@iotw/sdk/wallet/keystore');
  const contents = await openKeystore(wallet.value.text, password.value);
  if (!contents.ok) return contents;
  const { accounts, mnemonic } = contents.value;
  const account =
    options.account === undefined ? accounts[0] : accounts.find((a) => a.name === options.account);
  if (account === undefined) {
    const names = accounts.map((a) => a.name).join(', ');
    return fail('wallet-account', `Wallet ${wallet.value.name} has no such account, only ${names}.`);
  }
  return spendingKeys(mnemonic, account.account);
}

/** The spending key pair of an account number. Codes: those of mnemonics, `derive-position`. */
export async function spendingKeys(mnemonic: string, account: number): Promise<Result<KeyPair>> {
  const { seedFromMnemonic } = await import('@iotw/sdk/wallet/mnemonic');
  const { deriveKeyPair } = await import('@iotw/sdk/wallet/derive');
  const seed = await seedFromMnemonic(mnemonic);
  return seed.ok ? deriveKeyPair(seed.value, { account, role: 'spending', index: 0 }) : seed;
}

/** The 32-byte seed of the devnet in `dir`, which all its keys come from. Code: `devnet-damaged`. */
export async function readDevnetSeed(dir: string): Promise<Result<Uint8Array>> {
  const path = join(dir, 'devnet.json');
  try {
    const { seed } = JSON.parse(await readFile(path, 'utf8')) as { seed?: unknown };
    const bytes = typeof seed === 'string' ? fromHex(seed, 32) : undefined;
    if (bytes !== undefined) return ok(bytes);
  } catch {
    // The same mend: the path is not a devnet's.
  }
  return fail('devnet-damaged', `${path} can't be read: give the directory that iotw devnet --dir uses.`, {
    path,
  });
}
