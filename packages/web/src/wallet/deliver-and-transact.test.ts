import { fromHex, toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { decodeEnvelope, encodeEnvelope, signTransaction, transactionId } from '@iotw/protocol/transaction';
import { connect } from '@iotw/sdk/client/connection';
import { describe, expect, it } from 'vitest';
import { resumePayments } from './deliver.ts';
import type { Payment, PaymentStore, WalletPorts } from './payment.ts';
import { type Order, transact } from './transact.ts';

const NETWORK = new Uint8Array(32).fill(7);
const ALICE = keyPairFromSeed(new Uint8Array(32).fill(1));
const BOB = keyPairFromSeed(new Uint8Array(32).fill(2)).publicKey;
const PARAMETERS = { feeFloor: 100, feePerOperation: 50, feeBps: 10 };
const MINUTE = 60_000;

/** A ledger behind HTTP that does what the real one does with sequences, expiry and repeats, and goes away when told. */
class TestLedger {
  timeMs = 1_000_000;
  round = 5;
  balance = 10_000_000;
  sequence = 0;
  /** Applied: transaction id to the amount it moved. */
  readonly applied = new Map<string, number>();
  readonly used = new Set<number>();
  submissions = 0;
  /** What the next submissions do instead of working. */
  faults: ('lost-before' | 'lost-after' | 'refuse')[] = [];

  fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(url);
    if (pathname === '/v1/network') return this.#json(this.#network());
    if (pathname === '/v1/status') return this.#json({ index: { round: this.round } });
    if (pathname.startsWith('/v1/accounts/')) {
      if (this.balance === 0) return this.#problem(404, 'account-not-found');
      const key = toHex(ALICE.publicKey);
      return this.#json({ number: 1, address: 'a', key, balance: this.balance, sequence: this.sequence });
    }
    if (pathname === '/v1/transactions') return this.#submit(JSON.parse(String(init?.body)).envelope);
    const id = pathname.slice('/v1/transactions/'.length);
    return this.applied.has(id) ? this.#json(this.#found(id)) : this.#problem(404, 'transaction-not-found');
  };

  #submit(hex: string): Response {
    this.submissions++;
    const fault = this.faults.shift();
    if (fault === 'lost-before') throw new TypeError('connection lost');
    if (fault === 'refuse') return this.#problem(422, 'fee-unpaid');
    const envelope = fromHex(hex)!;
    const { transaction } = (
      decodeEnvelope(envelope) as { value: { transaction: { sequence: number; expiryMs: number } } }
    ).value;
    const id = toHex(transactionId(NETWORK, envelope.subarray(68)));
    if (this.applied.has(id)) return this.#problem(409, 'transaction-duplicate');
    if (this.used.has(transaction.sequence)) return this.#problem(422, 'sequence-used');
    if (transaction.expiryMs < this.timeMs) return this.#problem(422, 'transaction-expired');
    this.used.add(transaction.sequence);
    this.sequence = Math.max(this.sequence, transaction.sequence);
    this.applied.set(id, 1);
    this.round++;
    if (fault === 'lost-after') throw new TypeError('connection lost');
    return this.#json({ id, status: 'final', code: 'ok' });
  }

  #network() {
    return {
      name: 'test',
      network: toHex(NETWORK),
      testnet: true,
      addressPrefix: 'tiotw',
      round: this.round,
      timeMs: this.timeMs,
      epoch: 1,
      laneKeys: [],
      ledgerServerKeys: [],
      committeeSize: 4,
      trustThreshold: 1,
      regions: [],
      clouds: [],
      parameters: PARAMETERS,
    };
  }

  #found(id: string) {
    return {
      id,
      status: 'final',
      provable: true,
      code: 'ok',
      fee: 1,
      round: 6,
      position: 0,
      timeMs: 1,
      block: {},
      transaction: null,
    };
  }

  #json(value: unknown): Response {
    return new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } });
  }

  #problem(status: number, code: string): Response {
    return new Response(JSON.stringify({ code, detail: code, status }), { status });
  }
}

/** One browser: what its tabs share. A write may fail as storage does. */
class TestBrowser {
  readonly kept = new Map<string, Payment>();
  readonly held = new Map<string, Promise<unknown>>();
  full = false;

