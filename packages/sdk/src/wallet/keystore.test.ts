import { createDecipheriv } from 'node:crypto';
import type { Result } from '@iotw/kernel/result';
import fc from 'fast-check';
import { argon2id } from 'hash-wasm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { checkWalletContents, MAX_WALLET_ACCOUNTS, type WalletContents } from './contents.js';
import { openKeystore, sealKeystore } from './keystore.js';
import { DEFAULT_KDF, KDF_BOUNDS, type KdfParameters } from './keystore-file.js';

// The published BIP-39 test mnemonic; nobody's wallet.
const MNEMONIC = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const CONTENTS: WalletContents = {
  mnemonic: MNEMONIC,
  accounts: [
    { name: 'kitchen', account: 0 },
    { name: 'Küche 厨房', account: 7 },
  ],
};
const PASSWORD = 'correct horse battery';
const CHEAP: KdfParameters = { memoryKiB: KDF_BOUNDS.memoryKiB.min, iterations: 1, parallelism: 1 };

// Written by an earlier build: files in the field must open for ever.
const FIXED =
  '{"format":"iotw-keystore","version":1,"kdf":{"name":"argon2id","memoryKiB":8192,"iterations":1,"parallelism":1,"salt":"410ac9654885cc266eb2caed1e31cc75","check":"f85c984a94cffa3f52293c9837a6497e"},"cipher":{"name":"aes-256-gcm","nonce":"af07053002ffd3352f50ee56"},' +
  '"sealed":"' +
  'd6f7eb85dda591dca440df813561e44043a73e63e14bbc4239a2cf679f5642ac1ec1d00f62b6f75ad7147b171552bdb1' +
  '81f979a28537de5d5472562c3b6e00a474f68c8c6ccbc0afaa0ad87e61157a353204ba6bc53e3e29a8188891e7864962' +
  'a7d99b1bd4c7f06ea2cca12623f2705399f9e461771b9087673dc3bfce9791b1f9ded9c1ec260c7bcce0483b80a3218f' +
  '64348e640cd5fa3ebf9b9dd1af7ea45c585ee3b57142343b5463910eb3ec90143eb3784490d292eec55a83' +
  '"}';

interface FileJson {
  [name: string]: unknown;
  kdf: Record<string, unknown>;
  cipher: Record<string, unknown>;
  sealed: string;
}

let sealed: string;
beforeAll(async () => {
  sealed = expectOk(await sealKeystore(CONTENTS, PASSWORD, CHEAP));
});

function expectOk<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

/** The failure's code, after checking that nothing secret is in it. */
function codeOf(result: Result<unknown>): string {
  if (result.ok) return 'ok';
  expect(JSON.stringify(result.error)).not.toMatch(/legal|winner|sausage|yellow|horse|battery|kitchen/);
  return result.error.code;
}

/** The sealed file with the member at `path` ("kdf.salt") changed; `undefined` removes it. */
function altered(path: string, change: (old: unknown) => unknown): string {
  const file = JSON.parse(sealed) as FileJson;
  const names = path.split('.');
  const last = names.pop()!;
  const parent = names.reduce(
    (at, name) => at[name] as Record<string, unknown>,
    file as Record<string, unknown>,
  );
  parent[last] = change(parent[last]);
  return JSON.stringify(file);
}

function flip(at: number): (hex: unknown) => string {
  return (hex) => {
    const digits = [...String(hex)];
    const position = (at + digits.length) % digits.length;
    digits[position] = digits[position] === '0' ? '1' : '0';
    return digits.join('');
  };
}

