import type { Parameters } from '@iotw/protocol/parameters';
import type { PublicBlock } from '@iotw/protocol/public-data';
import type { Transaction } from '@iotw/protocol/transaction';

/** How many epochs before its own a pool is frozen (spec: clause 6.2). */
const POOL_LEAD = 3;
/** The term of who stays out until a vote. */
const UNTIL_A_VOTE = Number.POSITIVE_INFINITY;

interface Removal {
  readonly from: number;
  /** First round whose draws may name the device again; 0 while it is out. */
  until: number;
}

/** The epoch whose beginning ends the term of a device that is blacklisted in `epoch` (spec: clause 8.8). */
export function blacklistTerm(
  epoch: number,
  { blacklistEpochs }: Pick<Parameters, 'blacklistEpochs'>,
): number {
  return blacklistEpochs === 0 ? UNTIL_A_VOTE : epoch + POOL_LEAD + blacklistEpochs;
}

/** Whether a block removes devices: by its certificate, or by evidence among the transactions that took effect. */
export function removesDevices(
  { block }: PublicBlock,
  applied: readonly Pick<Transaction, 'operations'>[],
): boolean {
  return (
    block.certificate.incoherent.length > 0 ||
    applied.some(({ operations }) => operations.some(({ type }) => type === 'evidence'))
  );
}

/** Which devices were left out of draws in the state of which round (spec: clauses 7.6, 8.7, 8.8). */
export class Removals {
  readonly #removals = new Map<number, Removal[]>();
  /** Of who is out: the epoch whose beginning ends its term. */
  readonly #terms = new Map<number, number>();

  /** Whether a draw that refers to `refRound` passes the device over. */
  covers(device: number, refRound: number): boolean {
    return (this.#removals.get(device) ?? []).some(
      ({ from, until }) => from <= refRound && (until === 0 || refRound < until),
    );
  }

  /** The device is blacklisted in `round` until epoch `term` begins; a longer term that runs already stands. */
  remove(device: number, round: number, term: number): void {
    const running = this.#terms.get(device);
    this.#terms.set(device, Math.max(running ?? 0, term));
    if (running !== undefined) return;
    const known = this.#removals.get(device) ?? [];
    known.push({ from: round, until: 0 });
    this.#removals.set(device, known);
  }

  /** On appeal, by a vote, or at the end of its term: draws that refer to a later round may name it. */
  reinstate(device: number, round: number): void {
    if (!this.#terms.delete(device)) return;
    this.#removals.get(device)!.at(-1)!.until = round + 1;
  }

  /** Epoch `begins` begins with `round`. A pool that holds a device again does not end its term. */
  epochBegins(begins: number, round: number): void {
    for (const [device, term] of [...this.#terms]) if (term <= begins) this.reinstate(device, round);
  }
}
