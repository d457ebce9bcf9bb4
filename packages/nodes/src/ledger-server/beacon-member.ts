import {
  combineShares,
  commitmentsOf,
  dealerWeights,
  isShare,
  type Polynomial,
  polynomialFrom,
  publicShare,
  sharePlace,
  valueAt,
} from '@iotw/assignment/shared-key';
import { g1Base, readScalar, scalarBytes } from '@iotw/kernel/bls-group';
import { concatBytes, equalBytes, readU32, utf8, writeU32 } from '@iotw/kernel/bytes';
import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { boxPublicKey, openAtRest, openBox, sealAtRest, sealBox } from '@iotw/kernel/sealed';
import { sha256 } from '@iotw/kernel/sha256';
import { thresholdOf } from '@iotw/ledger/beacon-ceremony';
import type { Ledger } from '@iotw/ledger/ledger';
import {
  BEACON_KIND,
  type BeaconMessage,
  beaconDigest,
  encodeAccused,
  encodeOpenShares,
  SEALED_SHARE_BYTES,
  sealedShareContext,
} from '@iotw/protocol/beacon';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import type { HeldKeys } from '../held-keys.js';

export const BEACON_TABLE = 'beacon';
const CEREMONY_KEY = utf8('ceremony');
const SHARE_KEY = utf8('share');
const SALT_BYTES = 32;

/** What a ledger server's store holds of its part in the shared key; sealed, useless without its keys. */
export interface BeaconStored {
  readonly ceremony: Uint8Array | undefined;
  readonly share: Uint8Array | undefined;
}

export function readBeaconStore(store: Pick<Store, 'get'>): BeaconStored {
  return {
    ceremony: store.get(BEACON_TABLE, CEREMONY_KEY),
    share: store.get(BEACON_TABLE, SHARE_KEY),
  };
}

export interface BeaconMemberOptions {
  readonly index: number;
  readonly keys: HeldKeys;
  readonly vrfKeys: KeyPair;
  readonly ledger: Ledger;
  /** 32 bytes that nobody can guess, fresh with every call. */
  readonly entropy: () => Uint8Array;
  readonly stored: BeaconStored;
}

/** A secret with the number of the ceremony that it belongs to. */
interface Numbered {
  readonly ceremony: number;
  readonly bytes: Uint8Array;
}

/** What a member has to say now, and what must be durable before it says more. */
export interface BeaconDuty {
  readonly messages: readonly BeaconMessage[];
  readonly writes: readonly Write[];
}

/**
 * A ledger server's part in the key ceremonies (spec: 6.7): joins, deals, checks what it was dealt, opens what it
 * is accused of, and keeps its share. What it must say follows from the ledger and from one secret per ceremony,
 * which is durable before anybody hears of it: a restart says the same again.
 */
export class BeaconMember {
  readonly #options: BeaconMemberOptions;
  readonly #storageKey: Uint8Array;
  #secret: Numbered | undefined;
  #secretDurable = false;
  #share: Numbered | undefined;
  /** What dealers of a ceremony handed this member, as far as it is good. */
  #handed: { readonly ceremony: number; readonly shares: Map<number, Uint8Array> } | undefined;

  constructor(options: BeaconMemberOptions) {
    this.#options = options;
    this.#storageKey = sha256(concatBytes(utf8('iotw/v1/beacon-storage'), options.vrfKeys.secretKey));
    this.#secret = this.#open(options.stored.ceremony, 'ceremony');
    this.#secretDurable = this.#secret !== undefined;
    this.#share = this.#open(options.stored.share, 'share');
  }