  readonly store: PaymentStore = {
    list: async () => ok([...this.kept.values()]),
    get: async (reference) => ok(this.kept.get(reference)),
    put: async (payment) => {
      if (this.full) return fail('wallet-storage', 'full');
      this.kept.set(payment.reference, payment);
      return ok(undefined);
    },
    remove: async (reference) => {
      this.kept.delete(reference);
      return ok(undefined);
    },
  };

  readonly locks: WalletPorts['locks'] = {
    alone: async (name, work) => {
      const before = this.held.get(name) ?? Promise.resolve();
      const mine = before.then(work, work);
      this.held.set(
        name,
        mine.catch(() => undefined),
      );
      return mine;
    },
    tryAlone: async (name, work) => {
      if (this.held.has(name)) return undefined;
      const mine = work();
      this.held.set(name, mine);
      try {
        return await mine;
      } finally {
        this.held.delete(name);
      }
    },
  };
}

/** The bytes as the signer signs them. */
async function sign(
  _account: number,
  bytes: Uint8Array,
): Promise<Result<{ id: Uint8Array; envelope: Uint8Array }>> {
  const decoded = decodeEnvelope(encodeEnvelope(bytes, new Uint8Array(64)));
  if (!decoded.ok) return decoded;
  return ok(signTransaction(NETWORK, decoded.value.transaction, ALICE));
}

function tab(ledger: TestLedger, browser: TestBrowser, signing: WalletPorts['sign'] = sign): WalletPorts {
  return {
    connection: connect({ url: 'http://test', fetch: ledger.fetch, retries: 2, backoffMs: () => 1 }),
    payments: browser.store,
    locks: browser.locks,
    sign: signing,
    changed: () => undefined,
  };
}

function order(reference: string, amount = 1_000): Order {
  return {
    reference,
    account: { name: 'Main', account: 0, key: ALICE.publicKey },
    purpose: { kind: 'send', to: 'tiotw1…', amount, memo: '' },
    operations: [{ type: 'transferToKey', to: BOB, amount }],
  };
}

describe('a payment', () => {
  it('is final, and asked for again stays one', async () => {
    const ledger = new TestLedger();
    const ports = tab(ledger, new TestBrowser());
    expect(await transact(ports, order('a'))).toMatchObject({
      ok: true,
      value: { status: 'final', sequence: 1 },
    });
    expect(await transact(ports, order('a'))).toMatchObject({ ok: true, value: { status: 'final' } });
    expect(ledger.applied.size).toBe(1);
    expect(ledger.submissions).toBe(1);
  });

  it.each(['lost-before', 'lost-after'] as const)('with the connection %s is paid once', async (fault) => {
    const ledger = new TestLedger();
    ledger.faults = [fault];
    const done = await transact(tab(ledger, new TestBrowser()), order('a'));
    expect(done).toMatchObject({ ok: true, value: { status: 'final', code: 'ok' } });
    expect(ledger.applied.size).toBe(1);
  });

  it('of two tabs at once has two numbers', async () => {
    const ledger = new TestLedger();
    const browser = new TestBrowser();
    const both = await Promise.all([
      transact(tab(ledger, browser), order('a')),
      transact(tab(ledger, browser), order('b')),
    ]);
    expect(both.map((done) => done.ok && done.value.status)).toEqual(['final', 'final']);
    expect([...ledger.used].sort()).toEqual([1, 2]);
  });

  it('that another tab is at is not begun twice', async () => {
    const ledger = new TestLedger();
    const browser = new TestBrowser();
    const first = transact(tab(ledger, browser), order('a'));
    expect(await transact(tab(ledger, browser), order('a'))).toMatchObject({
      error: { code: 'wallet-busy' },
    });
    expect(await first).toMatchObject({ ok: true });
    expect(ledger.applied.size).toBe(1);
  });

  it('nobody signed leaves nothing, and its number is free', async () => {
    const ledger = new TestLedger();
    const browser = new TestBrowser();
    const refuse = async () => fail('signer-cancelled', 'no');
    expect(await transact(tab(ledger, browser, refuse), order('a'))).toMatchObject({
      error: { code: 'signer-cancelled' },
    });
    expect(browser.kept.size).toBe(0);
    expect(await transact(tab(ledger, browser), order('b'))).toMatchObject({ value: { sequence: 1 } });
  });

  it('is not signed where it can not be kept, and not sent where the signed bytes can not', async () => {
    const ledger = new TestLedger();
    const browser = new TestBrowser();
    browser.full = true;
    let signed = 0;
    const counting: WalletPorts['sign'] = (account, bytes) => {
      signed++;
      return sign(account, bytes);
    };
    const full = { error: { code: 'wallet-storage' } };
    expect(await transact(tab(ledger, browser, counting), order('a'))).toMatchObject(full);
    expect(signed).toBe(0);
    browser.full = false;
    const filling: WalletPorts['sign'] = (account, bytes) => {
      browser.full = true;
      return sign(account, bytes);
    };
    expect(await transact(tab(ledger, browser, filling), order('a'))).toMatchObject(full);
    expect(ledger.submissions).toBe(0);
  });

  it.each([
    ['more than there is', 10_000_000, 'wallet-balance'],
    ['all there is, without the fee', 9_999_999, 'wallet-balance'],
  ])('of %s is refused before anybody signs', async (_what, amount, code) => {
    const never = async () => Promise.reject(new Error('asked to sign'));
    expect(await transact(tab(new TestLedger(), new TestBrowser(), never), order('a', amount))).toMatchObject(
      {
        error: { code },
      },
    );
  });

  it('from an account nobody credited says so', async () => {
    const ledger = new TestLedger();
    ledger.balance = 0;
    expect(await transact(tab(ledger, new TestBrowser()), order('a'))).toMatchObject({
      error: { code: 'wallet-empty' },
    });
  });

  it('refused at its first sending is over', async () => {
    const ledger = new TestLedger();
    ledger.faults = ['refuse'];
    expect(await transact(tab(ledger, new TestBrowser()), order('a'))).toMatchObject({
      value: { status: 'refused', code: 'fee-unpaid' },
    });
  });

  it('whose number another wallet used is refused, and never counted as paid', async () => {
    const ledger = new TestLedger();
    ledger.used.add(1);
    expect(await transact(tab(ledger, new TestBrowser()), order('a'))).toMatchObject({
      value: { status: 'refused', code: 'sequence-used' },
    });
  });
});

