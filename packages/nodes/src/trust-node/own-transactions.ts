import { hasZeroBits } from '@iotw/assignment/tickets';
import { BoundedMap } from '@iotw/kernel/bounded-map';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { presenceDigest, ticketAlpha } from '@iotw/protocol/digests';
import type { Appeal, Evidence, Operation, Presence, Ticket } from '@iotw/protocol/operations';
import { ENVELOPE, signTransaction } from '@iotw/protocol/transaction';
import { newSubmission, type Submission } from '../intake/submission.js';
import type { TrustNodeContext } from './context.js';
import { ProofQueue } from './proof-queue.js';

/** A node's own transactions expire after this much agreed time, ms. */
const LIFETIME_MS = 60_000;
/** After a restart the sequences of transactions that may still be on their way are left alone. */
const RESTART_GAP = 32;
const REMEMBERED_TICKETS = 65_536;
/** Transactions on their way at once: the ledger takes sequences only within 64 above the highest used one. */
const MAX_UNDECIDED = 16;

type AnyTicket = Extract<Operation, { type: 'presence' | 'ticket' }>;

/** The transactions a trust node sends from its own account: tickets of devices, evidence, appeals. */
export class OwnTransactions {
  readonly #context: TrustNodeContext;
  #tickets: AnyTicket[] = [];
  readonly #proofs = new ProofQueue();
  readonly #seen = new BoundedMap<string, true>(REMEMBERED_TICKETS);
  #oldestTicketMs: number | undefined;
  readonly #address: string | undefined;
  /** Epoch in which the address was sent last. */
  #addressEpoch = -1;
  #nextSequence: number;
  #undecided = 0;

  constructor(context: TrustNodeContext, highestSequence: number, address?: string) {
    this.#context = context;
    this.#address = address;
    this.#nextSequence = highestSequence === 0 ? 1 : highestSequence + RESTART_GAP;
  }

  /** The ledger's highest used sequence of this account, where the view told one that was not known yet. */
  catchUp(highestSequence: number): void {
    if (highestSequence >= this.#nextSequence) this.#nextSequence = highestSequence + RESTART_GAP;
  }

  /** A device's ticket: false where it is for another time, another host, a repetition, or not signed by the device. */
  addTicket(ticket: Presence, deviceKey: Uint8Array, nowMs: number): boolean {
    const { view, limits, network, checker } = this.#context;
    // By key, not by the number it claims: no device can use up another's ticket.
    const id = `${toHex(deviceKey)}/${ticket.epoch}`;
    if (ticket.epoch !== view.epoch || this.#tickets.length >= limits.maxTickets || this.#seen.has(id))
      return false;
    const digest = presenceDigest(network, ticket.device, ticket.epoch, ticket.host);
    // Kept by the checker: the ledger of this process need not verify it again.
    if (!checker.verify(ticket.signature, digest, deviceKey)) return false;
    this.#keep(id, { type: 'presence', ...ticket }, nowMs);
    return true;
  }

  /**
   * A device's ticket for the next epoch's pool: false where none is asked for, it is for another time, a
   * repetition, not the device's, or has not won for certain.
   */
  addElectionTicket(ticket: Ticket, deviceKey: Uint8Array, nowMs: number): boolean {
    const { view, limits, network, checker } = this.#context;
    const id = `election/${toHex(deviceKey)}/${ticket.epoch}`;
    const asked = view.tickets;
    if (asked === undefined || ticket.epoch !== view.epoch) return false;
    if (this.#tickets.length >= limits.maxTickets || this.#seen.has(id)) return false;
    // Before the proof is looked at, which costs as much as 15 signatures: a device has one try an epoch.
    this.#seen.set(id, true);
    const alpha = ticketAlpha(network, asked.seed, ticket.epoch, ticket.device);
    const output = checker.vrfOutput(deviceKey, alpha, ticket.proof);
    if (output === undefined || !hasZeroBits(output, asked.bits)) return false;
    this.#keep(id, { type: 'ticket', ...ticket }, nowMs);
    return true;
  }

  #keep(id: string, ticket: AnyTicket, nowMs: number): void {
    this.#seen.set(id, true);
    this.#tickets.push(ticket);
    this.#oldestTicketMs ??= nowMs;
  }

  addEvidence(evidence: Evidence): void {
    this.#proofs.add({ type: 'evidence', ...evidence });
  }

  addAppeal(appeal: Appeal): void {
    this.#proofs.add({ type: 'appeal', ...appeal });
  }

  /** The next transaction, if one is due; it is signed and needs no verification. */
  next(nowMs: number): Submission | undefined {
    const { limits } = this.#context;
    if (this.#undecided >= MAX_UNDECIDED) return undefined;
    // Each alone: one that comes too late must not undo another.
    const proof = this.#proofs.next(this.#context.view.epoch, (operation) => this.#sign([operation]));
    if (proof !== undefined) return proof;
    if (this.#addressDue()) return this.#sign([this.#tellAddress()]);
    const due = this.#oldestTicketMs !== undefined && nowMs - this.#oldestTicketMs >= limits.ticketLingerMs;
    if (!due && this.#tickets.length < limits.ticketsPerTransaction) return undefined;
    const { epoch } = this.#context.view;
    // Those of an epoch that is over are worth nothing; after a suspension they may be many.
    this.#tickets = this.#tickets.filter((ticket) => ticket.epoch === epoch);
    const tickets = this.#tickets.splice(0, limits.ticketsPerTransaction);
    this.#oldestTicketMs = this.#tickets.length > 0 ? nowMs : undefined;
    // The ledger lets each ticket of such a transaction stand alone: a bad one costs the others nothing.
    return tickets.length === 0 ? undefined : this.#sign(tickets);
  }

  /** Once an epoch while the ledger says another: the account may have to be funded first. */
  #addressDue(): boolean {
    if (this.#address === undefined) return false;
    const { view, index } = this.#context;
    return view.nodes.trust[index]?.address !== this.#address && this.#addressEpoch !== view.epoch;
  }

  #tellAddress(): Operation {
    this.#addressEpoch = this.#context.view.epoch;
    return { type: 'nodeAddress', index: this.#context.index, address: utf8(this.#address!) };
  }

  #sign(operations: readonly Operation[]): Submission {
    const { network, accountKeys, view, checker } = this.#context;
    const { id, envelope } = signTransaction(
      network,
      {
        sender: accountKeys.publicKey,
        sequence: this.#nextSequence++,
        expiryMs: view.timeMs + LIFETIME_MS,
        operations,
        memo: new Uint8Array(0),
      },
      accountKeys,
    );
    checker.markValid(envelope.subarray(ENVELOPE.signature, ENVELOPE.transaction), id, accountKeys.publicKey);
    const submission = newSubmission(
      { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) },
      OWN_TRANSACTION,
    );
    submission.ids = id;
    this.#undecided += 1;
    return submission;
  }

  /** One of them was decided, or found no room in the lane. */
  decided(submission: Submission): void {
    this.#undecided -= 1;
    this.#proofs.decided(submission, this.#context.view.epoch);
  }

  nextDeadlineMs(): number | undefined {
    return this.#oldestTicketMs === undefined
      ? undefined
      : this.#oldestTicketMs + this.#context.limits.ticketLingerMs;
  }
}

/** Tag of submissions that nobody outside waits for. */
export const OWN_TRANSACTION = Symbol('own transaction');
