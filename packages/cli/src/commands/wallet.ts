import { readFile } from 'node:fs/promises';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type AddressPrefix, encodeAddress } from '@iotw/protocol/address';
import { readSecret } from '../keys/secret-input.js';
import { spendingKeys } from '../keys/signer.js';
import {
  checkWalletName,
  listWallets,
  type PublicAccount,
  walletDirectory,
  writeWallet,
} from '../keys/wallet-directory.js';
import { type Answer, printProblem } from '../output/print.js';
import { formatTable } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, type OptionSpec, oneOf } from './command.js';

interface WalletOptions {
  readonly dir?: string;
  readonly mainnet?: boolean;
}

interface NewWalletOptions extends WalletOptions {
  readonly name: string;
  readonly passwordFile?: string;
  readonly accounts?: readonly string[];
}

interface CreateOptions extends NewWalletOptions {
  readonly words?: '12' | '24';
  readonly showWords?: boolean;
}

interface ImportOptions extends NewWalletOptions {
  readonly wordsFile?: string;
}

const DIRECTORY: readonly OptionSpec[] = [
  { flags: '--dir <dir>', summary: 'where wallets are (default: ~/.iotw/wallets)' },
  {
    flags: '--mainnet',
    summary: 'show main-network addresses (iotw1...) instead of test addresses (tiotw1...)',
  },
];

const NEW_WALLET: readonly OptionSpec[] = [
  { flags: '--name <name>', summary: 'name of the wallet', required: true },
  { flags: '--password-file <file>', summary: "file with the new wallet's password (default: ask)" },
  { flags: '--accounts <names>', summary: 'account names, comma-separated (default: main)', parse: names },
  ...DIRECTORY,
];

function names(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

/** `iotw wallet`: key files under a password (argon2id, AES-256-GCM). */
export const addCommands: AddCommands = (noun, run) => {
  addVerb<CreateOptions>(noun, run, {
    usage: 'create',
    summary: 'make a wallet with new keys',
    examples: [
      'iotw wallet create --name savings',
      'iotw wallet create --name ci --password-file password.txt --json',
    ],
    options: [
      ...NEW_WALLET,
      {
        flags: '--words <count>',
        summary: 'length of the mnemonic: 12 or 24 (default)',
        parse: oneOf('12', '24'),
      },
      { flags: '--show-words', summary: 'print the mnemonic even where stdout is no terminal' },
    ],
    notes: [
      'The mnemonic is printed once. Write it on paper: it restores every key, and whoever reads it has them.',
    ],
    run: create,
  });
  addVerb<ImportOptions>(noun, run, {
    usage: 'import',
    summary: 'make a wallet from a mnemonic (BIP-39)',
    examples: ['iotw wallet import --name old', 'iotw wallet import --name old --words-file words.txt'],
    options: [
      ...NEW_WALLET,
      { flags: '--words-file <file>', summary: 'file with the mnemonic (default: ask)' },
    ],
    run: importWallet,
  });
  addVerb<WalletOptions>(noun, run, {
    usage: 'list',
    summary: 'wallets and their addresses',
    examples: ['iotw wallet list', 'iotw wallet list --json'],
    options: DIRECTORY,
    run: list,
  });
};

async function create(context: CommandContext, options: CreateOptions): Promise<Result<Answer>> {
  const { createMnemonic } = await import('@iotw/sdk/wallet/mnemonic');
  const mnemonic = createMnemonic(options.words === '12' ? 12 : 24);
  const made = await make(context, options, mnemonic);
  if (!made.ok) return made;
  const show = options.showWords === true || (context.io.outIsTerminal && !context.json);
  const { json, text } = made.value;
  return ok({
    json: show ? { ...(json as object), mnemonic } : json,
    text: () => [
      ...text(),
      ...(show
        ? [
            '',
            'Write these words on paper, in this order; nobody can show them again:',
            '',
            ...numbered(mnemonic),
          ]
        : []),
    ],
  });
}

async function importWallet(context: CommandContext, options: ImportOptions): Promise<Result<Answer>> {
  const typed =
    options.wordsFile === undefined
      ? await readSecret(context.io, { prompt: 'Mnemonic', option: '--words-file', file: undefined })
      : await readWords(options.wordsFile);
  if (!typed.ok) return typed;
  const { parseMnemonic } = await import('@iotw/sdk/wallet/mnemonic');
  const mnemonic = parseMnemonic(typed.value);
  return mnemonic.ok ? make(context, options, mnemonic.value) : mnemonic;
}

/** Words may stand on several lines. */
async function readWords(path: string): Promise<Result<string>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail('secret-unreadable', `${path} can't be read (${cause}): check the path and its rights.`, {
      path,
    });
  }
}

