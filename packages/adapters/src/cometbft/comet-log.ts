import type { Failure } from '@iotw/kernel/result';

/** A longer line is cut here, characters; and what is told of one. */
const MAX_LINE = 8_000;
const MAX_MESSAGE = 500;
/** What is kept of the words that are no log line: the trace of a panic, a refused configuration. */
const MAX_WORDS = 2_000;

/**
 * Reads what CometBFT writes: its log as JSON, one object a line, and whatever else a dying process says. Holds at most
 * one unfinished line and the last words; what is longer is cut.
 */
export class CometLog {
  readonly #onLine: (line: Failure) => void;
  #line = '';
  #words = '';

  /** `onLine`: a line of its log, with the code `cometbft-log`, or `cometbft-diverged` where it gave up. */
  constructor(onLine: (line: Failure) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const [first, ...others] = text.split('\n');
    this.#grow(first!);
    for (const next of others) {
      this.#take(this.#line);
      this.#line = '';
      this.#grow(next);
    }
  }

  /** What it said last outside of its log, in one line; empty where it said nothing. */
  lastWords(): string {
    return `${this.#words}${this.#line}`.slice(-MAX_WORDS).trim().replaceAll(/\s+/g, ' ');
  }

  #grow(text: string): void {
    this.#line = (this.#line + text).slice(0, MAX_LINE);
  }

  #take(line: string): void {
    const message = messageOf(line);
    if (message !== undefined)
      this.#onLine({ code: codeOf(message), message: message.slice(0, MAX_MESSAGE) });
    else if (line.trim() !== '') {
      this.#words = `${this.#words}${line}\n`.slice(-MAX_WORDS);
      // Its trace may be longer than what is kept.
      if (PANIC.test(line))
        this.#onLine({ code: 'cometbft-diverged', message: line.trim().slice(0, MAX_MESSAGE) });
    }
  }
}

/**
 * How a message begins by which its consensus says that it met an error that it can't mend (a full disk, say) and decides nothing
 * any more; the process goes on to answer others (0.38.26, `consensus/state.go`, receiveRoutine).
 */
export const GIVEN_UP = 'CONSENSUS FAILURE';

/** What more than two thirds voted for is invalid here. */
const AGAINST_ALL = /\+2\/3 (prevoted for|committed) an invalid block/;

/**
 * A CometBFT that is started again on such data panics, each time: when it takes up its write-ahead log (the block of the
 * others is in it), or at its handshake, where the ledger's hash is none of those in its blocks (0.38.26, `consensus/replay.go`).
 */
const PANIC = /^panic: .*(\+2\/3 (prevoted for|committed) an invalid block|AppHash does not match AppHash)/;

/**
 * Where the others decided a block that CometBFT finds invalid, this server's state or its last answer is not theirs. While it
 * votes it then stops its consensus, while it fetches blocks it leaves its peers; in both cases its process stays, for
 * nothing. A proposal alone says no such thing: whoever made it may lie.
 */
function codeOf(message: string): string {
  const stopped = message.startsWith(GIVEN_UP) && AGAINST_ALL.test(message);
  const fetched = message.startsWith('Error in validation (blocksync): wrong Block.Header.AppHash');
  return stopped || fetched ? 'cometbft-diverged' : 'cometbft-log';
}

/** One line of the log as a sentence: what happened, where, why. */
function messageOf(line: string): string | undefined {
  const { _msg, module, err, panic } = parsed(line);
  if (typeof _msg !== 'string') return undefined;
  const where = typeof module === 'string' ? ` (${module})` : '';
  const why = err ?? panic;
  return `${_msg}${where}${why === undefined ? '' : `: ${typeof why === 'string' ? why : JSON.stringify(why)}`}`;
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
