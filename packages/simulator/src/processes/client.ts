import { concatBytes, readU16, toHex } from '@iotw/kernel/bytes';
import type { Prng } from '@iotw/kernel/prng';
import { ledgerPeer, trustPeer } from '@iotw/nodes/messages';
import { encodeBody } from '@iotw/protocol/body';
import { FIRST_SENDER_CODE } from '@iotw/protocol/result';
import type { SignedTransaction } from '@iotw/protocol/transaction';
import type { DurableResults } from '../invariants/invariant.js';
import type { Endpoint } from '../world/faulty-network.js';
import type { World } from '../world/world.js';

const RETRY_MS = 500;
/** Codes from here on are a node's own words, no result of the ledger. */
const FIRST_LOCAL_CODE = 0xff00;

interface Waiting {
  readonly id: string;
  readonly transaction: SignedTransaction;
  readonly expiryMs: number;
  readonly sinceMs: number;
  attempts: number;
}

/** A customer's program: submits in batches, asks and submits again elsewhere until it knows a final result. */
export class Client implements Endpoint {
  readonly name: string;
  readonly #world: World;
  readonly #prng: Prng;
  readonly #results: () => readonly DurableResults[];
  readonly #waiting = new Map<string, Waiting>();
  /** Transactions whose final result is known. */
  settled = 0;
  /** Simulated ms from submission to a known final result, in the order in which they became known. */
  readonly finalityMs: number[] = [];

  constructor(world: World, index: number, results: () => readonly DurableResults[]) {
    this.name = `client:${index}`;
    this.#world = world;
    this.#prng = world.prng.fork(this.name);
    this.#results = results;
    world.network.attach(this.name, this);
  }

  /** Waiting transactions that may still come in at that agreed time, ms. */
  openAt(timeMs: number): number {
    let open = 0;
    for (const { expiryMs } of this.#waiting.values()) if (expiryMs >= timeMs) open += 1;
    return open;
  }

  /** Signed transactions with their expiry, handed over to be brought to the ledger. */
  submit(batch: readonly { readonly transaction: SignedTransaction; readonly expiryMs: number }[]): void {
    const entries = batch.map(({ transaction, expiryMs }) => ({
      id: toHex(transaction.id),
      transaction,
      expiryMs,
      sinceMs: this.#world.nowMs,
      attempts: 0,
    }));
    for (const entry of entries) this.#waiting.set(entry.id, entry);
    this.#try(entries);
  }

  #try(entries: readonly Waiting[]): void {
    const open = entries.filter(({ id }) => this.#waiting.has(id));
    if (open.length === 0) return;
    const { network, genesis, events, coverage } = this.#world;
    const attempt = open[0]!.attempts;
    for (const entry of open) entry.attempts += 1;
    if (attempt > 0) coverage.add('clientRetries');
    // Every other time it only asks: the transaction may be final long since.
    if (attempt % 2 === 1) {
      const to = ledgerPeer(this.#prng.below(genesis.ledgerServers.length));
      network.send(this.name, to, 'query', concatBytes(...open.map(({ transaction }) => transaction.id)));
    } else {
      const to = trustPeer(this.#prng.below(genesis.trustNodes.length));
      const body = encodeBody(open.map(({ transaction }) => transaction.envelope));
      network.send(this.name, to, 'submit', body.bytes);
    }
    events.after(RETRY_MS / 2 + this.#prng.below(RETRY_MS), () => this.#try(open));
  }

  receive(_from: string, bytes: Uint8Array): void {
    for (let at = 0; at + 34 <= bytes.length; at += 34) {
      const id = toHex(bytes.subarray(at, at + 32));
      const code = readU16(bytes, at + 32);
      // What used up no sequence says nothing: another lane may have brought it in.
      const final = code === 0 || (code >= FIRST_SENDER_CODE && code < FIRST_LOCAL_CODE);
      const waiting = this.#waiting.get(id);
      if (!final || waiting === undefined) continue;
      this.#waiting.delete(id);
      this.finalityMs.push(this.#world.nowMs - waiting.sinceMs);
      this.settled += 1;
      this.#world.coverage.add(code === 0 ? 'finalTransactions' : 'failedTransactions');
      this.#world.invariants.final(id, code, this.#results());
    }
  }
}
