import { fail, ok, type Result } from '@iotw/kernel/result';
import { entropyToMnemonic, mnemonicToSeed, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

/** Words of a mnemonic; each three words carry 32 bits of entropy and one bit of checksum (BIP-39). */
export type MnemonicLength = 12 | 15 | 18 | 21 | 24;

const LENGTHS: readonly number[] = [12, 15, 18, 21, 24];
const ENTROPY_BYTES: readonly number[] = [16, 20, 24, 28, 32];
/** Generous for 24 words of at most 8 letters; longer text is refused before any work. */
const MAX_CHARACTERS = 1024;
const WORDS: ReadonlySet<string> = new Set(wordlist);

/** A fresh mnemonic from the platform's secure randomness; 24 words unless asked otherwise. */
export function createMnemonic(words: MnemonicLength = 24): string {
  const entropy = globalThis.crypto.getRandomValues(new Uint8Array((words / 3) * 4));
  const mnemonic = entropyToMnemonic(entropy, wordlist);
  entropy.fill(0);
  return mnemonic;
}

/**
 * The mnemonic (BIP-39, English) of entropy the caller collected: 16, 20, 24, 28 or 32 bytes.
 * Code: `mnemonic-entropy`.
 */
export function mnemonicFromEntropy(entropy: Uint8Array): Result<string> {
  if (!ENTROPY_BYTES.includes(entropy.length)) {
    return fail(
      'mnemonic-entropy',
      `A mnemonic needs 16, 20, 24, 28 or 32 bytes of entropy, not ${entropy.length}.`,
      { bytes: entropy.length },
    );
  }
  return ok(entropyToMnemonic(entropy, wordlist));
}

/**
 * Reads a mnemonic as people type it (any case, any white space) and returns its one stored form:
 * lower case, single blanks. Failures name positions, never words, so they are safe to log.
 * Codes: `mnemonic-length`, `mnemonic-word` (data.positions, counted from 1), `mnemonic-checksum`.
 */
export function parseMnemonic(text: string): Result<string> {
  if (text.length > MAX_CHARACTERS) {
    return fail('mnemonic-length', 'The text is too long to be a mnemonic: paste the words alone.');
  }
  const words = text.normalize('NFKD').toLowerCase().split(/\s+/).filter(Boolean);
  if (!LENGTHS.includes(words.length)) {
    return fail('mnemonic-length', `A mnemonic has 12, 15, 18, 21 or 24 words, not ${words.length}.`, {
      words: words.length,
    });
  }
  const positions = words.flatMap((word, i) => (WORDS.has(word) ? [] : [i + 1]));
  if (positions.length > 0) {
    return fail(
      'mnemonic-word',
      `Not in the English BIP-39 word list: word number ${positions.join(', ')}; check the spelling.`,
      { positions },
    );
  }
  const mnemonic = words.join(' ');
  if (!validateMnemonic(mnemonic, wordlist)) {
    return fail(
      'mnemonic-checksum',
      'Every word is in the list but the checksum does not match: check for a wrong word or two words swapped.',
    );
  }
  return ok(mnemonic);
}

/**
 * The 64-byte seed of a mnemonic (PBKDF2-HMAC-SHA-512, 2048 rounds). A different passphrase gives a
 * different, equally valid wallet: nothing can tell that it was mistyped.
 * Codes: those of `parseMnemonic`, and `mnemonic-passphrase` (not well-formed Unicode).
 */
export async function seedFromMnemonic(text: string, passphrase = ''): Promise<Result<Uint8Array>> {
  const mnemonic = parseMnemonic(text);
  if (!mnemonic.ok) return mnemonic;
  if (/\p{Surrogate}/u.test(passphrase)) {
    return fail('mnemonic-passphrase', 'The passphrase is not well-formed Unicode text: type it again.');
  }
  return ok(await mnemonicToSeed(mnemonic.value, passphrase));
}
