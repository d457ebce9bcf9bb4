import { fromHex, toHex, utf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { hasOnly, isRecord } from './contents.js';

/** Cost of one password guess (Argon2id, RFC 9106). */
export interface KdfParameters {
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
}

/** RFC 9106's second recommended option, on one lane as WebAssembly has one thread. */
export const DEFAULT_KDF: KdfParameters = { memoryKiB: 65_536, iterations: 3, parallelism: 1 };

/**
 * What a file may ask of the machine that opens it: a hostile file gets at most 256 MiB and, at that
 * size, some seconds. Raising a bound needs a new format version.
 */
export const KDF_BOUNDS = {
  memoryKiB: { min: 8_192, max: 262_144 },
  iterations: { min: 1, max: 16 },
  parallelism: { min: 1, max: 4 },
} as const;

export const KEYSTORE_FORMAT = 'iotw-keystore';
export const KEYSTORE_VERSION = 1;
/** Characters of a key file; a full wallet needs less than half. */
export const MAX_KEYSTORE_CHARACTERS = 1_048_576;

export const SALT_BYTES = 16;
export const CHECK_BYTES = 16;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

export interface KeystoreHeader {
  readonly kdf: KdfParameters;
  /** 16 random bytes, new at every encryption. */
  readonly salt: Uint8Array;
  /** Second part of the Argon2id output: tells a wrong password from a damaged file. */
  readonly check: Uint8Array;
  /** 12 random bytes, new at every encryption. */
  readonly nonce: Uint8Array;
}

export interface KeystoreFile {
  readonly header: KeystoreHeader;
  /** AES-256-GCM ciphertext followed by its 16-byte tag. */
  readonly sealed: Uint8Array;
}

/** The file's text: JSON, hexadecimal bytes, one line feed at the end. */
export function formatKeystoreFile(file: KeystoreFile): string {
  return `${JSON.stringify({ ...headerJson(file.header), sealed: toHex(file.sealed) }, null, 2)}\n`;
}

/**
 * The header as the cipher authenticates it: one canonical JSON text of every member except `sealed`,
 * so that no member can be changed and white space doesn't matter.
 */
export function headerBytes(header: KeystoreHeader): Uint8Array {
  return utf8(JSON.stringify(headerJson(header)));
}

function headerJson(header: KeystoreHeader): Record<string, unknown> {
  const { memoryKiB, iterations, parallelism } = header.kdf;
  return {
    format: KEYSTORE_FORMAT,
    version: KEYSTORE_VERSION,
    kdf: {
      name: 'argon2id',
      memoryKiB,
      iterations,
      parallelism,
      salt: toHex(header.salt),
      check: toHex(header.check),
    },
    cipher: { name: 'aes-256-gcm', nonce: toHex(header.nonce) },
  };
}

/**
 * Reads a key file without touching its secrets; every size and cost is checked before anything is
 * allocated or computed from it.
 * Codes: `keystore-format`, `keystore-version`, `keystore-parameters`.
 */
export function parseKeystoreFile(text: string): Result<KeystoreFile> {
  if (text.length > MAX_KEYSTORE_CHARACTERS) return malformed('is too large');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text: it stays out of ours.
    return malformed('is not JSON');
  }
  if (!isRecord(json) || json.format !== KEYSTORE_FORMAT)
    return malformed(`has no "format": "${KEYSTORE_FORMAT}"`);
  if (json.version !== KEYSTORE_VERSION) {
    return fail(
      'keystore-version',
      `This software reads key files of version ${KEYSTORE_VERSION}; the file states another: open it with the software that wrote it, or update.`,
      { supported: [KEYSTORE_VERSION] },
    );
  }
  if (!hasOnly(json, ['format', 'version', 'kdf', 'cipher', 'sealed']))
    return malformed('has missing or unknown members');
  const { kdf, cipher } = json;
  if (!isRecord(kdf) || !hasOnly(kdf, ['name', 'memoryKiB', 'iterations', 'parallelism', 'salt', 'check'])) {
    return malformed('has a "kdf" with missing or unknown members');
  }
  if (!isRecord(cipher) || !hasOnly(cipher, ['name', 'nonce'])) {
    return malformed('has a "cipher" with missing or unknown members');
  }
  if (kdf.name !== 'argon2id' || cipher.name !== 'aes-256-gcm') {
    return malformed('names an algorithm other than argon2id and aes-256-gcm');
  }
  const salt = bytesOf(kdf.salt, SALT_BYTES);
  const check = bytesOf(kdf.check, CHECK_BYTES);
  const nonce = bytesOf(cipher.nonce, NONCE_BYTES);
  const sealed = bytesOf(json.sealed);
  if (salt === undefined || check === undefined || nonce === undefined || sealed === undefined) {
    return malformed('has bytes that are not lower-case hexadecimal of the right length');
  }
  if (sealed.length <= TAG_BYTES) return malformed('has no sealed contents');
  const parameters = checkKdf(kdf);
  if (!parameters.ok) return parameters;
  return ok({ header: { kdf: parameters.value, salt, check, nonce }, sealed });
}

/** Code `keystore-parameters` where a cost is no integer within `KDF_BOUNDS` (data: its name and bounds). */
export function checkKdf(kdf: { readonly [name in keyof KdfParameters]?: unknown }): Result<KdfParameters> {
  for (const name of ['memoryKiB', 'iterations', 'parallelism'] as const) {
    const value = kdf[name];
    const { min, max } = KDF_BOUNDS[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      return fail(
        'keystore-parameters',
        `The key file's ${name} must be an integer from ${min} to ${max}: a file that asks for more may be hostile; restore the wallet from its mnemonic instead.`,
        { name, min, max },
      );
    }
  }
  const { memoryKiB, iterations, parallelism } = kdf as KdfParameters;
  return ok({ memoryKiB, iterations, parallelism });
}

function bytesOf(value: unknown, length?: number): Uint8Array | undefined {
  return typeof value === 'string' && value === value.toLowerCase() ? fromHex(value, length) : undefined;
}

function malformed(what: string): Result<never> {
  return fail(
    'keystore-format',
    `The text is no key file of this wallet: it ${what}. Choose another file, or restore a backup.`,
  );
}
