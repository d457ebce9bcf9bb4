import type { RankedDraw } from '@iotw/assignment/draw';
import { isPerson } from '@iotw/assignment/people';
import { equalBytes } from '@iotw/kernel/bytes';
import type { Attestation } from '@iotw/protocol/attestation';
import { type IncoherentAttempt, MISS_KIND, type Miss, type ThresholdMiss } from '@iotw/protocol/certificate';
import type { PoolDevice } from '@iotw/protocol/pool';

export interface AttemptOptions {
  readonly draw: RankedDraw;
  readonly attempt: number;
  readonly ranksPerAttempt: number;
  readonly committeeSize: number;
  /** People (class user) beyond these seats are passed over without a miss, as the removed are. */
  readonly userSeats: number;
  /** Removed devices are passed over without a miss. */
  readonly removed: (device: number) => boolean;
}

export interface Seat {
  readonly rank: number;
  readonly device: PoolDevice;
  askedMs: number;
  /** The next rank was asked because this one is slow. */
  hedged: boolean;
  answer: Attestation | undefined;
  miss: Miss | undefined;
  /** Its host says that it has not answered yet: the next rank may take the place. */
  softMiss: Miss | undefined;
  /** Its host is overdue: the other trust nodes were asked to ask it. */
  inquired: boolean;
  /** Signatures under their statements that the host is silent, by witness. */
  readonly silences: Map<number, Uint8Array>;
  /** Enough of them. */
  thresholdMiss: ThresholdMiss | undefined;
}

/** Neither answered nor passed over. */
function isOpen({ answer, miss, thresholdMiss }: Seat): boolean {
  return answer === undefined && miss === undefined && thresholdMiss === undefined;
}

