import { toHex } from '@iotw/kernel/bytes';
import { decodeDeviceResult } from '@iotw/protocol/device-wire';
import { type Invariant, Violation } from './invariant.js';

/** The number (boot, counter) of an attestation never comes again with other content: across power losses too. */
export class AttestationNumbers implements Invariant {
  readonly name = 'attestation-numbers';
  readonly #known = new Map<string, string>();

  attested(device: number, bytes: Uint8Array): void {
    const result = decodeDeviceResult(bytes);
    if (!result.ok || result.value.kind !== 'attestation') return;
    const { boot, counter } = result.value.attestation;
    const number = `${device}/${boot}/${counter}`;
    const content = toHex(bytes);
    const before = this.#known.get(number);
    if (before === undefined) this.#known.set(number, content);
    else if (before !== content)
      throw new Violation(this.name, `device/boot/counter ${number} says two things`);
  }
}
