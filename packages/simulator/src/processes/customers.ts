import type { KeyPair } from '@iotw/kernel/ed25519';
import { sign } from '@iotw/kernel/ed25519';
import type { Prng } from '@iotw/kernel/prng';
import { claimDigest, handoverDigest, revokeDigest } from '@iotw/protocol/digests';
import { BASE_UNITS } from '@iotw/protocol/limits';
import { type Operation, REVOKE_KIND, TRADE_SIDE } from '@iotw/protocol/operations';
import { type SignedTransaction, signTransaction } from '@iotw/protocol/transaction';
import type { World } from '../world/world.js';
import { START_MS } from '../world/world-genesis.js';
import type { Client } from './client.js';
import { tradeTerms } from './trade-terms.js';

const LIFETIME_MS = 600_000;
const SHORT_LIFETIME_MS = 400;

/** What people want: transactions of every account over the time of the run, handed to the clients in batches. */
export class Customers {
  readonly #world: World;
  readonly #clients: readonly Client[];
  readonly #prng: Prng;
  readonly #sequences: number[];
  readonly #total: number;
  #sent = 0;
  #revoked = false;

  constructor(world: World, clients: readonly Client[], total: number) {
    this.#world = world;
    this.#clients = clients;
    this.#prng = world.prng.fork('customers');
    this.#sequences = world.keys.accounts.map(() => 0);
    this.#total = total;
  }

  /** Transactions given to the clients so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Spreads the transactions over `overMs`, in bursts of up to `most`. */
  start(overMs: number, most: number): void {
    const bursts = Math.ceil((2 * this.#total) / (1 + most));
    const gap = Math.max(1, Math.floor((2 * overMs) / bursts));
    const burst = (): void => {
      const count = Math.min(1 + this.#prng.below(most), this.#total - this.#sent);
      if (count === 0) return;
      this.#sent += count;
      const batch = Array.from({ length: count }, () => this.#make());
      this.#prng.pick(this.#clients).submit(batch);
      this.#world.events.after(this.#prng.below(gap), burst);
    };
    this.#world.events.after(0, burst);
  }

  #make(): { readonly transaction: SignedTransaction; readonly expiryMs: number } {
    const { keys, id } = this.#world;
    const account = this.#prng.below(keys.accounts.length);
    const pair = keys.accounts[account]!;
    const short = this.#prng.chance(1, 50);
    const expiryMs = START_MS + this.#world.nowMs + (short ? SHORT_LIFETIME_MS : LIFETIME_MS);
    const sequence = ++this.#sequences[account]!;
    const operations = this.#operations(pair);
    const transaction = signTransaction(
      id,
      { sender: pair.publicKey, sequence, expiryMs, operations, memo: new Uint8Array(0) },
      pair,
    );
    return { transaction, expiryMs };
  }

  #operations(sender: KeyPair): Operation[] {
    const prng = this.#prng;
    const { keys } = this.#world;
    const to = prng.pick(keys.accounts.filter((pair) => pair !== sender));
    const kind = prng.below(100);
    if (kind === 0 && !this.#revoked && this.#sent > this.#total / 3) return this.#revoke();
    if (kind < 5) return [{ type: 'transferToKey', to: prng.bytes(32), amount: 1 + prng.below(BASE_UNITS) }];
    if (kind < 10)
      // More than anybody has.
      return [{ type: 'transferToKey', to: to.publicKey, amount: 100_000 * BASE_UNITS }];
    if (kind < 20)
      return Array.from({ length: 2 + prng.below(6) }, () => ({
        type: 'transferToKey' as const,
        to: to.publicKey,
        amount: 1 + prng.below(1_000),
      }));
    if (kind >= 30 && kind < 34) {
      const business = this.#deviceBusiness(sender, to);
      if (business !== undefined) return [business];
    }
    if (kind < 30)
      return [
        {
          type: 'trade',
          side: TRADE_SIDE.buyer,
          counterparty: to.publicKey,
          amount: 1 + prng.below(BASE_UNITS),
          ...tradeTerms(prng),
        },
      ];
    return [{ type: 'transfer', to: prng.below(keys.accounts.length), amount: 1 + prng.below(BASE_UNITS) }];
  }

  /** Claims a device, lets one go or hands one over; now and then by a word that was good before. */
  #deviceBusiness(sender: KeyPair, to: KeyPair): Operation | undefined {
    const prng = this.#prng;
    const { id, keys, genesis } = this.#world;
    const ledger = this.#world.newest();
    if (ledger === undefined) return undefined;
    const self = ledger.accounts.find(sender.publicKey, 0);
    const { owner, changes } = ledger.devices.col;
    const index = prng.below(genesis.devices.length);
    const owned = genesis.devices.findIndex((_, i) => i >= index && owner[i] === self);
    const device = owned === -1 || prng.chance(1, 2) ? index : owned;
    const { key } = genesis.devices[device]!;
    const count = Math.max(0, changes[device]! - (prng.chance(1, 6) ? 1 : 0));
    if (owner[device] !== self) {
      const digest = claimDigest(id, key, sender.publicKey, count);
      return {
        type: 'deviceClaim',
        device: key,
        deviceSignature: sign(digest, keys.devices[device]!.secretKey),
      };
    }
    if (prng.chance(1, 3)) return { type: 'deviceRelease', device: key };
    const digest = handoverDigest(id, key, sender.publicKey, to.publicKey, count);
    // Sometimes nobody asked who is to have it.
    const by = prng.chance(1, 6) ? sender : to;
    return {
      type: 'deviceHandover',
      device: key,
      to: to.publicKey,
      acceptance: sign(digest, by.secretKey),
    };
  }

  /** A maker takes a batch of devices back. */
  #revoke(): Operation[] {
    this.#revoked = true;
    const maker = this.#prng.below(this.#world.keys.makers.length);
    const content = { maker, kind: REVOKE_KIND.batch, device: new Uint8Array(32), batch: 1 };
    const signature = sign(revokeDigest(this.#world.id, content), this.#world.keys.makers[maker]!.secretKey);
    this.#world.coverage.add('batchesRevoked');
    return [{ type: 'deviceRevoke', ...content, signature }];
  }
}
