import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';

/**
 * Key files are `<name>.json` (sdk/wallet/keystore), readable by their owner only. Beside each stands
 * `<name>.public.json` with the accounts' names and public keys, so that a list needs no password; nothing is
 * ever signed or paid by it.
 */
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const KEYSTORE = /^([a-z0-9][a-z0-9-]{0,31})\.json$/;

/** An account as the public file tells it. */
export interface PublicAccount {
  readonly name: string;
  readonly account: number;
  readonly key: Uint8Array;
}

export interface ListedWallet {
  readonly name: string;
  readonly file: string;
  /** Empty where the public file is gone. */
  readonly accounts: readonly PublicAccount[];
}

/** `--dir`, else `~/.iotw/wallets`. */
export function walletDirectory(dir: string | undefined): string {
  return dir ?? join(homedir(), '.iotw', 'wallets');
}

/** Codes: `wallet-name`. */
export function checkWalletName(name: string): Result<string> {
  if (NAME.test(name)) return ok(name);
  return fail(
    'wallet-name',
    'A wallet has a name of 1 to 32 lower-case letters, digits and hyphens, such as savings.',
  );
}

/**
 * Writes a new wallet's two files; never over one that is there. Codes: `wallet-exists`, `wallet-unwritable`.
 */
export async function writeWallet(
  directory: string,
  name: string,
  keystore: string,
  accounts: readonly PublicAccount[],
): Promise<Result<string>> {
  const file = join(directory, `${name}.json`);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeNew(file, keystore);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      return fail('wallet-exists', `${file} is there already: choose another name. Nothing was changed.`, {
        file,
      });
    }
    return fail(
      'wallet-unwritable',
      `${file} can't be written (${code ?? String(error)}): check disk and rights.`,
      {
        file,
      },
    );
  }
  const listed = accounts.map(({ name: account, account: number, key }) => ({
    name: account,
    account: number,
    key: toHex(key),
  }));
  const publicFile = join(directory, `${name}.public.json`);
  try {
    await rm(publicFile, { force: true });
    await writeNew(publicFile, `${JSON.stringify({ accounts: listed })}\n`);
  } catch {
    // The wallet is whole without it; the list shows it without addresses.
  }
  return ok(file);
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Every wallet of a directory by name; an absent directory has none. Code: `wallet-unreadable`. */
export async function listWallets(directory: string): Promise<Result<readonly ListedWallet[]>> {
  let entries: string[];
  try {
    entries = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok([]);
    return unreadable(directory, error);
  }
  const wallets: ListedWallet[] = [];
  for (const entry of entries.sort()) {
    const name = KEYSTORE.exec(entry)?.[1];
    if (name === undefined) continue;
    const accounts = await readPublic(join(directory, `${name}.public.json`));
    wallets.push({ name, file: join(directory, entry), accounts });
  }
  return ok(wallets);
}

/** The key file's text. `name` undefined: the only wallet. Codes: `wallet-unknown`, `wallet-unreadable`, `wallet-name`. */
export async function readWallet(
  directory: string,
  name: string | undefined,
): Promise<Result<{ readonly name: string; readonly text: string }>> {
  const wallets = await listWallets(directory);
  if (!wallets.ok) return wallets;
  const names = wallets.value.map((wallet) => wallet.name);
  if (name === undefined && names.length !== 1) {
    const which =
      names.length === 0 ? 'make one with iotw wallet create' : `say which by --wallet: ${names.join(', ')}`;
    return fail('wallet-unknown', `There are ${names.length} wallets in ${directory}: ${which}.`, { names });
  }
  const chosen = checkWalletName(name ?? names[0]!);
  if (!chosen.ok) return chosen;
  if (!names.includes(chosen.value)) {
    const known = names.length === 0 ? 'no wallet' : names.join(', ');
    return fail('wallet-unknown', `There is no wallet ${chosen.value} in ${directory}, only ${known}.`, {
      names,
    });
  }
  const file = join(directory, `${chosen.value}.json`);
  try {
    return ok({ name: chosen.value, text: await readFile(file, 'utf8') });
  } catch (error) {
    return unreadable(file, error);
  }
}

async function readPublic(path: string): Promise<PublicAccount[]> {
  try {
    const { accounts } = JSON.parse(await readFile(path, 'utf8')) as { accounts: Record<string, unknown>[] };
    return accounts.flatMap(({ name, account, key }) => {
      const bytes = typeof key === 'string' ? fromHex(key, 32) : undefined;
      if (typeof name !== 'string' || typeof account !== 'number' || bytes === undefined) return [];
      return [{ name, account, key: bytes }];
    });
  } catch {
    return [];
  }
}

function unreadable(path: string, error: unknown): Result<never> {
  const cause = (error as NodeJS.ErrnoException).code ?? String(error);
  return fail('wallet-unreadable', `${path} can't be read (${cause}): check the path and its rights.`, {
    path,
  });
}
