import { fail, ok, type Result } from '@iotw/kernel/result';
import { type AddressPrefix, decodeAddress } from '@iotw/protocol/address';

/** An entry of the address book: kept in this browser alone. */
export interface Contact {
  readonly address: string;
  readonly name: string;
}

const MAX_NAME = 64;

/** Checks an entry before it is kept. Codes: `contact-name`, those of addresses. */
export function readContact(name: string, address: string, prefix: AddressPrefix): Result<Contact> {
  const plain = name.normalize('NFC').trim();
  if (plain.length < 1 || plain.length > MAX_NAME || /\p{Control}|\p{Surrogate}/u.test(plain)) {
    return fail('contact-name', `A name has 1 to ${MAX_NAME} letters and no control characters.`);
  }
  const text = address.trim();
  const decoded = decodeAddress(text, prefix);
  return decoded.ok ? ok({ name: plain, address: text }) : decoded;
}