/** One attempt at a block's device committee: who is asked, who answered, who missed, when it is enough. */
export class Attempt {
  readonly number: number;
  readonly #options: AttemptOptions;
  readonly #seats: Seat[] = [];
  readonly #end: number;
  #nextRank: number;
  #exhausted = false;
  /** People at the ranks that were looked at. */
  #people = 0;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.number = options.attempt;
    this.#nextRank = options.attempt * options.ranksPerAttempt;
    this.#end = this.#nextRank + options.ranksPerAttempt;
  }

  /** No later attempt has anybody to ask. */
  get listEnds(): boolean {
    return this.#options.draw.eligible <= this.#end;
  }

  /** Ranks to ask now so that enough answers can still come; empty where nobody is left to ask. */
  ask(nowMs: number): Seat[] {
    const asked: Seat[] = [];
    let hopeful = 0;
    for (const seat of this.#seats) {
      if (seat.answer !== undefined || (isOpen(seat) && !seat.hedged)) hopeful += 1;
    }
    while (hopeful < this.#options.committeeSize) {
      const seat = this.#seatNext(nowMs);
      if (seat === undefined) break;
      asked.push(seat);
      hopeful += 1;
    }
    return asked;
  }

  #seatNext(nowMs: number): Seat | undefined {
    while (this.#nextRank < this.#end) {
      const rank = this.#nextRank++;
      const device = this.#options.draw.at(rank);
      if (device === undefined) break;
      if (this.#options.removed(device.device)) continue;
      if (isPerson(device) && this.#people++ >= this.#options.userSeats) continue;
      const seat: Seat = {
        rank,
        device,
        askedMs: nowMs,
        hedged: false,
        answer: undefined,
        miss: undefined,
        softMiss: undefined,
        inquired: false,
        silences: new Map(),
        thresholdMiss: undefined,
      };
      this.#seats.push(seat);
      return seat;
    }
    this.#exhausted = true;
    return undefined;
  }

  /** Seats that have been silent for longer than `hedgeMs`; each is reported once. */
  hedge(nowMs: number, hedgeMs: number): boolean {
    let any = false;
    for (const seat of this.#seats) {
      if (isOpen(seat) && !seat.hedged && nowMs - seat.askedMs >= hedgeMs) {
        seat.hedged = true;
        any = true;
      }
    }
    return any;
  }

  /** Seats that are neither answered nor missed: to be asked again after a loss. */
  silent(): readonly Seat[] {
    return this.#seats.filter(isOpen);
  }

  seat(rank: number): Seat | undefined {
    return this.#seats.find((seat) => seat.rank === rank);
  }

  /** The device that sits at a rank of this attempt and when it was asked. Answers are checked by the caller. */
  answer(attestation: Attestation): void {
    const seat = this.seat(attestation.rank);
    if (seat !== undefined && seat.answer === undefined) seat.answer = attestation;
  }

  miss(miss: Miss): void {
    const seat = this.seat(miss.rank);
    if (seat === undefined) return;
    if (miss.kind === MISS_KIND.hard) seat.miss ??= miss;
    else if (miss.kind === MISS_KIND.soft) {
      seat.softMiss ??= miss;
      seat.hedged = true;
    }
  }

  get answers(): Attestation[] {
    return this.#seats.flatMap((seat) => (seat.answer === undefined ? [] : [seat.answer]));
  }

  /** Hard misses of seats that stayed silent; an answer that came after its miss wins. */
  get misses(): Miss[] {
    return this.#seats.flatMap((seat) =>
      seat.answer === undefined && seat.miss !== undefined ? [seat.miss] : [],
    );
  }

  /** Soft misses of seats below the last answer of a whole committee that have nothing better; else none. */
  get softMisses(): Miss[] {
    const softMisses: Miss[] = [];
    let answered = 0;
    for (const seat of this.#seats) {
      if (seat.answer !== undefined) answered += 1;
      else if (isOpen(seat) && seat.softMiss !== undefined) softMisses.push(seat.softMiss);
      if (answered === this.#options.committeeSize) return softMisses;
    }
    return [];
  }

  /** Misses by threshold of seats whose host gave neither. */
  get thresholdMisses(): ThresholdMiss[] {
    return this.#seats.flatMap((seat) =>
      seat.answer === undefined && seat.miss === undefined && seat.thresholdMiss !== undefined
        ? [seat.thresholdMiss]
        : [],
    );
  }

  /** Forgets every miss and statement that `keeps` does not find good any more; true where there was one. */
  retire(keeps: {
    readonly miss: (miss: Miss) => boolean;
    readonly silence: (seat: Seat, witness: number, signature: Uint8Array) => boolean;
  }): boolean {
    let any = false;
    for (const seat of this.#seats) {
      if (seat.miss !== undefined && !keeps.miss(seat.miss)) {
        seat.miss = undefined;
        any = true;
      }
      if (seat.softMiss !== undefined && !keeps.miss(seat.softMiss)) {
        seat.softMiss = undefined;
        any = true;
      }
      for (const [witness, signature] of seat.silences) {
        if (keeps.silence(seat, witness, signature)) continue;
        seat.silences.delete(witness);
        seat.thresholdMiss = undefined;
        seat.inquired = false;
        any = true;
      }
    }
    return any;
  }

  /** Some answer is not the hash of the header that was sent. */
  incoherent(hash: Uint8Array): boolean {
    return this.#seats.some(
      ({ answer }) =>
        answer !== undefined && !(equalBytes(answer.hash, hash) && equalBytes(answer.cited, hash)),
    );
  }

  /** What a certificate of a later attempt attaches: why this one failed. */
  asIncoherent(): IncoherentAttempt {
    const { number, answers, misses, thresholdMisses } = this;
    return { attempt: number, attestations: answers, misses, thresholdMisses };
  }

  /**
   * waiting: answers may still come; enough: the lowest `committeeSize` answers stand and every lower rank
   * answered or missed (or all ranks are resolved and somebody answered); missed: nobody answered;
   * empty: the list had nobody to ask at all. A soft miss passes a rank over while `softLeft` has one for its host,
   * and for a whole committee only.
   */
  state(softLeft: (host: number) => number = () => 0): 'waiting' | 'enough' | 'missed' | 'empty' {
    let answered = 0;
    const softly = new Map<number, number>();
    for (const seat of this.#seats) {
      if (seat.answer !== undefined) {
        answered += 1;
        if (answered === this.#options.committeeSize) return 'enough';
      } else if (isOpen(seat)) {
        const { host } = seat.device;
        const used = (softly.get(host) ?? 0) + 1;
        if (seat.softMiss === undefined || used > softLeft(host)) return 'waiting';
        softly.set(host, used);
      }
    }
    if (!this.#exhausted || softly.size > 0) return 'waiting';
    if (this.#seats.length === 0) return 'empty';
    return answered > 0 ? 'enough' : 'missed';
  }
}
