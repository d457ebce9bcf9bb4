import { fail, ok, type Result } from '@iotw/kernel/result';
import { type AddressPrefix, decodeAddress } from '@iotw/protocol/address';

/** Whom an operation names: an address, or the 32-byte Ed25519 key itself. */
export type KeyOrAddress = Uint8Array | string;

/**
 * The 32-byte key of an address or key. `prefix` is the network's, so that a test address is never paid
 * on the main network. Codes: those of `decodeAddress`, and `recipient-key` (no key of 32 bytes, or an
 * address of a multi-key policy, which these operations can't name yet).
 */
export function readKey(recipient: KeyOrAddress, prefix: AddressPrefix): Result<Uint8Array> {
  if (typeof recipient !== 'string') {
    return recipient.length === 32
      ? ok(recipient)
      : fail('recipient-key', `An account key has 32 bytes, this has ${recipient.length}.`);
  }
  const address = decodeAddress(recipient, prefix);
  if (!address.ok) return address;
  if (address.value.version !== 0) {
    return fail(
      'recipient-key',
      'The address belongs to a multi-key policy: ask the receiver for an address of version 0.',
      { version: address.value.version },
    );
  }
  return ok(address.value.payload);
}
