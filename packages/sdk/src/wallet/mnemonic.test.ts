import { readFileSync } from 'node:fs';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMnemonic, mnemonicFromEntropy, parseMnemonic, seedFromMnemonic } from './mnemonic.js';

const FILE = new URL('../../../../spec/vectors/external/bip39_vectors.json', import.meta.url);
const VECTORS = (JSON.parse(readFileSync(FILE, 'utf8')) as { english: [string, string, string, string][] })
  .english;

const LEGAL = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.code;
}

describe('mnemonics', () => {
  it('has the 24 English vectors', () => {
    expect(VECTORS.length).toBe(24);
  });

  it.each(VECTORS)('entropy %s', async (entropy, mnemonic, seed) => {
    expect(mnemonicFromEntropy(fromHex(entropy)!)).toEqual({ ok: true, value: mnemonic });
    expect(parseMnemonic(mnemonic)).toEqual({ ok: true, value: mnemonic });
    const derived = await seedFromMnemonic(mnemonic, 'TREZOR');
    expect(derived.ok && toHex(derived.value)).toBe(seed);
  });

  it.each([
    ['ok', 'as written', LEGAL],
    ['ok', 'any case and white space', `\n  ${LEGAL.toUpperCase().replaceAll(' ', ' \t ')}\r\n`],
    ['mnemonic-length', 'nothing', ''],
    ['mnemonic-length', '11 words', LEGAL.split(' ').slice(1).join(' ')],
    ['mnemonic-length', '13 words', `${LEGAL} yellow`],
    ['mnemonic-length', 'a megabyte', 'legal '.repeat(200_000)],
    ['mnemonic-word', 'a typing error', LEGAL.replace('sausage', 'sausagge')],
    ['mnemonic-word', 'an abbreviation', LEGAL.replace('sausage', 'saus')],
    ['mnemonic-word', 'a property name', LEGAL.replace('sausage', 'constructor')],
    ['mnemonic-checksum', 'two words swapped', LEGAL.replace('winner thank year', 'thank winner year')],
    ['mnemonic-checksum', 'another last word', LEGAL.replace('yellow', 'year')],
  ])('%s: %s', (code, _what, text) => {
    expect(codeOf(parseMnemonic(text))).toBe(code);
  });

  it('names positions of unknown words and never the words', () => {
    const result = parseMnemonic(LEGAL.replace('thank', 'hunter2').replace('yellow', 'hunter3'));
    expect(!result.ok && result.error.data).toEqual({ positions: [3, 12] });
    expect(JSON.stringify(result)).not.toMatch(/hunter|legal|winner|sausage/);
  });

  it.each([0, 15, 17, 31, 33, 64])('refuses %i bytes of entropy', (bytes) => {
    expect(codeOf(mnemonicFromEntropy(new Uint8Array(bytes)))).toBe('mnemonic-entropy');
  });

  it('refuses a passphrase that is not Unicode text', async () => {
    expect(codeOf(await seedFromMnemonic(LEGAL, '\ud800'))).toBe('mnemonic-passphrase');
    expect(codeOf(await seedFromMnemonic('legal', 'x'))).toBe('mnemonic-length');
  });

  it('makes one seed of every Unicode spelling of a passphrase', async () => {
    const composed = await seedFromMnemonic(LEGAL, '\u00e9');
    expect(await seedFromMnemonic(LEGAL, 'e\u0301')).toEqual(composed);
    expect(await seedFromMnemonic(LEGAL, 'e')).not.toEqual(composed);
  });

  it('creates valid mnemonics of every length, each another', () => {
    for (const words of [12, 15, 18, 21, 24] as const) {
      const mnemonic = createMnemonic(words);
      expect(mnemonic.split(' ').length).toBe(words);
      expect(parseMnemonic(mnemonic)).toEqual({ ok: true, value: mnemonic });
      expect(createMnemonic(words)).not.toBe(mnemonic);
    }
    expect(createMnemonic().split(' ').length).toBe(24);
  });

  it('accepts what entropy of every legal length gives', () => {
    const entropy = fc
      .constantFrom(16, 20, 24, 28, 32)
      .chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));
    fc.assert(
      fc.property(entropy, (bytes) => {
        const mnemonic = mnemonicFromEntropy(bytes);
        expect(mnemonic.ok && parseMnemonic(mnemonic.value)).toEqual(mnemonic);
      }),
      { numRuns: 50 },
    );
  });
});
