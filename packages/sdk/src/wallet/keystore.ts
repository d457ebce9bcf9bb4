import { equalBytes, fromUtf8, utf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { argon2id } from 'hash-wasm';
import { checkWalletContents, type WalletContents } from './contents.js';
import {
  CHECK_BYTES,
  checkKdf,
  DEFAULT_KDF,
  formatKeystoreFile,
  headerBytes,
  type KdfParameters,
  type KeystoreHeader,
  MAX_KEYSTORE_CHARACTERS,
  NONCE_BYTES,
  parseKeystoreFile,
  SALT_BYTES,
} from './keystore-file.js';

export const MIN_PASSWORD_CHARACTERS = 8;
export const MAX_PASSWORD_CHARACTERS = 1024;

const KEY_BYTES = 32;

/**
 * Seals a wallet under a password: Argon2id stretches it to 48 bytes, of which 32 are the AES-256-GCM
 * key and 16 a stored check value. The two parts are independent, and the check costs a guesser as much
 * as the cipher's own tag would: it only lets us say "wrong password" and "damaged file" apart.
 *
 * Works wherever WebCrypto does (Node >= 20, browsers on https or localhost).
 * Codes: `keystore-password-length`, `keystore-parameters`, `keystore-no-webcrypto`,
 * and those of `checkWalletContents`.
 */
export async function sealKeystore(
  contents: WalletContents,
  password: string,
  cost: KdfParameters = DEFAULT_KDF,
): Promise<Result<string>> {
  const checked = checkWalletContents(contents);
  if (!checked.ok) return checked;
  const stretchable = checkPassword(password);
  if (!stretchable.ok) return stretchable;
  const kdf = checkKdf(cost);
  if (!kdf.ok) return kdf;
  const subtle = webCrypto();
  if (!subtle.ok) return subtle;

  const salt = globalThis.crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const nonce = globalThis.crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const { key, check } = await stretch(password, salt, kdf.value);
  const header: KeystoreHeader = { kdf: kdf.value, salt, check, nonce };
  const plain = utf8(JSON.stringify(checked.value));
  try {
    const aes = await subtle.value.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
    const sealed = await subtle.value.encrypt(gcm(header), aes, plain);
    const text = formatKeystoreFile({ header, sealed: new Uint8Array(sealed) });
    if (text.length > MAX_KEYSTORE_CHARACTERS) {
      return fail('wallet-contents', 'The wallet is too large for one key file: remove accounts.', {
        place: 'accounts',
      });
    }
    return ok(text);
  } finally {
    key.fill(0);
    plain.fill(0);
  }
}

/**
 * Opens what `sealKeystore` wrote. No failure carries the password, the mnemonic or text of the file.
 * Codes: `keystore-format`, `keystore-version`, `keystore-parameters` (before any secret is used);
 * `keystore-password` (wrong password, or salt, cost or check value changed), `keystore-damaged` (the
 * password is right, the file was altered), `keystore-no-webcrypto`.
 */
export async function openKeystore(text: string, password: string): Promise<Result<WalletContents>> {
  const file = parseKeystoreFile(text);
  if (!file.ok) return file;
  const subtle = webCrypto();
  if (!subtle.ok) return subtle;
  if (!checkPassword(password).ok) return wrongPassword();

  const { header, sealed } = file.value;
  const { key, check } = await stretch(password, header.salt, header.kdf);
  try {
    if (!equalBytes(check, header.check)) return wrongPassword();
    const aes = await subtle.value.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    let plain: Uint8Array;
    try {
      plain = new Uint8Array(await subtle.value.decrypt(gcm(header), aes, sealed));
    } catch {
      return damaged();
    }
    const contents = readContents(plain);
    plain.fill(0);
    return contents;
  } finally {
    key.fill(0);
  }
}

/** Contents under a valid tag were written by someone who knew the password; they are checked all the same. */
function readContents(plain: Uint8Array): Result<WalletContents> {
  const text = fromUtf8(plain);
  if (text === undefined) return damaged();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return damaged();
  }
  const contents = checkWalletContents(json);
  return contents.ok ? contents : damaged();
}

async function stretch(
  password: string,
  salt: Uint8Array,
  kdf: KdfParameters,
): Promise<{ key: Uint8Array<ArrayBuffer>; check: Uint8Array }> {
  // The same password typed on another keyboard or system may arrive in another Unicode form.
  const bytes = utf8(password.normalize('NFKD'));
  try {
    const out = await argon2id({
      password: bytes,
      salt,
      memorySize: kdf.memoryKiB,
      iterations: kdf.iterations,
      parallelism: kdf.parallelism,
      hashLength: KEY_BYTES + CHECK_BYTES,
      outputType: 'binary',
    });
    const split = { key: out.slice(0, KEY_BYTES), check: out.slice(KEY_BYTES) };
    out.fill(0);
    return split;
  } finally {
    bytes.fill(0);
  }
}

function gcm(header: KeystoreHeader) {
  return { name: 'AES-GCM', iv: header.nonce, additionalData: headerBytes(header), tagLength: 128 };
}

function checkPassword(password: string): Result<true> {
  const length = [...password].length;
  if (
    length < MIN_PASSWORD_CHARACTERS ||
    length > MAX_PASSWORD_CHARACTERS ||
    /\p{Surrogate}/u.test(password)
  ) {
    return fail(
      'keystore-password-length',
      `A password has ${MIN_PASSWORD_CHARACTERS} to ${MAX_PASSWORD_CHARACTERS} characters of Unicode text.`,
      { min: MIN_PASSWORD_CHARACTERS, max: MAX_PASSWORD_CHARACTERS },
    );
  }
  return ok(true);
}

function webCrypto() {
  // Browsers hide WebCrypto from pages that did not come over https or from localhost.
  const subtle = globalThis.crypto?.subtle as typeof globalThis.crypto.subtle | undefined;
  if (subtle === undefined) {
    return fail(
      'keystore-no-webcrypto',
      'This page or runtime offers no WebCrypto: open the wallet over https or on localhost.',
    );
  }
  return ok(subtle);
}

function wrongPassword(): Result<never> {
  return fail(
    'keystore-password',
    'The password does not open this key file: check capitals and keyboard layout, or restore the wallet from its mnemonic.',
  );
}

function damaged(): Result<never> {
  return fail(
    'keystore-damaged',
    'The password is right but the key file was altered: use a backup, or restore the wallet from its mnemonic.',
  );
}
