import type { BeaconMessage } from '@iotw/protocol/beacon';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import type { NodeEffect } from '../effects.js';
import { ledgerPeer, type PeerId, type PeerMessage, type SeedShare } from '../messages.js';
import { BeaconMember, type BeaconMemberOptions } from './beacon-member.js';
import { SeedShares } from './seed-shares.js';

export interface BeaconRoleOptions extends BeaconMemberOptions {}

/**
 * All that a ledger server does for the shared key: its words in ceremonies, its signatures for seeds, and what
 * it has heard from the others that a round should hold. Whatever is said is said again at every tick until the
 * ledger has it.
 */
export class BeaconRole {
  readonly #options: BeaconRoleOptions;
  readonly #member: BeaconMember;
  readonly #shares: SeedShares;
  /** Words that would count now, by who said them. */
  readonly #waiting = new Map<number, BeaconMessage>();
  /** Token of the writes on their way. */
  #writing: number | undefined;

  constructor(options: BeaconRoleOptions) {
    this.#options = options;
    this.#member = new BeaconMember(options);
    this.#shares = new SeedShares(options.ledger, options.index);
  }

  /** Members' signatures that were wrong, since the start. */
  get wrong(): number {
    return this.#shares.wrong;
  }

  /** Says and signs what is due at that agreed time. `token` is asked for where something must become durable. */
  duties(timeMs: number, token: () => number, effects: NodeEffect[]): void {
    if (this.#writing === undefined) {
      const { messages, writes } = this.#member.duty(timeMs);
      if (writes.length > 0) {
        this.#writing = token();
        effects.push({ kind: 'persist', token: this.#writing, writes });
      }
      for (const message of messages) {
        this.#take(message, timeMs);
        this.#tell({ kind: 'beacon', message }, effects);
      }
    }
    const share = this.seedShare(timeMs);
    if (share !== undefined) this.#tell({ kind: 'seed-share', share }, effects);
  }

  /** Its signature for the next epoch's seed, where that is due at that agreed time. */
  seedShare(timeMs: number): SeedShare | undefined {
    const { ledger } = this.#options;
    const { share } = this.#member;
    const signs = ledger.parameters.seedSource === SEED_SOURCE.threshold && ledger.epochDue(timeMs);
    return !signs || share === undefined || ledger.beacon.emergency !== undefined
      ? undefined
      : this.#shares.own(share);
  }

  /** Whether those were this role's writes, which are durable now. */
  persisted(token: number): boolean {
    if (token !== this.#writing) return false;
    this.#writing = undefined;
    this.#member.durable();
    return true;
  }

  heard(from: PeerId, message: PeerMessage, timeMs: number): void {
    if (message.kind === 'beacon' && from === ledgerPeer(message.message.server))
      this.#take(message.message, timeMs);
    if (message.kind === 'seed-share' && from === ledgerPeer(message.share.server))
      this.#shares.add(message.share);
  }

  /** Words for the next round. */
  messages(): BeaconMessage[] {
    return [...this.#waiting.values()].sort((a, b) => a.server - b.server);
  }

  /** The group's signature for the next epoch, once it can be made. */
  proof(): Uint8Array | undefined {
    return this.#shares.proof();
  }

  /** A round was applied: what does not count any more goes. */
  applied(): void {
    const { ledger } = this.#options;
    for (const [server, message] of this.#waiting) {
      if (!ledger.checkBeaconMessage(message, ledger.timeMs).ok) this.#waiting.delete(server);
    }
    this.#shares.forget();
  }

  #take(message: BeaconMessage, timeMs: number): void {
    // The first stays: a second that contradicts it can wait until a round has decided.
    if (this.#waiting.has(message.server)) return;
    if (this.#options.ledger.checkBeaconMessage(message, timeMs).ok)
      this.#waiting.set(message.server, message);
  }

  #tell(message: PeerMessage, effects: NodeEffect[]): void {
    const { index, ledger } = this.#options;
    for (let server = 0; server < ledger.ledgerServers.rows; server++) {
      if (server !== index) effects.push({ kind: 'send', to: ledgerPeer(server), message });
    }
  }
}
