import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSigner } from '../keys/signer.js';
import { iotw, iotwJson } from '../test-io.js';

const WORDS = `${'abandon '.repeat(11)}about`;
let dir: string;
let password: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-wallet-'));
  password = join(dir, 'password.txt');
  writeFileSync(password, 'correct horse battery\nsecond line\n', { mode: 0o600 });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const at = (name: string) => ['--dir', join(dir, name)];
const create = (name: string, ...more: string[]) =>
  iotwJson(['wallet', 'create', '--name', name, '--password-file', password, ...more]);

describe('create', () => {
  it('seals a wallet that only its owner can read, and shows words only on request', async () => {
    const made = await create('savings', ...at('a'), '--accounts', 'main,shop');
    expect(made.code).toBe(0);
    expect(made.value).toMatchObject({
      name: 'savings',
      accounts: [
        { name: 'main', account: 0 },
        { name: 'shop', account: 1 },
      ],
    });
    expect(made.value.mnemonic).toBeUndefined();
    const file = String(made.value.file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'a')).mode & 0o777).toBe(0o700);
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ format: 'iotw-keystore', kdf: { name: 'argon2id' } });
    expect(text).not.toContain('main');
  });

  it('never writes over a wallet', async () => {
    const before = readFileSync(join(dir, 'a', 'savings.json'), 'utf8');
    const again = await create('savings', ...at('a'));
    expect(again).toMatchObject({ code: 1, value: { error: { code: 'wallet-exists' } } });
    expect(readFileSync(join(dir, 'a', 'savings.json'), 'utf8')).toBe(before);
  });

  const refused: [name: string, words: string[], code: string][] = [
    ['a name with a path', ['--name', '../x', '--password-file', 'PW'], 'wallet-name'],
    ['no terminal and no file', ['--name', 'x'], 'secret-missing'],
    ['a password file that is not there', ['--name', 'x', '--password-file', 'NONE'], 'secret-unreadable'],
    ['a short password', ['--name', 'x', '--password-file', 'SHORT'], 'keystore-password-length'],
    [
      'two accounts of one name',
      ['--name', 'x', '--password-file', 'PW', '--accounts', 'a,a'],
      'wallet-contents',
    ],
  ];
  for (const [name, words, code] of refused) {
    it(`refuses ${name}`, async () => {
      writeFileSync(join(dir, 'short.txt'), 'short\n', { mode: 0o600 });
      const files: Record<string, string> = {
        PW: password,
        NONE: join(dir, 'none'),
        SHORT: join(dir, 'short.txt'),
      };
      const ran = await iotwJson([
        'wallet',
        'create',
        ...words.map((word) => files[word] ?? word),
        ...at('refused'),
      ]);
      expect(ran).toMatchObject({ code: 1, value: { error: { code } } });
      expect(existsSync(join(dir, 'refused')) ? readdirSync(join(dir, 'refused')) : []).toEqual([]);
    });
  }
});

describe('import', () => {
  it('gives the same keys as every other BIP-39 wallet of the path', async () => {
    const words = join(dir, 'words.txt');
    writeFileSync(words, `${WORDS.replace(' about', '\n  ABOUT')}\n`, { mode: 0o600 });
    const made = await iotwJson([
      'wallet',
      'import',
      '--name',
      'old',
      '--words-file',
      words,
      '--password-file',
      password,
      ...at('b'),
    ]);
    expect(made.code).toBe(0);
    // Key 437541f4...1b56, computed from the words with Python's hmac and OpenSSL.
    const address = 'tiotw1qpph2s0562d095h3c249dz43dpptq6ccyr7x23y5g6x5tj7ltcd4vfrz8sm';
    expect(made.value).toMatchObject({ accounts: [{ address }] });
    const shown = await create('copy', ...at('c'), '--show-words');
    expect(String(shown.value.mnemonic).split(' ')).toHaveLength(24);
    const list = await iotwJson(['wallet', 'list', ...at('b')]);
    expect(list.value).toMatchObject({
      wallets: [{ name: 'old', accounts: [{ address }] }],
    });
    const main = await iotwJson(['wallet', 'list', ...at('b'), '--mainnet']);
    expect(JSON.stringify(main.value)).toContain('"iotw1');
  });

  it('refuses words that are none, without repeating them', async () => {
    const words = join(dir, 'bad.txt');
    writeFileSync(words, `${'abandon '.repeat(11)}secretword`, { mode: 0o600 });
    const ran = await iotw([
      'wallet',
      'import',
      '--name',
      'bad',
      '--words-file',
      words,
      '--password-file',
      password,
      ...at('b'),
    ]);
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/^mnemonic-word: .*word number 12/);
    expect(ran.err).not.toContain('secretword');
  });
});