describe('after a tab has died', () => {
  /** A tab that dies at the n-th write. */
  async function died(ledger: TestLedger, browser: TestBrowser, when: 'before-sending' | 'after-sending') {
    const never = new Promise<never>(() => undefined);
    const ports = tab(ledger, browser);
    if (when === 'before-sending') ledger.faults = ['lost-before'];
    else ledger.faults = ['lost-after'];
    const dying: WalletPorts = {
      ...ports,
      connection: {
        ...ports.connection,
        fetch: (url, init) => {
          if (ledger.submissions > 0) return never;
          return ledger.fetch(url, init);
        },
      },
    };
    void transact(dying, order('a'));
    while (ledger.submissions === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    browser.held.clear();
  }

  it.each(['before-sending', 'after-sending'] as const)(
    '%s, the next tab ends it with one payment',
    async (when) => {
      const ledger = new TestLedger();
      const browser = new TestBrowser();
      await died(ledger, browser, when);
      expect(await resumePayments(tab(ledger, browser))).toMatchObject({
        ok: true,
        value: [{ reference: 'a', status: 'final' }],
      });
      expect(ledger.applied.size).toBe(1);
      expect(browser.kept.get('a')?.status).toBe('final');
    },
  );

  it('before signing, the draft is forgotten and nothing is sent', async () => {
    const ledger = new TestLedger();
    const browser = new TestBrowser();
    void transact(
      tab(ledger, browser, () => new Promise(() => undefined)),
      order('a'),
    );
    while (browser.kept.size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    browser.held.clear();
    expect(await resumePayments(tab(ledger, browser))).toEqual({ ok: true, value: [] });
    expect(browser.kept.size).toBe(0);
    expect(ledger.submissions).toBe(0);
  });

  it('past its expiry it has expired, once the index knows every round', async () => {
    const ledger = new TestLedger();
    const browser = new TestBrowser();
    await died(ledger, browser, 'before-sending');
    ledger.timeMs += 11 * MINUTE;
    expect(await resumePayments(tab(ledger, browser))).toMatchObject({ value: [{ status: 'expired' }] });
    expect(ledger.applied.size).toBe(0);
  });
});
