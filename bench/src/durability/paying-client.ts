import { Agent, request } from 'node:http';
import { toHex } from '@iotw/kernel/bytes';
import { Prng } from '@iotw/kernel/prng';
import { FIRST_SENDER_CODE, resultCodeName } from '@iotw/protocol/result';
import { signTransaction } from '@iotw/protocol/transaction';
import { type DurableNetwork, PAYERS } from './durable-network.js';
import { pause } from './node-run.js';

/** A decision the node told the client of: it must stand for ever. */
export interface Acknowledged {
  readonly id: string;
  /** Name of the result code; `ok` where the client was told `final`. */
  readonly code: string;
  readonly round: number;
  /** The node's life in which it was told. */
  readonly life: number;
}

interface Open {
  readonly id: string;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const CONNECTIONS = 32;
const EXPIRY_MS = 6 * 3_600_000;
/** A client whose node is away asks again after this long. */
const AWAY_MS = 40;
const READ_EVERY_MS = 5;
/** One in this many transactions moves more than there is. */
const OVERDRAFT_IN = 20;
const NOT_DECISIVE = new Set(['sequence-used', 'transaction-duplicate']);
/** Refusals that say nothing about the transaction: ask again. */
const TRY_AGAIN = new Set([
  'node-stopping',
  'node-not-ready',
  'node-overloaded',
  'intake-full',
  // Behind an overdraft that is still on its way.
  'fee-promised',
  'wait-timeout',
  'index-behind',
  'transaction-not-found',
  'store-full',
  'store-io',
]);

/**
 * Sends transfers with wait=final over HTTP, the same bytes again until it knows what became of them, and keeps
 * every decision it was told.
 */
export class PayingClient {
  readonly acknowledged: Acknowledged[] = [];
  /** What no node may answer, in words. */
  readonly violations: string[] = [];
  /** Refusals by code. */
  readonly refusals = new Map<string, number>();
  /** Number of the node's life under way; set by whoever starts it. */
  life = 0;
  readonly #network: DurableNetwork;
  readonly #prng: Prng;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 * CONNECTIONS });
  readonly #sequences = new Array<number>(PAYERS).fill(1);
  #stopped = false;
  #paused = false;
  #told: { readonly above: number; readonly tell: () => void }[] = [];
  #workers: Promise<void>[] = [];

  constructor(network: DurableNetwork, seed: number) {
    this.#network = network;
    this.#prng = new Prng(`paying client ${seed}`);
  }

  start(): void {
    this.#workers = Array.from({ length: CONNECTIONS }, () => this.#work());
  }

  /** Ends when every open transaction is decided, or at once with `leave`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#agent.destroy();
    await Promise.all(this.#workers);
  }

  /** Begins no new transaction while true; those under way go on. */
  pauseNew(paused: boolean): void {
    this.#paused = paused;
  }

  /** Highest round a decision was told of. */
  get lastRound(): number {
    return this.acknowledged.reduce((last, { round }) => Math.max(last, round), 0);
  }

  /** Resolves at the next decision of a round above `round`: with the last one on disk, the node decides again. */
  decisionAbove(round: number): Promise<void> {
    return new Promise((resolve) => this.#told.push({ above: round, tell: resolve }));
  }

  /** Reads rounds and a settlement until `over`, whatever comes of it. */
  async readOldRounds(over: () => boolean): Promise<void> {
    while (!over()) {
      const last = this.acknowledged.at(-1)?.round ?? 1;
      const round = 1 + this.#prng.below(Math.max(1, last));
      await this.#fetch('GET', `/v1/rounds/${round}`, undefined);
      // Rounds are kept in memory for a while, settlements are not.
      await this.#fetch('GET', '/v1/epochs/0', undefined);
      await pause(READ_EVERY_MS);
    }
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      if (this.#paused) await pause(AWAY_MS);
      else await this.#settle(this.#make());
    }
  }

  #make(): Open {
    const payer = this.#prng.below(PAYERS);
    const to = (payer + 1 + this.#prng.below(PAYERS - 1)) % PAYERS;
    const amount = this.#prng.chance(1, OVERDRAFT_IN) ? 1_000_000_000_000 : 1 + this.#prng.below(1_000);
    const keys = this.#network.payer(payer);
    const { id, envelope } = signTransaction(
      this.#network.network,
      {
        sender: keys.publicKey,
        sequence: this.#sequences[payer]!++,
        expiryMs: Date.now() + EXPIRY_MS,
        operations: [{ type: 'transferToKey', to: this.#network.payer(to).publicKey, amount }],
        memo: new Uint8Array(0),
      },
      keys,
    );
    return { id: toHex(id), body: JSON.stringify({ envelope: toHex(envelope) }) };
  }

  /** Asks until the transaction is decided. */
  async #settle(open: Open): Promise<void> {
    let lookUp = false;
    while (!this.#stopped) {
      const answer = await this.#ask(open, lookUp);
      if (answer === undefined) {
        lookUp = false;
        await pause(AWAY_MS);
        continue;
      }
      const { body, status } = answer;
      const code = String(body.code);
      if (status < 300 && typeof body.round === 'number' && !NOT_DECISIVE.has(code)) {
        this.#acknowledge(open, code, body.round);
        return;
      }
      // A copy that came second: the first one's outcome is on the ledger, or will be.
      lookUp = NOT_DECISIVE.has(code) || code === 'index-behind';
      if (!lookUp) this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
      if (!lookUp && !TRY_AGAIN.has(code)) {
        this.violations.push(`transaction ${open.id} was answered ${status} ${JSON.stringify(body)}`);
        return;
      }
      await pause(AWAY_MS);
    }
  }

  #acknowledge({ id }: Open, code: string, round: number): void {
    this.acknowledged.push({ id, code, round, life: this.life });
    for (const waiter of this.#told) if (round > waiter.above) waiter.tell();
    this.#told = this.#told.filter(({ above }) => round <= above);
  }

  #ask(open: Open, lookUp: boolean): Promise<Answer | undefined> {
    return lookUp
      ? this.#fetch('GET', `/v1/transactions/${open.id}`, undefined)
      : this.#fetch('POST', '/v1/transactions?wait=final', open.body);
  }

  /** The whole answer, or undefined where the node is away or its answer was cut off. */
  #fetch(method: string, path: string, body: string | undefined): Promise<Answer | undefined> {
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const url = new URL(path, this.#network.apiUrl);
    return new Promise((resolve) => {
      const asked = request(url, { method, agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve(undefined));
        response.on('close', () =>
          resolve(response.complete ? read(response.statusCode, chunks) : undefined),
        );
      });
      asked.on('error', () => resolve(undefined));
      asked.end(body);
    });
  }
}

function read(status: number | undefined, chunks: readonly Buffer[]): Answer | undefined {
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answer['body'];
    return { status: status ?? 0, body };
  } catch {
    return undefined;
  }
}

/** Whether a result used up the sender's sequence (protocol/result). */
export function isDecisive(code: number): boolean {
  return code === 0 || code >= FIRST_SENDER_CODE;
}

export function codeName(code: number): string {
  return resultCodeName(code) ?? `code-${code}`;
}