describe('list', () => {
  it('of an absent directory is empty', async () => {
    expect(await iotw(['wallet', 'list', ...at('none')])).toMatchObject({
      code: 0,
      out: expect.stringContaining('There is no wallet'),
    });
  });

  it('shows a wallet without its public file, and says why it has no addresses', async () => {
    await create('bare', ...at('d'));
    rmSync(join(dir, 'd', 'bare.public.json'));
    const ran = await iotw(['wallet', 'list', ...at('d')]);
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('its .public.json is gone');
  });
});

describe('signing', () => {
  const io = { err: () => {}, inIsTerminal: false, errIsTerminal: false } as never;
  const walletDir = () => join(dir, 'a');

  it('opens the only wallet, by account name', async () => {
    const listed = await iotwJson(['wallet', 'list', ...at('a')]);
    const keys = await openSigner(io, { walletDir: walletDir(), passwordFile: password, account: 'shop' });
    const other = await openSigner(io, { walletDir: walletDir(), passwordFile: password });
    expect(keys.ok && other.ok && keys.value.publicKey.join() !== other.value.publicKey.join()).toBe(true);
    const { encodeAddress } = await import('@iotw/protocol/address');
    const shop = (listed.value.wallets as unknown as { accounts: { address: string }[] }[])[0]!.accounts[1]!;
    expect(keys.ok && encodeAddress('tiotw', 0, keys.value.publicKey)).toBe(shop.address);
  });

  it('takes a bare key file', async () => {
    const file = join(dir, 'device.key');
    writeFileSync(file, `${'07'.repeat(32)}\n`);
    const keys = await openSigner(io, { signerKeyFile: file });
    expect(keys).toEqual({ ok: true, value: keyPairFromSeed(new Uint8Array(32).fill(7)) });
  });

  const refused: [name: string, options: object, code: string][] = [
    ['a wrong password', { passwordFile: 'WRONG' }, 'keystore-password'],
    ['an unknown wallet', { wallet: 'nobody', passwordFile: 'PW' }, 'wallet-unknown'],
    ['an unknown account', { account: 'nobody', passwordFile: 'PW' }, 'wallet-account'],
    ['no wallet at all', { walletDir: 'NOWHERE', passwordFile: 'PW' }, 'wallet-unknown'],
    ['a key file of other content', { signerKeyFile: 'PW' }, 'key-file'],
    ['a key file that is not there', { signerKeyFile: 'NOWHERE' }, 'key-file'],
  ];
  for (const [name, options, code] of refused) {
    it(`refuses ${name}`, async () => {
      writeFileSync(join(dir, 'wrong.txt'), 'wrong horse battery', { mode: 0o600 });
      const files: Record<string, string> = {
        PW: password,
        WRONG: join(dir, 'wrong.txt'),
        NOWHERE: join(dir, 'nowhere'),
      };
      const given = Object.fromEntries(Object.entries(options).map(([k, v]) => [k, files[v as string] ?? v]));
      const opened = await openSigner(io, { walletDir: walletDir(), ...given });
      expect(opened).toMatchObject({ ok: false, error: { code } });
    });
  }

  it('notes a password file that others may read', async () => {
    const open = join(dir, 'open.txt');
    writeFileSync(open, 'correct horse battery\n');
    chmodSync(open, 0o644);
    const ran = await iotw(['wallet', 'create', '--name', 'noted', '--password-file', open, ...at('e')]);
    expect(ran.code).toBe(0);
    expect(ran.err).toContain(`chmod 600 ${open}`);
  });
});
