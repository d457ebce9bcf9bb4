/**
 * The login token of a device (spec: clause 11): 70 bytes
 *   trustNode u16 LE, epoch u32 LE, signature 64
 * where the signature is over signingDigest('iotw/v1/login', network, deviceKey32 || trustNode u16 || epoch u32).
 * It is bound to one network, one trust node and three epochs, so a recorded token is worth little.
 */
import { concatBytes, readU16, readU32, writeU16, writeU32 } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from '@iotw/protocol/domains';

export const LOGIN_TOKEN_BYTES = 70;
/** Length of the same bytes as base64url text without padding. */
const LOGIN_TOKEN_TEXT = 94;

export interface LoginToken {
  readonly trustNode: number;
  readonly epoch: number;
  readonly signature: Uint8Array;
}

/** The 32-byte digest that a device signs to log in. */
export function loginDigest(
  network: Uint8Array,
  deviceKey: Uint8Array,
  trustNode: number,
  epoch: number,
): Uint8Array {
  const bytes = new Uint8Array(38);
  bytes.set(deviceKey, 0);
  writeU16(bytes, 32, trustNode);
  writeU32(bytes, 34, epoch);
  return signingDigest(DOMAIN.login, network, bytes);
}

/** The 70 bytes of a token; the signature is 64 bytes over `loginDigest`. */
export function encodeLoginToken(token: LoginToken): Uint8Array {
  const head = new Uint8Array(6);
  writeU16(head, 0, token.trustNode);
  writeU32(head, 2, token.epoch);
  return concatBytes(head, token.signature);
}

/** Reads a password field: the 70 bytes themselves or their base64url text. Error: `mqtt-login-malformed`. */
export function decodeLoginToken(password: Uint8Array): Result<LoginToken> {
  let bytes = password;
  if (password.length === LOGIN_TOKEN_TEXT) {
    const text = Buffer.from(password.buffer, password.byteOffset, password.length).toString('latin1');
    if (/^[A-Za-z0-9_-]+$/.test(text)) bytes = Buffer.from(text, 'base64url');
  }
  if (bytes.length !== LOGIN_TOKEN_BYTES) {
    return fail(
      'mqtt-login-malformed',
      `The password must be a login token of ${LOGIN_TOKEN_BYTES} bytes, or its base64url text.`,
      { length: password.length },
    );
  }
  return ok({ trustNode: readU16(bytes, 0), epoch: readU32(bytes, 2), signature: bytes.slice(6) });
}

/** What a token is checked against. */
export interface LoginContext {
  readonly network: Uint8Array;
  readonly trustNode: number;
  readonly epoch: number;
  authorize(deviceKey: Uint8Array): Result<unknown>;
}

/**
 * Decides a login; cheap checks first, so that a flood of wrong tokens costs no signature checks.
 * Errors: `mqtt-login-malformed`, `mqtt-login-wrong-trust-node`, `mqtt-login-wrong-epoch`,
 * `mqtt-device-refused` (the registry's own code in data.cause), `mqtt-login-bad-signature`
 * (also a token made for another network).
 */
export function checkLogin(
  context: LoginContext,
  deviceKey: Uint8Array,
  password: Uint8Array,
): Result<LoginToken> {
  const decoded = decodeLoginToken(password);
  if (!decoded.ok) return decoded;
  const token = decoded.value;
  if (token.trustNode !== context.trustNode) {
    return fail(
      'mqtt-login-wrong-trust-node',
      `This is trust node ${context.trustNode}; sign a token for it.`,
      {
        trustNode: token.trustNode,
      },
    );
  }
  if (Math.abs(token.epoch - context.epoch) > 1) {
    return fail('mqtt-login-wrong-epoch', `The epoch is ${context.epoch}; read hello and sign again.`, {
      epoch: token.epoch,
    });
  }
  const right = context.authorize(deviceKey);
  if (!right.ok) {
    return fail('mqtt-device-refused', right.error.message, { cause: right.error.code });
  }
  const digest = loginDigest(context.network, deviceKey, token.trustNode, token.epoch);
  if (!verify(token.signature, digest, deviceKey)) {
    return fail('mqtt-login-bad-signature', 'The token is not signed by this device for this network.');
  }
  return ok(token);
}