describe('key files', () => {
  it('gives back what was sealed, and only under the password', async () => {
    expect(await openKeystore(sealed, PASSWORD)).toEqual({ ok: true, value: CONTENTS });
    expect(codeOf(await openKeystore(sealed, `${PASSWORD} `))).toBe('keystore-password');
    expect(codeOf(await openKeystore(sealed, 'Correct horse battery'))).toBe('keystore-password');
    expect(codeOf(await openKeystore(sealed, ''))).toBe('keystore-password');
  });

  it('opens a file of version 1 written earlier', async () => {
    expect(await openKeystore(FIXED, PASSWORD)).toEqual({ ok: true, value: CONTENTS });
  });

  it('shows nothing of the contents and differs at every sealing', async () => {
    const again = expectOk(await sealKeystore(CONTENTS, PASSWORD, CHEAP));
    expect(sealed).not.toMatch(/legal|winner|kitchen|horse/);
    const [a, b] = [JSON.parse(sealed) as FileJson, JSON.parse(again) as FileJson];
    expect(a.kdf.salt).not.toBe(b.kdf.salt);
    expect(a.cipher.nonce).not.toBe(b.cipher.nonce);
    expect(a.sealed.slice(0, 64)).not.toBe(b.sealed.slice(0, 64));
  });

  it('takes a password in any Unicode form', async () => {
    const text = expectOk(await sealKeystore(CONTENTS, 'caf\u00e9 caf\u00e9', CHEAP));
    expect(codeOf(await openKeystore(text, 'cafe\u0301 cafe\u0301'))).toBe('ok');
    // A full-width letter of an East Asian keyboard counts as the plain one (NFKD, as in BIP-39).
    expect(codeOf(await openKeystore(text, '\uff43afe\u0301 caf\u00e9'))).toBe('ok');
  });

  it('does not mind white space and order of members', async () => {
    const { sealed: body, ...rest } = JSON.parse(sealed) as FileJson;
    expect(codeOf(await openKeystore(JSON.stringify({ sealed: body, ...rest }, null, 7), PASSWORD))).toBe(
      'ok',
    );
  });

  it.each<[string, string, string, (old: unknown) => unknown]>([
    ['keystore-damaged', 'sealed', 'first byte', flip(0)],
    ['keystore-damaged', 'sealed', 'last byte of the tag', flip(-1)],
    ['keystore-damaged', 'sealed', 'cut', (old) => String(old).slice(0, -2)],
    ['keystore-damaged', 'cipher.nonce', 'a bit', flip(3)],
    ['keystore-password', 'kdf.salt', 'a bit', flip(3)],
    ['keystore-password', 'kdf.check', 'a bit', flip(3)],
    ['keystore-password', 'kdf.iterations', 'within bounds', () => 2],
    ['keystore-version', 'version', 'next', () => 2],
    ['keystore-version', 'version', 'as text', () => '1'],
    ['keystore-format', 'format', 'another', () => 'web3'],
    ['keystore-format', 'hint', 'unknown member', () => 'horse'],
    ['keystore-format', 'kdf.secret', 'unknown member', () => 1],
    ['keystore-format', 'cipher', 'missing', () => undefined],
    ['keystore-format', 'cipher.nonce', 'missing', () => undefined],
    ['keystore-format', 'kdf', 'a list', () => []],
    ['keystore-format', 'kdf.name', 'another', () => 'pbkdf2'],
    ['keystore-format', 'cipher.name', 'another', () => 'none'],
    ['keystore-format', 'kdf.salt', 'short', () => '00'],
    ['keystore-format', 'kdf.check', 'short', () => ''],
    ['keystore-format', 'cipher.nonce', 'short', () => '00'],
    ['keystore-format', 'sealed', 'upper case', (old) => String(old).toUpperCase()],
    ['keystore-format', 'sealed', 'a tag alone', () => '00'.repeat(16)],
    ['keystore-parameters', 'kdf.memoryKiB', '100 GB', () => 100_000_000],
    ['keystore-parameters', 'kdf.memoryKiB', 'just too much', () => 262_145],
    ['keystore-parameters', 'kdf.memoryKiB', 'too little', () => 8_191],
    ['keystore-parameters', 'kdf.memoryKiB', 'as text', () => '8192'],
    ['keystore-parameters', 'kdf.iterations', 'endless', () => 2 ** 32 - 1],
    ['keystore-parameters', 'kdf.iterations', 'none', () => 0],
    ['keystore-parameters', 'kdf.iterations', 'a fraction', () => 1.5],
    ['keystore-parameters', 'kdf.parallelism', 'many lanes', () => 5],
  ])('%s: %s altered: %s', async (code, path, _what, change) => {
    expect(codeOf(await openKeystore(altered(path, change), PASSWORD))).toBe(code);
  });

  it.each([
    ['', 'nothing'],
    ['null', 'null'],
    ['[]', 'a list'],
    ['{', 'broken JSON'],
    [MNEMONIC, 'a bare mnemonic'],
    ['['.repeat(2_000_000), 'megabytes of brackets'],
  ])('keystore-format: %.20s', async (text) => {
    expect(codeOf(await openKeystore(text, PASSWORD))).toBe('keystore-format');
  });

  it('is sealed as the format says: another implementation opens it', async () => {
    const { sealed: body, ...header } = JSON.parse(sealed) as FileJson;
    const stretched = await argon2id({
      password: PASSWORD,
      salt: Buffer.from(String(header.kdf.salt), 'hex'),
      memorySize: CHEAP.memoryKiB,
      iterations: CHEAP.iterations,
      parallelism: CHEAP.parallelism,
      hashLength: 48,
      outputType: 'binary',
    });
    const bytes = Buffer.from(body, 'hex');
    const gcm = createDecipheriv(
      'aes-256-gcm',
      stretched.subarray(0, 32),
      Buffer.from(String(header.cipher.nonce), 'hex'),
    );
    gcm.setAAD(Buffer.from(JSON.stringify(header)));
    gcm.setAuthTag(bytes.subarray(-16));
    const plain = Buffer.concat([gcm.update(bytes.subarray(0, -16)), gcm.final()]);
    expect(JSON.parse(plain.toString('utf8'))).toEqual(CONTENTS);
    expect(Buffer.from(stretched.subarray(32)).toString('hex')).toBe(header.kdf.check);
  });

  it('never throws on an altered file', async () => {
    const edits = fc.tuple(fc.nat(sealed.length - 1), fc.string({ unit: 'binary-ascii', maxLength: 2 }));
    await fc.assert(
      fc.asyncProperty(edits, async ([at, insert]) => {
        const text = sealed.slice(0, at) + insert + sealed.slice(at + 1);
        // A cost raised within its bounds is legal and slow; the table above has those.
        fc.pre(text.includes('"memoryKiB": 8192,\n    "iterations": 1,\n    "parallelism": 1,'));
        const result = await openKeystore(text, PASSWORD);
        if (codeOf(result) === 'ok') expect(result).toEqual({ ok: true, value: CONTENTS });
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['keystore-password-length', 'seven77', CHEAP],
    ['keystore-password-length', 'x'.repeat(1025), CHEAP],
    ['keystore-password-length', '\ud83d'.repeat(9), CHEAP],
    ['keystore-parameters', PASSWORD, { ...CHEAP, memoryKiB: 1024 }],
    ['keystore-parameters', PASSWORD, { ...CHEAP, iterations: 17 }],
    ['ok', '厨房厨房厨房厨房', CHEAP],
  ] as const)('sealing %s', async (code, password, cost) => {
    expect(codeOf(await sealKeystore(CONTENTS, password, cost))).toBe(code);
  });

  it('has a default cost within its own bounds', async () => {
    const text = expectOk(await sealKeystore(CONTENTS, PASSWORD));
    expect((JSON.parse(text) as FileJson).kdf).toMatchObject({ ...DEFAULT_KDF });
    expect(codeOf(await openKeystore(text, PASSWORD))).toBe('ok');
  });

  it('says so where the page has no WebCrypto', async () => {
    vi.stubGlobal('crypto', { getRandomValues: () => undefined });
    try {
      expect(codeOf(await sealKeystore(CONTENTS, PASSWORD, CHEAP))).toBe('keystore-no-webcrypto');
      expect(codeOf(await openKeystore(sealed, PASSWORD))).toBe('keystore-no-webcrypto');
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('wallet contents', () => {
  const account = { name: 'kitchen', account: 0 };
  it.each<[string, unknown]>([
    ['contents', null],
    ['contents', [CONTENTS]],
    ['contents', { ...CONTENTS, passphrase: 'horse' }],
    ['mnemonic', { ...CONTENTS, mnemonic: 5 }],
    ['accounts', { ...CONTENTS, accounts: 'kitchen' }],
    ['accounts', { ...CONTENTS, accounts: Array(MAX_WALLET_ACCOUNTS + 1).fill(account) }],
    ['accounts[0]', { ...CONTENTS, accounts: ['kitchen'] }],
    ['accounts[0]', { ...CONTENTS, accounts: [{ ...account, index: 1 }] }],
    ['accounts[0].name', { ...CONTENTS, accounts: [{ ...account, name: '' }] }],
    ['accounts[0].name', { ...CONTENTS, accounts: [{ ...account, name: 'x'.repeat(65) }] }],
    ['accounts[0].name', { ...CONTENTS, accounts: [{ ...account, name: 'a\u001b[2J' }] }],
    ['accounts[0].name', { ...CONTENTS, accounts: [{ ...account, name: 'a\ud800' }] }],
    ['accounts[0].name', { ...CONTENTS, accounts: [{ ...account, name: ' kitchen' }] }],
    ['accounts[0].account', { ...CONTENTS, accounts: [{ ...account, account: -1 }] }],
    ['accounts[0].account', { ...CONTENTS, accounts: [{ ...account, account: 2 ** 31 }] }],
    ['accounts[1].name', { ...CONTENTS, accounts: [account, { ...account, account: 1 }] }],
    ['accounts[1].account', { ...CONTENTS, accounts: [account, { ...account, name: 'b' }] }],
  ])('refuses a wrong %s', (place, value) => {
    const result = checkWalletContents(value);
    expect(codeOf(result)).toBe('wallet-contents');
    expect(!result.ok && result.error.data).toEqual({ place });
  });

  it('refuses an invalid mnemonic and stores a valid one in its one form', () => {
    expect(codeOf(checkWalletContents({ ...CONTENTS, mnemonic: 'legal winner' }))).toBe('mnemonic-length');
    const result = checkWalletContents({ ...CONTENTS, mnemonic: ` ${MNEMONIC.toUpperCase()}\n` });
    expect(result).toEqual({ ok: true, value: CONTENTS });
  });
});