async function make(
  context: CommandContext,
  options: NewWalletOptions,
  mnemonic: string,
): Promise<Result<Answer>> {
  const name = checkWalletName(options.name);
  if (!name.ok) return name;
  const directory = walletDirectory(options.dir);
  const others = await listWallets(directory);
  if (!others.ok) return others;
  const taken = others.value.find((wallet) => wallet.name === name.value);
  if (taken !== undefined) {
    return fail('wallet-exists', `${taken.file} is there already: choose another name. Nothing was changed.`);
  }
  const password = await readSecret(context.io, {
    prompt: `New password of wallet ${name.value}`,
    option: '--password-file',
    file: options.passwordFile,
    twice: true,
  });
  if (!password.ok) return password;
  const accounts = (options.accounts ?? ['main']).map((account, number) => ({
    name: account,
    account: number,
  }));
  const { sealKeystore } = await import('@iotw/sdk/wallet/keystore');
  const sealed = await sealKeystore({ mnemonic, accounts }, password.value);
  if (!sealed.ok) return sealed;
  const listed: PublicAccount[] = [];
  for (const account of accounts) {
    const keys = await spendingKeys(mnemonic, account.account);
    if (!keys.ok) return keys;
    listed.push({ ...account, key: keys.value.publicKey });
  }
  const file = await writeWallet(directory, name.value, sealed.value, listed);
  if (!file.ok) return file;
  const shown = listed.map((account) => shownAccount(account, prefixOf(options)));
  return ok({
    json: { name: name.value, file: file.value, accounts: shown },
    text: () => [`Wallet ${name.value} is in ${file.value}`, ...accountTable(name.value, shown)],
  });
}

async function list(context: CommandContext, options: WalletOptions): Promise<Result<Answer>> {
  const directory = walletDirectory(options.dir);
  const wallets = await listWallets(directory);
  if (!wallets.ok) return wallets;
  const shown = wallets.value.map(({ name, file, accounts }) => ({
    name,
    file,
    accounts: accounts.map((account) => shownAccount(account, prefixOf(options))),
  }));
  const bare = shown.filter(({ accounts }) => accounts.length === 0);
  for (const { name } of bare) {
    printProblem(context.io, false, {
      code: 'wallet-list',
      message: `The addresses of ${name} can't be listed without its password: its .public.json is gone.`,
    });
  }
  return ok({
    json: { directory, wallets: shown },
    text: () =>
      shown.length === 0
        ? [`There is no wallet in ${directory}: make one with iotw wallet create --name main`]
        : formatTable(
            [{ name: 'wallet' }, { name: 'account' }, { name: 'address' }],
            shown.flatMap(({ name, accounts }) => accounts.map((a) => [name, a.name, a.address])),
          ),
  });
}

interface ShownAccount {
  readonly name: string;
  readonly account: number;
  readonly address: string;
}

function shownAccount({ name, account, key }: PublicAccount, prefix: AddressPrefix): ShownAccount {
  return { name, account, address: encodeAddress(prefix, 0, key) };
}

function accountTable(wallet: string, accounts: readonly ShownAccount[]): string[] {
  return formatTable(
    [{ name: 'wallet' }, { name: 'account' }, { name: 'address' }],
    accounts.map((account) => [wallet, account.name, account.address]),
  );
}

function prefixOf(options: WalletOptions): AddressPrefix {
  return options.mainnet === true ? 'iotw' : 'tiotw';
}

/** Four words a line, each with its number. */
function numbered(mnemonic: string): string[] {
  const words = mnemonic.split(' ').map((word, i) => `${String(i + 1).padStart(4)} ${word.padEnd(9)}`);
  return Array.from({ length: Math.ceil(words.length / 4) }, (_, line) =>
    words
      .slice(4 * line, 4 * line + 4)
      .join('')
      .trimEnd(),
  );
}
