import { assert } from '@iotw/kernel/assert';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { bech32m } from '@scure/base';

/** The human-readable part: `iotw` on the main network, `tiotw` on every test network. */
export type AddressPrefix = 'iotw' | 'tiotw';

/** What the 32 bytes are: 0 an Ed25519 public key, 1 the hash of a multi-key policy. */
export type AddressVersion = 0 | 1;

export interface Address {
  readonly version: AddressVersion;
  /** 32 bytes. */
  readonly payload: Uint8Array;
}

export const ADDRESS_PAYLOAD_BYTES = 32;

/** Longest string the bech32m checksum protects (BIP-173); longer input is refused unread. */
const BECH32M_MAX_CHARACTERS = 90;
const CHECKSUM_CHARACTERS = 6;
/** Version byte and payload in groups of five bits, rounded up. */
const DATA_CHARACTERS = Math.ceil(((1 + ADDRESS_PAYLOAD_BYTES) * 8) / 5);

/** Characters of every address under `prefix`: 64 for `iotw`, 65 for `tiotw`. */
export function addressLength(prefix: AddressPrefix): number {
  return prefix.length + 1 + DATA_CHARACTERS + CHECKSUM_CHARACTERS;
}

/**
 * The one textual form of an account: bech32m (BIP-350) over version byte and 32 bytes, lower case.
 * A payload of another length is a bug of the caller.
 */
export function encodeAddress(prefix: AddressPrefix, version: AddressVersion, payload: Uint8Array): string {
  assert(payload.length === ADDRESS_PAYLOAD_BYTES, `address payload of ${payload.length} bytes`);
  const bytes = new Uint8Array(1 + ADDRESS_PAYLOAD_BYTES);
  bytes[0] = version;
  bytes.set(payload, 1);
  return bech32m.encode(prefix, bech32m.toWords(bytes));
}

/**
 * Reads the one textual form of an address of the network `expected`; for every accepted text,
 * `encodeAddress` gives back the same text. BIP-350 also allows all upper case; we refuse it, so that
 * two different texts never mean one account (look-ups, allow-lists and logs compare text).
 *
 * Codes, in the order they are checked: `address-length` (too long to be an address),
 * `address-case` (an upper-case letter), `address-checksum` (a typing error, a foreign character or
 * the older bech32 checksum), `address-wrong-network` (a sound address under another prefix),
 * `address-length` (does not carry exactly 33 bytes), `address-version` (newer than this software).
 */
export function decodeAddress(text: string, expected: AddressPrefix): Result<Address> {
  const length = addressLength(expected);
  if (text.length > BECH32M_MAX_CHARACTERS) {
    return fail(
      'address-length',
      `An address has ${length} characters, this text has ${text.length}: paste the address alone.`,
      {
        length: text.length,
        expected: length,
      },
    );
  }
  if (/[A-Z]/.test(text)) {
    return fail(
      'address-case',
      'An address is written in lower case only: write every letter in lower case.',
    );
  }
  const decoded = bech32m.decodeUnsafe(text);
  if (decoded === undefined) {
    const hint =
      text.length === length
        ? 'one or more characters are wrong: copy the address again from its source.'
        : `it has ${text.length} characters instead of ${length}: look for missing, doubled or blank characters.`;
    return fail('address-checksum', `The address does not match its own checksum; ${hint}`, {
      length: text.length,
      expected: length,
    });
  }
  if (decoded.prefix !== expected) {
    return fail(
      'address-wrong-network',
      `The address begins with "${decoded.prefix}1", this network's addresses begin with "${expected}1": ask the receiver for an address of this network, or select the other network.`,
      { prefix: decoded.prefix, expected },
    );
  }
  const bytes = bech32m.fromWordsUnsafe(decoded.words);
  if (bytes === undefined || bytes.length !== 1 + ADDRESS_PAYLOAD_BYTES) {
    return fail(
      'address-length',
      `The address does not carry a version byte and ${ADDRESS_PAYLOAD_BYTES} bytes: it was made by faulty software; ask the receiver for another.`,
      { length: text.length, expected: length },
    );
  }
  const version = bytes[0];
  if (version !== 0 && version !== 1) {
    return fail('address-version', `Address version ${version} is unknown to this software: update it.`, {
      version,
    });
  }
  return ok({ version, payload: bytes.slice(1) });
}
