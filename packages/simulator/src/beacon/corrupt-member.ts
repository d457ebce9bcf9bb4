import { assert } from '@iotw/kernel/assert';
import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import type { Prng } from '@iotw/kernel/prng';
import type { Ledger } from '@iotw/ledger/ledger';
import type { PeerMessage } from '@iotw/nodes/messages';
import {
  BEACON_KIND,
  type BeaconMessage,
  beaconDigest,
  encodeAccused,
  SEALED_SHARE_BYTES,
} from '@iotw/protocol/beacon';

/** What a corrupt member does with its word or its signature; each is counted. */
export type Misdeed =
  | 'badShares'
  | 'equivocatingDeals'
  | 'withheldDeals'
  | 'falseAccusations'
  | 'unmetAccusations'
  | 'wrongSignatures'
  | 'withheldSignatures';

/**
 * The adversary's hand in a member of the shared key: an honest machine runs behind it, and what that says is
 * changed, withheld or told differently to each. It holds the member's signing key, so all of it is well signed.
 */
export class CorruptMember {
  readonly deeds = new Map<Misdeed, number>();
  readonly #keys: KeyPair;
  readonly #ledger: () => Ledger;
  readonly #prng: Prng;

  constructor(keys: KeyPair, ledger: () => Ledger, prng: Prng) {
    this.#keys = keys;
    this.#ledger = ledger;
    this.#prng = prng;
  }

  /** What goes out to one peer instead of `message`; `undefined`: nothing. */
  tell(message: PeerMessage): PeerMessage | undefined {
    if (message.kind === 'beacon') {
      const word = this.word(message.message);
      return word === undefined ? undefined : { kind: 'beacon', message: word };
    }
    if (message.kind !== 'seed-share') return message;
    // Withheld from one, wrong to the other: no two members see the same.
    if (this.#prng.chance(1, 2)) {
      this.#did('withheldSignatures');
      return undefined;
    }
    this.#did('wrongSignatures');
    const signature = message.share.signature.slice();
    if (this.#prng.chance(1, 2)) signature.set(this.#prng.bytes(96));
    else signature[40]! ^= 1;
    return { kind: 'seed-share', share: { ...message.share, signature } };
  }

  /** A word of a ceremony as this member says it; another at each call. */
  word(message: BeaconMessage): BeaconMessage | undefined {
    switch (message.kind) {
      case BEACON_KIND.deal:
        return this.#deal(message);
      case BEACON_KIND.check: {
        this.#did('falseAccusations');
        return this.#signed(message, encodeAccused(this.#ledger().beacon.dealt()));
      }
      case BEACON_KIND.justify: {
        if (this.#prng.chance(1, 2)) return message;
        this.#did('unmetAccusations');
        return undefined;
      }
      default:
        return message;
    }
  }

  #deal(message: BeaconMessage): BeaconMessage | undefined {
    if (this.#prng.chance(1, 8)) {
      this.#did('withheldDeals');
      return undefined;
    }
    const members = this.#ledger().beacon.joined();
    const boxes = message.body.length - SEALED_SHARE_BYTES * members.length;
    assert(boxes > 0, 'a deal ends with a box for each member');
    const body = message.body.slice();
    const victim = this.#prng.below(members.length);
    body.set(this.#prng.bytes(SEALED_SHARE_BYTES), boxes + SEALED_SHARE_BYTES * victim);
    this.#did('badShares');
    // Random bytes make each peer's copy another one.
    this.#did('equivocatingDeals');
    return this.#signed(message, body);
  }

  #signed(message: BeaconMessage, body: Uint8Array): BeaconMessage {
    const content = { ...message, body };
    const digest = beaconDigest(this.#ledger().network, content);
    return { ...content, signature: sign(digest, this.#keys.secretKey) };
  }

  #did(deed: Misdeed): void {
    this.deeds.set(deed, (this.deeds.get(deed) ?? 0) + 1);
  }
}
