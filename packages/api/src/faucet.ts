import { toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { decodeAddress } from '@iotw/protocol/address';
import { SEQUENCE_WINDOW } from '@iotw/protocol/limits';
import { signTransaction } from '@iotw/protocol/transaction';
import type { ApiContext } from './context.js';
import { HourlyCounts } from './hourly-counts.js';
import { FAUCET_PER_ADDRESS_HOUR, FAUCET_PER_KEY_HOUR } from './limits.js';
import type { RoundWaiters } from './round-waiters.js';
import { isLoopback } from './stream/streams.js';
import { type SubmitView, submitOne } from './submit.js';

export interface FaucetOptions {
  /** Keys of the account that gives; it must hold money. */
  readonly keys: KeyPair;
  /** Base units for one request. */
  readonly amount: number;
}

/** A transaction of the faucet must be included within this agreed time, ms. */
const EXPIRY_MS = 600_000;
/** Numbers tried for one transfer, where others sign with the faucet's key too; how far apart they lie at most. */
const ATTEMPTS = 5;
const APART = 8;
/** What a transaction comes to whose number is another's. */
const TAKEN: ReadonlySet<string> = new Set(['sequence-used', 'sequence-too-far']);

/** Gives test money: one transfer for each request, with limits per address of the internet and per key. */
export class Faucet {
  readonly #context: ApiContext;
  readonly #waiters: RoundWaiters;
  readonly #options: FaucetOptions;
  readonly #perAddress = new HourlyCounts(FAUCET_PER_ADDRESS_HOUR);
  readonly #perKey = new HourlyCounts(FAUCET_PER_KEY_HOUR);
  #lastSequence = 0;
  #underWay = 0;

  constructor(context: ApiContext, waiters: RoundWaiters, options: FaucetOptions) {
    this.#context = context;
    this.#waiters = waiters;
    this.#options = options;
  }

  /** Base units of one request. */
  get amount(): number {
    return this.#options.amount;
  }

  /**
   * Sends money to an address and waits until it is final. Errors: those of addresses and of handing in, `faucet-limit`,
   * `faucet-busy`, `faucet-empty`.
   */
  async give(to: string, address: string): Promise<Result<SubmitView & { amount: number }>> {
    const decoded = decodeAddress(to, this.#context.prefix);
    if (!decoded.ok) return decoded;
    const key = decoded.value.payload;
    const nowMs = Date.now();
    if (!isLoopback(address) && !this.#perAddress.take(address, nowMs))
      return limited('this address of the internet');
    if (!this.#perKey.take(toHex(key), nowMs)) return limited('this account');
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const sequence = this.#nextSequence(attempt);
      if (sequence === undefined) break;
      const done = await this.#send(key, sequence);
      const code = done.ok ? done.value.code : done.error.code;
      // Somebody else signs with this key, such as another API server: the next number may be free.
      if (code !== undefined && TAKEN.has(code)) continue;
      if (!done.ok) return done;
      if (done.value.status !== 'failed') return ok({ ...done.value, amount: this.#options.amount });
      return fail('faucet-empty', `The faucet could not pay (${code}): ask its operator to fill it.`, {
        code,
      });
    }
    return fail('faucet-busy', 'As many transfers of the faucet wait as may: try again in a moment.');
  }

  async #send(to: Uint8Array, sequence: number): Promise<Result<SubmitView>> {
    const { network, ledger } = this.#context.backend;
    const { amount, keys } = this.#options;
    const content = {
      sender: keys.publicKey,
      sequence,
      expiryMs: Math.max(ledger.timeMs, Date.now()) + EXPIRY_MS,
      operations: [{ type: 'transferToKey' as const, to, amount }],
      memo: new Uint8Array(0),
    };
    const { id, envelope } = signTransaction(network, content, keys);
    this.#underWay++;
    const done = await submitOne(this.#context, this.#waiters, id, envelope, 'final');
    // With nothing under way, numbers that were refused are free again: the window never closes over gaps.
    if (--this.#underWay === 0) this.#lastSequence = 0;
    return done;
  }

  /** The next number; after a clash one a little further, so that two who count alike part. */
  #nextSequence(attempt: number): number | undefined {
    const { accounts } = this.#context.backend.ledger;
    const account = accounts.find(this.#options.keys.publicKey);
    const used = account < 0 ? 0 : accounts.sequence(account);
    const apart = attempt === 0 ? 0 : Math.floor(Math.random() * APART);
    const next = Math.max(used, this.#lastSequence) + 1 + apart;
    if (next > used + SEQUENCE_WINDOW) return undefined;
    this.#lastSequence = next;
    return next;
  }
}

function limited(who: string): Result<never> {
  return fail(
    'faucet-limit',
    `The faucet has given to ${who} as often as it may in an hour: come back later.`,
  );
}
