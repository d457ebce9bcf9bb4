import type { RoundNews } from './round-news.ts';
import { PerSecond, Samples, type Series } from './series.ts';

/** Transactions on their way, drawn as one dot: first to the trust node of their lane, then to the ledger servers. */
export interface Flow {
  readonly leg: 'to-lane' | 'to-ledger';
  readonly lane: number;
  readonly startMs: number;
  /** How many transactions the dot stands for. */
  readonly transactions: number;
}

export interface Member {
  readonly device: number;
  /** Number of the region in the genesis. */
  readonly region: number;
  readonly role: 'miner' | 'witness';
}

export interface LitCommittee {
  readonly lane: number;
  readonly height: number;
  readonly members: readonly Member[];
  readonly sinceMs: number;
}

/** How long a dot takes for one leg. */
export const FLOW_MS = 800;
/** How long a committee lights up before it glows on. */
export const LIT_MS = 1_200;
/** Dots on their way at most, so that a frame's work is bounded at any rate. */
export const MOST_FLOWS = 240;
/** Dots of one block at most, and the time between two of them. */
const MOST_DOTS = 4;
const DOT_GAP_MS = 70;
const MOST_MEMBERS = 64;
/** What the charts look back on, seconds. */
const WINDOW_S = 120;

/**
 * The living picture's state: the stream goes in, what is to be drawn comes out. Times `nowMs` are of one clock that
 * never goes back; the memory is bounded whatever comes in.
 */
export class LivePicture {
  #flows: Flow[] = [];
  #lit: LitCommittee | undefined;
  readonly #heights = new Map<number, number>();
  readonly #rate = new PerSecond(WINDOW_S + 1);
  readonly #finality = new Samples(WINDOW_S);
  readonly #devices = new Samples(WINDOW_S);
  /** Agreed time less this page's clock. */
  #skewMs = 0;
  #round = 0;
  readonly #lanes: () => number;

  /** `lanes`: how many there are now; what a server tells of others is not drawn. */
  constructor(lanes: () => number) {
    this.#lanes = lanes;
  }

  /** Takes up a round of the stream; one that was told already changes nothing. */
  round(news: RoundNews, nowMs: number): void {
    if (news.number <= this.#round) return;
    this.#round = news.number;
    this.#skewMs = news.timeMs - nowMs;
    this.#rate.add(news.timeMs, news.transactions);
    this.#sweep(nowMs);
    for (const { lane, height, count } of news.blocks) {
      if (lane >= this.#lanes()) continue;
      this.#heights.set(lane, height);
      if (count > 0) this.#start(lane, count, nowMs);
    }
  }

  #start(lane: number, count: number, nowMs: number): void {
    const dots = Math.min(MOST_DOTS, 1 + Math.floor(Math.log2(count)));
    for (let dot = 0; dot < dots && this.#flows.length < MOST_FLOWS - 1; dot++) {
      const startMs = nowMs + dot * DOT_GAP_MS;
      const transactions = count / dots;
      this.#flows.push({ leg: 'to-lane', lane, startMs, transactions });
      this.#flows.push({ leg: 'to-ledger', lane, startMs: startMs + FLOW_MS, transactions });
    }
  }

  #sweep(nowMs: number): void {
    this.#flows = this.#flows.filter(({ startMs }) => nowMs < startMs + FLOW_MS);
  }

  /** The committee of a block that has become final. */
  committee(block: Omit<LitCommittee, 'sinceMs'>, nowMs: number): void {
    this.#lit = { ...block, members: block.members.slice(0, MOST_MEMBERS), sinceMs: nowMs };
  }

  /** A block's own time and the agreed time of the round that made it final. */
  finality(blockMs: number, roundMs: number): void {
    this.#finality.push(roundMs / 1_000, roundMs - blockMs);
  }

  /** How many devices are logged in, at the agreed time `timeMs`. */
  devices(timeMs: number, connected: number): void {
    this.#devices.push(timeMs / 1_000, connected);
  }

  /** Dots under way with the part of their leg that they have gone, 0 .. 1. */
  flowsAt(nowMs: number): readonly { readonly flow: Flow; readonly gone: number }[] {
    this.#sweep(nowMs);
    return this.#flows
      .filter(({ startMs }) => startMs <= nowMs)
      .map((flow) => ({ flow, gone: (nowMs - flow.startMs) / FLOW_MS }));
  }

  get lit(): LitCommittee | undefined {
    return this.#lit;
  }

  /** How brightly the committee shines, from 1 down to what remains until the next one. */
  brightness(nowMs: number): number {
    if (this.#lit === undefined) return 0;
    return 1 - 0.5 * Math.min(1, Math.max(0, (nowMs - this.#lit.sinceMs) / LIT_MS));
  }

  /** Whether the next frame will differ from this one. */
  moving(nowMs: number): boolean {
    this.#sweep(nowMs);
    return this.#flows.length > 0 || (this.#lit !== undefined && nowMs < this.#lit.sinceMs + LIT_MS);
  }

  /** Height of the newest block that was told of a lane. */
  height(lane: number): number | undefined {
    return this.#heights.get(lane);
  }

  throughputAt(nowMs: number): Series {
    return this.#rate.before(nowMs + this.#skewMs);
  }

  get finalitySeries(): Series {
    return this.#finality.series;
  }

  get deviceSeries(): Series {
    return this.#devices.series;
  }
}
