import { equalBytes } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';

/**
 * The signing keys that a process holds for one of its nodes: the present ones, and before a KeyRotate those that it
 * will list. The ledger says which of them sign (spec: clause 9.10), so that a rotation needs no word from the operator.
 */
export class HeldKeys {
  #present: KeyPair;
  #next: KeyPair | undefined;

  constructor(present: KeyPair, next?: KeyPair) {
    this.#present = present;
    this.#next = next;
  }

  /** The key file was read again. */
  replace(present: KeyPair, next: KeyPair | undefined): void {
    this.#present = present;
    this.#next = next;
  }

  /** The keys that sign while the ledger lists `key` for the node (undefined: not known): the present ones unless it is the next. */
  listed(key: Uint8Array | undefined): KeyPair {
    const next = this.#next;
    return key !== undefined && next !== undefined && equalBytes(key, next.publicKey) ? next : this.#present;
  }
}
