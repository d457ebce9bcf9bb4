import { concatBytes, equalBytes, readU32, utf8, writeU32 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { base32nopad } from '@scure/base';

/**
 * Codes about a device, for a label, a message or a QR (spec: 11.6). None holds a secret. `device` says which device it is; `claim` is
 * its agreement to belong to `owner`; `accept` is the word of `owner` to take it over from its present owner.
 */
export type DeviceCode =
  | { readonly kind: 'device'; readonly device: Uint8Array }
  | {
      readonly kind: 'claim' | 'accept';
      /** 32-byte key. */
      readonly device: Uint8Array;
      /** 32-byte key of who is to own it. */
      readonly owner: Uint8Array;
      /** The ledger's count of its ownership changes that the signature names. */
      readonly changes: number;
      /** 64 bytes: by the device (`claim`), by the owner (`accept`). */
      readonly signature: Uint8Array;
    };

export type DeviceCodeKind = DeviceCode['kind'];

const SCHEME = 'iotw:';
const NETWORK_BYTES = 8;
const CHECK_BYTES = 4;
/** Network, device, owner, changes, signature, check. */
const SIGNED_BYTES = NETWORK_BYTES + 32 + 32 + 4 + 64 + CHECK_BYTES;
const BYTES: Readonly<Record<DeviceCodeKind, number>> = {
  device: NETWORK_BYTES + 32 + CHECK_BYTES,
  claim: SIGNED_BYTES,
  accept: SIGNED_BYTES,
};
/** What no code is as long as; longer text is refused unread. */
const MOST_CHARACTERS = 400;

/**
 * The one text of a code: `iotw:claim/` and base32 (RFC 4648, lower case, no padding) of network id (first 8 bytes), device, owner, changes (u32),
 * signature and the first 4 bytes of the SHA-256 of all text and bytes before them.
 */
export function encodeDeviceCode(network: Uint8Array, code: DeviceCode): string {
  const start = `${SCHEME}${code.kind}/`;
  const parts = [network.subarray(0, NETWORK_BYTES), code.device];
  if (code.kind !== 'device') {
    const changes = new Uint8Array(4);
    writeU32(changes, 0, code.changes);
    parts.push(code.owner, changes, code.signature);
  }
  const content = concatBytes(...parts);
  return start + base32nopad.encode(concatBytes(content, check(start, content))).toLowerCase();
}

/**
 * Reads a code of `network`, in lower case or in capitals, with blanks and line breaks that a message put into it. Codes: `device-code-other` (it is
 * something else), `device-code-damaged` (letters are wrong or missing), `device-code-network` (of another network).
 */
export function decodeDeviceCode(network: Uint8Array, text: string): Result<DeviceCode> {
  if (text.length > MOST_CHARACTERS) return other();
  const squeezed = text.replace(/\s+/g, '');
  const [, kind, body] = /^iotw:(device|claim|accept)\/(.*)$/.exec(squeezed.toLowerCase()) ?? [];
  if (kind === undefined || body === undefined) return other();
  const bytes = readBase32(body);
  const known = kind as DeviceCodeKind;
  if (bytes === undefined || bytes.length !== BYTES[known]) return damaged();
  const content = bytes.subarray(0, bytes.length - CHECK_BYTES);
  if (!equalBytes(check(`${SCHEME}${known}/`, content), bytes.subarray(content.length))) return damaged();
  if (!equalBytes(content.subarray(0, NETWORK_BYTES), network.subarray(0, NETWORK_BYTES))) {
    return fail(
      'device-code-network',
      'The code is of another network: open the wallet of that network, or have the code made for this one.',
    );
  }
  const at = (from: number, length: number) => content.slice(from, from + length);
  const device = at(NETWORK_BYTES, 32);
  if (known === 'device') return ok({ kind: known, device });
  return ok({
    kind: known,
    device,
    owner: at(NETWORK_BYTES + 32, 32),
    changes: readU32(content, NETWORK_BYTES + 64),
    signature: at(NETWORK_BYTES + 68, 64),
  });
}

function check(start: string, content: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8(start), content)).subarray(0, CHECK_BYTES);
}

function readBase32(text: string): Uint8Array | undefined {
  try {
    return base32nopad.decode(text.toUpperCase());
  } catch {
    return undefined;
  }
}

function other(): Result<never> {
  return fail(
    'device-code-other',
    'This is no code of a device: such a code begins with iotw:device/, iotw:claim/ or iotw:accept/.',
  );
}

function damaged(): Result<never> {
  return fail(
    'device-code-damaged',
    'The code is damaged: letters are wrong or missing. Copy the whole of it again, or scan it again.',
  );
}
