import { fromUtf8, utf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { PasskeyRecord } from './vault-record.ts';

/**
 * Opening the wallet by a passkey: the authenticator computes 32 bytes that only it can (WebAuthn's PRF extension), and
 * they are the key under which the words lie once more. Where there is no PRF the password stays the only way.
 */

const SALT_BYTES = 32;
const NONCE_BYTES = 12;
const INFO = utf8('iotw/signer/passkey');

/** Passkeys belong to a host name, which an address of the internet is not. */
export function passkeysPossible(): boolean {
  const { hostname } = window.location;
  return (
    typeof window.PublicKeyCredential === 'function' &&
    !/^[0-9.]+$|^\[/.test(hostname) &&
    window.isSecureContext
  );
}

/** Makes a passkey and seals the words under it. Codes: `signer-passkey`. */
export async function enrolPasskey(mnemonic: string, name: string): Promise<Result<PasskeyRecord>> {
  const salt = random(SALT_BYTES);
  try {
    const made = (await navigator.credentials.create({
      publicKey: {
        challenge: random(32),
        rp: { name: 'IOTW' },
        user: { id: random(16), name, displayName: name },
        pubKeyCredParams: [
          { type: 'public-key', alg: -7 },
          { type: 'public-key', alg: -257 },
        ],
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        extensions: { prf: {} },
      },
    })) as PublicKeyCredential | null;
    if (made?.getClientExtensionResults().prf?.enabled !== true) return noPasskey('it has no PRF');
    const credential = new Uint8Array(made.rawId);
    const key = await passkeyKey(credential, salt);
    if (!key.ok) return key;
    const nonce = random(NONCE_BYTES);
    const sealed = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv: nonce },
      key.value,
      utf8(mnemonic) as Bytes,
    );
    return ok({ credential, salt, nonce, sealed: new Uint8Array(sealed) });
  } catch (cause) {
    return noPasskey(String(cause));
  }
}

/** The words that a passkey opens. Codes: `signer-passkey`. */
export async function openByPasskey(record: PasskeyRecord): Promise<Result<string>> {
  try {
    const key = await passkeyKey(record.credential, record.salt);
    if (!key.ok) return key;
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: record.nonce as Bytes },
      key.value,
      record.sealed as Bytes,
    );
    const words = fromUtf8(new Uint8Array(plain));
    return words === undefined ? noPasskey('it opens something else') : ok(words);
  } catch (cause) {
    return noPasskey(String(cause));
  }
}

type Bytes = Uint8Array<ArrayBuffer>;

async function passkeyKey(credential: Uint8Array, salt: Uint8Array): Promise<Result<CryptoKey>> {
  const answer = (await navigator.credentials.get({
    publicKey: {
      challenge: random(32),
      allowCredentials: [{ type: 'public-key', id: credential as Bytes }],
      userVerification: 'required',
      extensions: { prf: { eval: { first: salt as Bytes } } },
    },
  })) as PublicKeyCredential | null;
  const secret = answer?.getClientExtensionResults().prf?.results?.first;
  if (secret === undefined) return noPasskey('it has no PRF');
  const bytes =
    secret instanceof ArrayBuffer ? new Uint8Array(secret) : new Uint8Array(secret.buffer as ArrayBuffer);
  const base = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']);
  bytes.fill(0);
  return ok(
    await crypto.subtle.deriveKey(
      { name: 'HKDF', hash: 'SHA-256', salt: salt as Bytes, info: INFO as Bytes },
      base,
      { name: 'AES-GCM', length: 256 },
      false,
      ['encrypt', 'decrypt'],
    ),
  );
}

function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

function noPasskey(cause: string): Result<never> {
  return fail(
    'signer-passkey',
    'The passkey did not open the wallet: it was cancelled, belongs to another site, or this device can’t do it. The password does.',
    { cause },
  );
}
