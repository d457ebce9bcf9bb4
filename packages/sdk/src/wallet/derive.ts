import { assert } from '@iotw/kernel/assert';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { HARDENED_OFFSET, HDKey } from 'micro-key-producer/slip10.js';

/**
 * Keys with different duties never share a branch: a participation key (votes, presence) or a device
 * key may live on a machine that must not be able to spend.
 */
export const KEY_ROLES = { spending: 0, participation: 1, device: 2 } as const;
export type KeyRole = keyof typeof KEY_ROLES;

export interface KeyPosition {
  /** 0 .. 2^31-1; one per named account of the wallet. */
  readonly account: number;
  readonly role: KeyRole;
  /** 0 .. 2^31-1; 0 unless a role needs several keys (one per device, or after a rotation). */
  readonly index: number;
}

/** BIP-44 purpose, then SLIP-0044's "test networks, all coins" until a coin type is registered. */
const PURPOSE = 44;
const COIN_TYPE = 1;

/** The path in the usual notation, for display and for import into other wallets. */
export function derivationPath(position: KeyPosition): string {
  const { account, role, index } = position;
  return `m/${PURPOSE}'/${COIN_TYPE}'/${account}'/${KEY_ROLES[role]}'/${index}'`;
}

/**
 * The Ed25519 key pair at `m/44'/1'/account'/role'/index'` (SLIP-0010: every level hardened, so one
 * leaked key tells nothing of its siblings or its parent). `seed` is the 64-byte mnemonic seed.
 * Code: `derive-position` (account or index is not an integer of 0 .. 2^31-1).
 */
export function deriveKeyPair(seed: Uint8Array, position: KeyPosition): Result<KeyPair> {
  for (const part of ['account', 'index'] as const) {
    if (!isPathNumber(position[part])) {
      return fail('derive-position', `The key's ${part} must be an integer from 0 to 2147483647.`, { part });
    }
  }
  const { account, role, index } = position;
  return ok(keyPairFromSeed(deriveHardened(seed, [PURPOSE, COIN_TYPE, account, KEY_ROLES[role], index])));
}

/**
 * The 32-byte Ed25519 private key (RFC 8032; the seed of `keyPairFromSeed`) that SLIP-0010 derives
 * through hardened children, outermost first (`[]` is the master key).
 * A seed outside 16..64 bytes or a child outside 0 .. 2^31-1 is a bug of the caller.
 */
export function deriveHardened(seed: Uint8Array, children: readonly number[]): Uint8Array {
  assert(seed.length >= 16 && seed.length <= 64, `seed of ${seed.length} bytes`);
  let key = HDKey.fromMasterSeed(seed);
  for (const child of children) {
    assert(isPathNumber(child), 'child number out of range');
    key = key.deriveChild(HARDENED_OFFSET + child);
  }
  return key.privateKey;
}

function isPathNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < HARDENED_OFFSET;
}
