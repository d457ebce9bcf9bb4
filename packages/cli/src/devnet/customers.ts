import type { Result } from '@iotw/kernel/result';
import { RESULT_CODES, resultCodeName } from '@iotw/protocol/result';
import type { PlanTally } from '../orders/plan-tally.js';
import { planOrders } from '../orders/read-orders.js';
import { OrderSigner, type OrderTransaction } from './order-transactions.js';
import { type Position, readPosition, writePosition } from './position.js';

export interface CustomersOptions {
  readonly network: Uint8Array;
  readonly seed: Uint8Array;
  readonly genesisMs: number;
  readonly ordersFile: string;
  readonly positionFile: string;
  /** Invoices (and cancellations) begun per second. */
  readonly rate: number;
  readonly loop: boolean;
  /** Sends one envelope and waits until it is final; the result code. */
  readonly submit: (envelope: Uint8Array) => Promise<Result<number>>;
}

/** What the customers have seen so far. */
export interface CustomersReport {
  loop: number;
  /** Items of the plan that are final, of this run; and those that an earlier run had made final. */
  itemsFinal: number;
  itemsResumed: number;
  /** Invoices of this pass that are final, of this run and earlier ones. */
  invoicesFinal: number;
  transactionsFinal: number;
  trades: number;
  refunds: number;
  /** Transactions that ended with another code than ok, by its name. */
  failed: Record<string, number>;
  /** Submissions repeated because the node was busy or away. */
  retries: number;
  /** ms from submission to the final receipt, of the last transactions. */
  readonly recentMs: number[];
  /** Lines of the file by what became of them. */
  tally: PlanTally | undefined;
  done: boolean;
}

const RECENT = 1_024;
const RETRY_MS = 250;
/** Transactions on their way at once; beyond it the customers wait. */
const MAX_OPEN = 256;
const POSITION_EVERY = 20;

/** Customers and merchants who replay real orders as transactions, over the API's front door. */
export class Customers {
  readonly report: CustomersReport = {
    loop: 0,
    itemsFinal: 0,
    itemsResumed: 0,
    invoicesFinal: 0,
    transactionsFinal: 0,
    trades: 0,
    refunds: 0,
    failed: {},
    retries: 0,
    recentMs: [],
    tally: undefined,
    done: false,
  };
  readonly #options: CustomersOptions;
  readonly #openByCustomer = new Map<string, Set<Promise<void>>>();
  readonly #open = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: CustomersOptions) {
    this.#options = options;
  }

  /** Runs until the orders end (or for ever with `loop`), or `stop`. */
  async run(): Promise<void> {
    const { network, seed, genesisMs, positionFile, loop } = this.#options;
    const signer = new OrderSigner(network, seed, genesisMs);
    const position = await readPosition(positionFile);
    for (let pass = 0; !this.#stopped; pass++) {
      this.report.loop = pass;
      if (pass < position.loop) {
        for await (const planned of planOrders(this.#options.ordersFile).planned) signer.skip(planned);
      } else {
        signer.newLoop();
        await this.#pass(signer, pass, pass === position.loop ? position.items : 0);
      }
      if (!loop && pass >= position.loop) break;
    }
    this.report.done = !this.#stopped;
  }

  async #pass(signer: OrderSigner, loop: number, resumeAt: number): Promise<void> {
    const plan = planOrders(this.#options.ordersFile);
    this.report.tally = plan.tally;
    const finals: boolean[] = [];
    this.report.invoicesFinal = 0;
    let prefix = resumeAt;
    let item = 0;
    let nextMs = performance.now();
    for await (const planned of plan.planned) {
      if (this.#stopped) break;
      const index = item++;
      const transactions = signer.sign(planned);
      const invoices = planned.kind === 'purchase' && planned.firstPart === 0 ? 1 : 0;
      if (index < resumeAt) {
        this.report.itemsResumed += 1;
        this.report.invoicesFinal += invoices;
        continue;
      }
      nextMs = await this.#pace(nextMs);
      if (planned.kind === 'refund') await Promise.all(this.#openByCustomer.get(planned.customer) ?? []);
      while (this.#open.size >= MAX_OPEN) await Promise.race(this.#open);
      this.#begin(transactions, planned.customer, () => {
        finals[index] = true;
        this.report.itemsFinal += 1;
        this.report.invoicesFinal += invoices;
        while (finals[prefix]) prefix += 1;
        if (prefix % POSITION_EVERY === 0) void this.#save({ loop, items: prefix });
      });
    }
    await Promise.all(this.#open);
    await this.#save(this.#stopped || prefix < item ? { loop, items: prefix } : { loop: loop + 1, items: 0 });
  }

  /** Waits for the next slot of the rate; a late replay doesn't catch up in a burst of more than a second. */
  async #pace(nextMs: number): Promise<number> {
    const now = performance.now();
    if (nextMs > now) await new Promise((resolve) => setTimeout(resolve, nextMs - now));
    return Math.max(nextMs, now - 1_000) + 1_000 / this.#options.rate;
  }

  #begin(transactions: readonly OrderTransaction[], customer: string, final: () => void): void {
    const run = this.#sendAll(transactions).then((all) => {
      this.#open.delete(run);
      const mine = this.#openByCustomer.get(customer);
      mine?.delete(run);
      if (mine?.size === 0) this.#openByCustomer.delete(customer);
      if (all) final();
    });
    this.#open.add(run);
    const mine = this.#openByCustomer.get(customer) ?? new Set();
    mine.add(run);
    this.#openByCustomer.set(customer, mine);
  }

  /** The parts of an invoice one after the other; true where every one of them is on the ledger. */
  async #sendAll(transactions: readonly OrderTransaction[]): Promise<boolean> {
    for (const transaction of transactions) if (!(await this.#send(transaction))) return false;
    return true;
  }

  async #send(transaction: OrderTransaction): Promise<boolean> {
    const began = performance.now();
    for (;;) {
      const result = await this.#options.submit(transaction.envelope);
      if (result.ok) {
        this.#note(transaction, result.value, performance.now() - began);
        return true;
      }
      if (this.#stopped) return false;
      this.report.retries += 1;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #note(transaction: OrderTransaction, code: number, elapsedMs: number): void {
    // A used sequence means that an earlier run made this very transaction final.
    const known = code === RESULT_CODES['sequence-used'] || code === RESULT_CODES['transaction-duplicate'];
    if (code !== RESULT_CODES.ok && !known) {
      const name = resultCodeName(code) ?? String(code);
      this.report.failed[name] = (this.report.failed[name] ?? 0) + 1;
      return;
    }
    this.report.transactionsFinal += 1;
    if (transaction.planned.kind === 'refund') this.report.refunds += transaction.operations;
    else this.report.trades += transaction.operations;
    this.report.recentMs.push(elapsedMs);
    if (this.report.recentMs.length > RECENT) this.report.recentMs.shift();
  }

  #save(position: Position): Promise<void> {
    return writePosition(this.#options.positionFile, position).catch(() => {});
  }

  /** Begins nothing new and waits for what is on its way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#open);
  }
}
