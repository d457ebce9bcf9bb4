import { beaconMessage } from '@iotw/assignment/seed';
import {
  type PartialSignature,
  publicShare,
  recoverSignature,
  sharePlace,
} from '@iotw/assignment/shared-key';
import { blsSign, blsVerify } from '@iotw/kernel/bls';
import type { Ledger } from '@iotw/ledger/ledger';
import type { SeedShare } from '../messages.js';

/**
 * Collects members' signatures for the next epoch and makes the group's of them. Signatures are checked when
 * enough are there, wrong ones are dropped; any threshold of good ones gives the same bytes.
 */
export class SeedShares {
  readonly #ledger: Ledger;
  readonly #index: number;
  readonly #shares = new Map<number, SeedShare>();
  readonly #good = new Set<SeedShare>();
  /** Public keys of the members' shares, of one generation. */
  readonly #keys = new Map<number, Uint8Array>();
  #keysOf = 0;
  #proof: { readonly epoch: number; readonly bytes: Uint8Array } | undefined;
  /** Members' signatures that were wrong, since the start. */
  wrong = 0;

  constructor(ledger: Ledger, index: number) {
    this.#ledger = ledger;
    this.#index = index;
  }

  /** This server's signature for the next epoch, made once. */
  own(share: Uint8Array): SeedShare {
    const { epoch, generation } = this.#next();
    const kept = this.#shares.get(this.#index);
    if (kept?.epoch === epoch && kept.generation === generation) return kept;
    const signature = blsSign(share, beaconMessage(this.#ledger.network, epoch));
    const made = { epoch, generation, server: this.#index, signature };
    this.#shares.set(this.#index, made);
    this.#good.add(made);
    return made;
  }

  /** A member's signature as it came; one for another epoch or of other shares is not needed. */
  add(share: SeedShare): void {
    const { epoch, generation } = this.#next();
    if (share.epoch !== epoch || share.generation !== generation) return;
    if (share.server === this.#index || !this.#ledger.beacon.holds(share.server)) return;
    const kept = this.#shares.get(share.server);
    // A good one is not displaced: the first stays until it was found wrong.
    if (kept?.epoch === epoch && kept.generation === generation) return;
    this.#shares.set(share.server, share);
  }

  /** The group's signature that opens the next epoch (96 bytes), once enough good ones are here. */
  proof(): Uint8Array | undefined {
    const { epoch, generation } = this.#next();
    if (this.#proof?.epoch === epoch) return this.#proof.bytes;
    const { beacon, network } = this.#ledger;
    const wanted = beacon.groupThreshold;
    const here = [...this.#shares.values()].filter((s) => s.epoch === epoch && s.generation === generation);
    if (wanted === 0 || here.length < wanted) return undefined;
    const message = beaconMessage(network, epoch);
    const partials: PartialSignature[] = [];
    for (const share of here) {
      const place = sharePlace(share.server);
      if (!this.#good.has(share)) {
        const key = this.#keyOf(share.server, generation);
        if (key === undefined || !blsVerify(key, message, share.signature)) {
          this.wrong += 1;
          this.#shares.delete(share.server);
          continue;
        }
        this.#good.add(share);
      }
      partials.push({ place, signature: share.signature });
      if (partials.length === wanted) break;
    }
    if (partials.length < wanted) return undefined;
    const bytes = recoverSignature(partials);
    if (bytes === undefined) return undefined;
    this.#proof = { epoch, bytes };
    return bytes;
  }

  /** What a round made out of date. */
  forget(): void {
    const { epoch, generation } = this.#next();
    for (const [server, share] of this.#shares) {
      if (share.epoch === epoch && share.generation === generation) continue;
      this.#shares.delete(server);
      this.#good.delete(share);
    }
    if (this.#proof !== undefined && this.#proof.epoch !== epoch) this.#proof = undefined;
  }

  #keyOf(server: number, generation: number): Uint8Array | undefined {
    if (this.#keysOf !== generation) this.#keys.clear();
    this.#keysOf = generation;
    let key = this.#keys.get(server);
    if (key === undefined) {
      key = publicShare(this.#ledger.beacon.group, sharePlace(server));
      if (key !== undefined) this.#keys.set(server, key);
    }
    return key;
  }

  #next(): { readonly epoch: number; readonly generation: number } {
    return { epoch: this.#ledger.epoch + 1, generation: this.#ledger.beacon.generation };
  }
}
