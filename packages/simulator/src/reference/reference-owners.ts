import { toHex } from '@iotw/kernel/bytes';
import type { EpochEdge } from '@iotw/ledger/round-outcome';
import { claimDigest, handoverDigest } from '@iotw/protocol/digests';
import type { Genesis } from '@iotw/protocol/genesis';
import type { AppliedRound } from '../invariants/applied-round.js';
import type { AppliedOperation, ReferenceRule } from './reference-rule.js';

const NOBODY = 0xffff_ffff;

interface Owned {
  readonly device: number;
  readonly key: string;
  /** Key of the owner in hex; undefined: unclaimed. */
  owner: string | undefined;
  changes: number;
}

/** Who owns each device (clause 10.5 and the operations 6 to 8 and 14): nobody becomes owner unasked, or by another's word. */
export class ReferenceOwners implements ReferenceRule {
  readonly name = 'owners-agree';
  readonly #byKey = new Map<string, Owned>();
  readonly #all: Owned[] = [];

  constructor({ devices }: Genesis) {
    for (const { key, owner } of devices)
      this.#add(toHex(key), owner.some((byte) => byte !== 0) ? toHex(owner) : undefined);
  }

  #add(key: string, owner: string | undefined): void {
    const owned = { device: this.#all.length, key, owner, changes: 0 };
    this.#byKey.set(key, owned);
    this.#all.push(owned);
  }

  /** Key in hex of the account that is paid for the device. */
  payee(device: number): string {
    const { owner, key } = this.#all[device]!;
    return owner ?? key;
  }

  /** The payees of all devices. */
  payees(): Set<string> {
    return new Set(this.#all.map(({ owner, key }) => owner ?? key));
  }

  operation({ operation, sender, network, checker }: AppliedOperation): string | undefined {
    const self = toHex(sender);
    switch (operation.type) {
      case 'deviceRegister':
        if (this.#byKey.has(toHex(operation.key))) return 'a device is registered again';
        this.#add(toHex(operation.key), undefined);
        return undefined;
      case 'deviceClaim': {
        const owned = this.#byKey.get(toHex(operation.device));
        if (owned === undefined || owned.owner !== undefined) return `${self} claims what is not free`;
        const digest = claimDigest(network, operation.device, sender, owned.changes);
        if (!checker.verify(operation.deviceSignature, digest, operation.device))
          return `device ${owned.device} did not sign its claim`;
        this.#pass(owned, self);
        return undefined;
      }
      case 'deviceRelease': {
        const owned = this.#byKey.get(toHex(operation.device));
        if (owned?.owner !== self) return `${self} lets a device go that it does not own`;
        this.#pass(owned, undefined);
        return undefined;
      }
      case 'deviceHandover': {
        const owned = this.#byKey.get(toHex(operation.device));
        if (owned?.owner !== self) return `${self} hands over a device that it does not own`;
        const digest = handoverDigest(network, operation.device, sender, operation.to, owned.changes);
        if (!checker.verify(operation.acceptance, digest, operation.to))
          return `device ${owned.device} is handed to one who did not accept it`;
        this.#pass(owned, toHex(operation.to));
        return undefined;
      }
      default:
        return undefined;
    }
  }

  #pass(owned: Owned, owner: string | undefined): void {
    owned.owner = owner;
    owned.changes += 1;
  }

  edge({ ledger }: AppliedRound, { ended }: EpochEdge): string | undefined {
    const { owner } = ledger.devices.col;
    for (const { device, owner: should } of this.#all) {
      const account = owner[device]!;
      const is = account === NOBODY ? undefined : toHex(ledger.accounts.key(account));
      if (is !== should) return `device ${device} is owned by ${is} after epoch ${ended}, not by ${should}`;
    }
    return undefined;
  }
}