  /** This server's share of the key in use, 32 bytes; `undefined` where it has none. */
  get share(): Uint8Array | undefined {
    const { beacon } = this.#options.ledger;
    if (beacon.groupThreshold === 0 || this.#share?.ceremony !== beacon.generation) return undefined;
    return this.#share.bytes;
  }

  /** The last writes of a duty are durable. */
  durable(): void {
    this.#secretDurable = true;
  }

  /** What is to be said and written at that agreed time; the same again until the ledger has it. */
  duty(timeMs: number): BeaconDuty {
    const writes: Write[] = [];
    this.#takeShare(writes);
    const content = this.#say(timeMs, writes);
    if (content === undefined) return { messages: [], writes };
    const { ledger, index, keys } = this.#options;
    const message = { ...content, server: index };
    const { secretKey } = keys.listed(ledger.ledgerServers.key(index));
    const signature = sign(beaconDigest(ledger.network, message), secretKey);
    return { messages: [{ ...message, signature }], writes };
  }

  #say(timeMs: number, writes: Write[]): Omit<BeaconMessage, 'server' | 'signature'> | undefined {
    const { ledger, index } = this.#options;
    const { beacon } = ledger;
    const { members, ceremony } = beacon;
    switch (beacon.phase) {
      case 'idle':
        if (!this.#wantsCeremony() || !ledger.mayOpenCeremony(timeMs)) return undefined;
        return this.#join(ceremony + 1, writes);
      case 'join':
        if (this.#suspended || members.col.joined[index] === ceremony) return undefined;
        return this.#join(ceremony, writes);
      case 'deal':
        return members.col.dealt[index] === ceremony ? undefined : this.#deal(ceremony);
      case 'check':
        if (members.col.joined[index] !== ceremony || members.col.checked[index] === ceremony)
          return undefined;
        return this.#check(ceremony);
      case 'justify':
        if (members.col.dealt[index] !== ceremony || members.col.justified[index] === ceremony)
          return undefined;
        return this.#justify(ceremony);
    }
  }

  /** No share of the key, another threshold than the parameters ask for, a share in suspended hands, a key that failed. */
  #wantsCeremony(): boolean {
    const { beacon, parameters, ledgerServers } = this.#options.ledger;
    if (parameters.seedSource !== SEED_SOURCE.threshold || this.#suspended) return false;
    if (this.share === undefined || beacon.lost) return true;
    const serving = ledgerServers.serving();
    const threshold = thresholdOf(parameters.beaconThreshold, serving.length);
    return (
      beacon.groupThreshold !== threshold || beacon.holders().some((holder) => !serving.includes(holder))
    );
  }

  /** Votes keep it out of ceremonies. */
  get #suspended(): boolean {
    const { ledger, index } = this.#options;
    return !ledger.ledgerServers.serving().includes(index);
  }

  #join(ceremony: number, writes: Write[]): Omit<BeaconMessage, 'server' | 'signature'> | undefined {
    if (this.#secret?.ceremony !== ceremony) {
      this.#secret = { ceremony, bytes: this.#options.entropy() };
      this.#secretDurable = false;
      writes.push(this.#sealed('ceremony', this.#secret));
    }
    // What a crash could make it forget, nobody may rely on.
    if (!this.#secretDurable) return undefined;
    return { ceremony, kind: BEACON_KIND.join, body: boxPublicKey(this.#boxSecret(this.#secret)) };
  }

  #deal(ceremony: number): Omit<BeaconMessage, 'server' | 'signature'> | undefined {
    const { ledger, index } = this.#options;
    const { beacon, network } = ledger;
    const polynomial = this.#polynomial(ceremony);
    if (polynomial === undefined || !beacon.dealers().includes(index)) return undefined;
    const boxes = beacon.joined().map((member) => {
      const content = scalarBytes(valueAt(polynomial, sharePlace(member)));
      const key = beacon.members.bytes('joinKey', member);
      const context = sealedShareContext(network, ceremony, index, member);
      // A key of small order opens nothing: its owner has itself to thank.
      return (
        sealBox(this.#boxSecret(this.#secret!), key, context, content) ?? new Uint8Array(SEALED_SHARE_BYTES)
      );
    });
    return { ceremony, kind: BEACON_KIND.deal, body: concatBytes(commitmentsOf(polynomial), ...boxes) };
  }

  #check(ceremony: number): Omit<BeaconMessage, 'server' | 'signature'> | undefined {
    if (this.#secret?.ceremony !== ceremony) return undefined;
    const handed = this.#handedIn(ceremony);
    const accused = this.#options.ledger.beacon.dealt().filter((dealer) => !handed.has(dealer));
    return { ceremony, kind: BEACON_KIND.check, body: encodeAccused(accused) };
  }

  #justify(ceremony: number): Omit<BeaconMessage, 'server' | 'signature'> | undefined {
    const { ledger, index } = this.#options;
    const accusers = ledger.beacon.accusersOf(index);
    const polynomial = this.#polynomial(ceremony);
    if (accusers.length === 0 || polynomial === undefined) return undefined;
    const shares = accusers.map((server) => ({
      server,
      share: scalarBytes(valueAt(polynomial, sharePlace(server))),
    }));
    return { ceremony, kind: BEACON_KIND.justify, body: encodeOpenShares(shares) };
  }

  /** This dealer's polynomial: its old share or a fresh secret, and coefficients, all of its ceremony secret. */
  #polynomial(ceremony: number): Polynomial | undefined {
    const { beacon } = this.#options.ledger;
    if (this.#secret?.ceremony !== ceremony) return undefined;
    const secret = sha256(concatBytes(utf8('iotw/v1/beacon-polynomial'), this.#secret.bytes));
    const threshold = beacon.col.threshold[0]!;
    if (beacon.col.fresh[0] === 1) return polynomialFrom(secret, threshold);
    const { share } = this;
    return share === undefined ? undefined : polynomialFrom(secret, threshold, readScalar(share));
  }

  /** Good shares by dealer, of those that dealt by now. */
  #handedIn(ceremony: number): Map<number, Uint8Array> {
    const { ledger, index } = this.#options;
    const { beacon, network } = ledger;
    if (this.#handed?.ceremony !== ceremony) this.#handed = { ceremony, shares: new Map() };
    const { shares } = this.#handed;
    const threshold = beacon.col.threshold[0]!;
    for (const dealer of beacon.dealt()) {
      if (shares.has(dealer)) continue;
      const share = openBox(
        this.#boxSecret(this.#secret!),
        beacon.members.bytes('joinKey', dealer),
        sealedShareContext(network, ceremony, dealer, index),
        beacon.members.box(dealer, index),
      );
      if (share?.length !== 32) continue;
      if (isShare(beacon.members.commitments(dealer, threshold), sharePlace(index), share))
        shares.set(dealer, share);
    }
    return shares;
  }

  /** After a ceremony: the share of the key it made, out of what the qualified dealers handed over or opened. */
  #takeShare(writes: Write[]): void {
    const { ledger, index } = this.#options;
    const { beacon } = ledger;
    const ceremony = beacon.generation;
    if (beacon.phase !== 'idle' || !beacon.holds(index)) return;
    if (this.#share?.ceremony === ceremony || this.#secret?.ceremony !== ceremony) return;
    const handed = this.#handedIn(ceremony);
    const qualified = beacon.qualified();
    const shares = qualified.map((dealer) => {
      if (handed.has(dealer)) return handed.get(dealer)!;
      return beacon.members.has('met', dealer, index) ? beacon.members.opened(dealer, index) : undefined;
    });
    if (!shares.every((share) => share !== undefined)) return;
    const weights = dealerWeights(qualified.map(sharePlace), beacon.col.fresh[0] === 0);
    const share = combineShares(shares, weights);
    const value = readScalar(share);
    const expected = publicShare(beacon.group, sharePlace(index));
    if (!value || expected === undefined || !equalBytes(g1Base(value), expected)) return;
    this.#share = { ceremony, bytes: share };
    writes.push(this.#sealed('share', this.#share));
    // Nobody who gets hold of this server later shall learn what it dealt.
    this.#secret = undefined;
    this.#handed = undefined;
    writes.push({ table: BEACON_TABLE, key: CEREMONY_KEY, value: undefined });
  }

  #boxSecret({ bytes }: Numbered): Uint8Array {
    return sha256(concatBytes(utf8('iotw/v1/beacon-box'), bytes));
  }

  #sealed(name: 'ceremony' | 'share', { ceremony, bytes }: Numbered): Write {
    const salt = this.#options.entropy();
    const head = new Uint8Array(4);
    writeU32(head, 0, ceremony);
    const box = sealAtRest(this.#storageKey, this.#context(name, head, salt), bytes);
    const key = name === 'ceremony' ? CEREMONY_KEY : SHARE_KEY;
    return { table: BEACON_TABLE, key, value: concatBytes(head, salt, box) };
  }

  /** What was stored, where it opens with this server's keys. */
  #open(value: Uint8Array | undefined, name: 'ceremony' | 'share'): Numbered | undefined {
    if (value === undefined || value.length < 4 + SALT_BYTES) return undefined;
    const head = value.subarray(0, 4);
    const salt = value.subarray(4, 4 + SALT_BYTES);
    const bytes = openAtRest(
      this.#storageKey,
      this.#context(name, head, salt),
      value.subarray(4 + SALT_BYTES),
    );
    return bytes?.length === 32 ? { ceremony: readU32(head, 0), bytes } : undefined;
  }

  #context(name: string, head: Uint8Array, salt: Uint8Array): Uint8Array {
    return concatBytes(utf8(name), this.#options.ledger.network, head, salt);
  }
}
