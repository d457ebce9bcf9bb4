import { BoundedMap } from '@iotw/kernel/bounded-map';
import { toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { decodeAddress } from '@iotw/protocol/address';
import { SEQUENCE_WINDOW } from '@iotw/protocol/limits';
import { signTransaction } from '@iotw/protocol/transaction';
import type { ApiContext } from './context.js';
import { FAUCET_PER_ADDRESS_HOUR, FAUCET_PER_KEY_HOUR, FAUCET_REMEMBERED } from './limits.js';
import type { RoundWaiters } from './round-waiters.js';
import { isLoopback } from './stream/streams.js';
import { type SubmitView, submitOne } from './submit.js';

export interface FaucetOptions {
  /** Keys of the account that gives; it must hold money. */
  readonly keys: KeyPair;
  /** Base units for one request. */
  readonly amount: number;
}

const HOUR_MS = 3_600_000;
/** A transaction of the faucet must be included within this agreed time, ms. */
const EXPIRY_MS = 600_000;

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

  /** Sends money to an address and waits until it is final. Errors: those of addresses, `faucet-limit`, `faucet-busy`. */
  async give(to: string, address: string): Promise<Result<SubmitView & { amount: number }>> {
    const decoded = decodeAddress(to, this.#context.prefix);
    if (!decoded.ok) return decoded;
    const key = decoded.value.payload;
    const nowMs = Date.now();
    if (!isLoopback(address) && !this.#perAddress.take(address, nowMs))
      return limited('this address of the internet');
    if (!this.#perKey.take(toHex(key), nowMs)) return limited('this account');
    const { network, ledger } = this.#context.backend;
    const sequence = this.#nextSequence();
    if (sequence === undefined) {
      return fail('faucet-busy', 'As many transfers of the faucet wait as may: try again in a moment.');
    }
    const { amount, keys } = this.#options;
    const content = {
      sender: keys.publicKey,
      sequence,
      expiryMs: Math.max(ledger.timeMs, nowMs) + EXPIRY_MS,
      operations: [{ type: 'transferToKey' as const, to: key, amount }],
      memo: new Uint8Array(0),
    };
    const { id, envelope } = signTransaction(network, content, keys);
    this.#underWay++;
    const done = await submitOne(this.#context, this.#waiters, id, envelope, 'final');
    // With nothing under way, numbers that were refused are free again: the window never closes over gaps.
    if (--this.#underWay === 0) this.#lastSequence = 0;
    return done.ok ? ok({ ...done.value, amount }) : done;
  }

  #nextSequence(): number | undefined {
    const { accounts } = this.#context.backend.ledger;
    const account = accounts.find(this.#options.keys.publicKey);
    const used = account < 0 ? 0 : accounts.sequence(account);
    const next = Math.max(used, this.#lastSequence) + 1;
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

/** Uses per hour of the newest names; what is forgotten may begin anew. */
class HourlyCounts {
  readonly #most: number;
  readonly #counts = new BoundedMap<string, { sinceMs: number; used: number }>(FAUCET_REMEMBERED);

  constructor(most: number) {
    this.#most = most;
  }

  take(name: string, nowMs: number): boolean {
    const known = this.#counts.get(name);
    if (known === undefined || nowMs - known.sinceMs >= HOUR_MS) {
      this.#counts.delete(name);
      this.#counts.set(name, { sinceMs: nowMs, used: 1 });
      return true;
    }
    if (known.used >= this.#most) return false;
    known.used++;
    return true;
  }
}
