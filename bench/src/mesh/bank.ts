import { toHex } from '@iotw/kernel/bytes';
import { Prng } from '@iotw/kernel/prng';
import type { Operation } from '@iotw/protocol/operations';
import { signTransaction } from '@iotw/protocol/transaction';
import { estimateFee } from '@iotw/sdk/transaction/fee';
import { pause } from '../durability/node-run.js';
import type { MeshNetwork } from './mesh-network.js';

/** One call of a client and its answer, times in microseconds of one clock. */
export type Operated = { readonly client: number; readonly call: number; readonly return: number } & (
  | {
      readonly kind: 'transfer';
      readonly from: number;
      readonly to: number;
      readonly amount: number;
      readonly fee: number;
    }
  | { readonly kind: 'read'; readonly balances: readonly number[] }
);

/** A transfer that a client was told final. */
export interface Final {
  readonly id: string;
  readonly round: number;
  readonly fee: number;
  /** When it was told, ms of performance.now(). */
  readonly toldMs: number;
  /** Server that told it. */
  readonly server: number;
}

const EXPIRY_MS = 3_600_000;
/** An answer that does not come is asked for again, at the next server. */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 50;
const MOST_AMOUNT = 1_000;
const nowUs = (): number => Math.round(performance.now() * 1_000);

interface Told {
  readonly body: Readonly<Record<string, unknown>>;
  readonly server: number;
}

/**
 * Transfers among a few accounts and reads of all their balances, by clients at all servers. A client's read comes behind a
 * transfer of its own and is of that transfer's round or a later one: so it holds whatever was final when the transfer was handed
 * in, at whichever server it is read.
 */
export class Bank {
  readonly history: Operated[] = [];
  readonly finals: Final[] = [];
  readonly reads: { readonly round: number; readonly balances: readonly number[] }[] = [];
  /** What no server may answer. */
  readonly violations: string[] = [];
  readonly #mesh: MeshNetwork;
  readonly #prng: Prng;
  readonly #accounts: readonly string[];
  #stopped = false;
  #clients: Promise<void>[] = [];
  #waiting: { readonly server: number | undefined; readonly tell: (final: Final) => void }[] = [];

  /** The first `accounts` payers of the mesh. */
  constructor(mesh: MeshNetwork, accounts: number, seed: number) {
    this.#mesh = mesh;
    this.#prng = new Prng(`bank ${seed}`);
    this.#accounts = Array.from({ length: accounts }, (_, i) => toHex(mesh.payer(i).publicKey));
  }

  /** A client for each account; begins at once. `pauseMs` between its operations. */
  start(pauseMs: number): void {
    this.#clients = this.#accounts.map((_, client) => this.#run(client, pauseMs));
  }

  /** Ends when every open operation has its answer. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  /** The next transfer that is told final, by that server where one is named, and handed in after this call. */
  next(server?: number): Promise<Final> {
    return new Promise((tell) => this.#waiting.push({ server, tell }));
  }

  async #run(client: number, pauseMs: number): Promise<void> {
    for (let sequence = 1; !this.#stopped; sequence++) {
      const waiting = new Set(this.#waiting);
      const call = nowUs();
      const final = await this.#transfer(client, sequence, call);
      if (final === undefined) return;
      this.finals.push(final);
      const told = this.#waiting.filter(
        (waiter) => waiting.has(waiter) && (waiter.server ?? final.server) === final.server,
      );
      this.#waiting = this.#waiting.filter((waiter) => !told.includes(waiter));
      for (const { tell } of told) tell(final);
      if (this.#prng.chance(1, 2)) await this.#read(client, final, call);
      await pause(pauseMs);
    }
  }

  async #transfer(from: number, sequence: number, call: number): Promise<Final | undefined> {
    const { network, genesis } = this.#mesh;
    const count = this.#accounts.length;
    const to = (from + 1 + this.#prng.below(count - 1)) % count;
    const amount = 1 + this.#prng.below(MOST_AMOUNT);
    const operations: Operation[] = [{ type: 'transferToKey', to: this.#mesh.payer(to).publicKey, amount }];
    const keys = this.#mesh.payer(from);
    const { id, envelope } = signTransaction(
      network,
      {
        sender: keys.publicKey,
        sequence,
        expiryMs: Date.now() + EXPIRY_MS,
        operations,
        memo: new Uint8Array(0),
      },
      keys,
    );
    const fee = estimateFee(genesis.parameters, operations).total;
    const body = JSON.stringify({ envelope: toHex(envelope) });
    const hex = toHex(id);
    let known = false;
    const { body: told, server } = await this.#until(
      from,
      (api) =>
        known ? asked(`${api}/v1/transactions/${hex}`) : asked(`${api}/v1/transactions?wait=final`, body),
      (answer) => {
        // A copy that came second, or after a restart: what became of the first stands on the ledger.
        known =
          answer.code === 'sequence-used' ||
          answer.code === 'transaction-duplicate' ||
          (known && answer.code === 'index-behind');
        return typeof answer.round === 'number' && answer.code !== 'sequence-used';
      },
    );
    if (told.code !== 'ok') {
      this.violations.push(`transfer ${hex} of client ${from} was answered ${JSON.stringify(told)}`);
      return undefined;
    }
    this.history.push({ client: from, call, return: nowUs(), kind: 'transfer', from, to, amount, fee });
    return { id: hex, round: told.round as number, fee, toldMs: performance.now(), server };
  }

  async #read(client: number, { round, server }: Final, call: number): Promise<void> {
    const path = `/v1/balances?accounts=${this.#accounts.join(',')}`;
    const { body } = await this.#until(
      server,
      (api) => asked(`${api}${path}`),
      (answer) => typeof answer.round === 'number' && answer.round >= round,
    );
    const balances = body.balances as readonly number[];
    this.reads.push({ round: body.round as number, balances });
    this.history.push({ client, call, return: nowUs(), kind: 'read', balances });
  }

  /** Asks one server after the other, beginning with that one, until an answer is `good`. */
  async #until(
    first: number,
    ask: (api: string) => Promise<Told['body'] | undefined>,
    good: (answer: Told['body']) => boolean,
  ): Promise<Told> {
    const apis = this.#mesh.apiUrls;
    for (let turn = first; ; turn++) {
      const server = turn % apis.length;
      const body = await ask(apis[server]!);
      if (body !== undefined && good(body)) return { body, server };
      await pause(AGAIN_MS);
    }
  }
}

/** The JSON of an answer; undefined where none came. */
async function asked(url: string, body?: string): Promise<Told['body'] | undefined> {
  const post =
    body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  try {
    const response = await fetch(url, { ...post, signal: AbortSignal.timeout(PATIENCE_MS) });
    return (await response.json()) as Told['body'];
  } catch {
    return undefined;
  }
}
