import { concatBytes } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import type { VerifiedRun, VerifyRun } from '@iotw/kernel/ports/verifier';
import { publicKey, TestNetwork } from '@iotw/ledger/test-network';
import { presenceOp, refundOp, tradeOp, transferOp, transferToKeyOp } from '@iotw/ledger/test-operations';
import type { Operation } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { ENVELOPE, type SignedTransaction, transactionId } from '@iotw/protocol/transaction';
import { describe, expect, it } from 'vitest';
import type { NodeEffect } from '../effects.js';
import { LaneQueue } from '../trust-node/lane-queue.js';
import { DEFAULT_INTAKE_LIMITS, Intake, type IntakeLimits } from './intake.js';
import { LOCAL_CODES, refusalName } from './local-codes.js';
import { RecentSignatures } from './recent-signatures.js';
import { ledgerScreen, type Screen } from './screen.js';
import { decide, newSubmission, type Submission, UNDECIDED } from './submission.js';

const t = new TestNetwork();
const pay = (options = {}) => t.transaction('alice', [transferOp(t.account('bob'), 1)], options);
const recent = () => new RecentSignatures(1_024, 12_345);

function runOf(envelopes: readonly Uint8Array[]): VerifyRun {
  const offsets = new Uint32Array(envelopes.length + 1);
  envelopes.forEach((envelope, i) => {
    offsets[i + 1] = offsets[i]! + envelope.length;
  });
  return { bytes: concatBytes(...envelopes), offsets };
}

function verified({ bytes, offsets }: VerifyRun): VerifiedRun {
  const count = offsets.length - 1;
  const ids = new Uint8Array(32 * count);
  const valid = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const envelope = bytes.subarray(offsets[i]!, offsets[i + 1]!);
    const id = transactionId(t.network, envelope.subarray(ENVELOPE.transaction));
    ids.set(id, 32 * i);
    const sender = envelope.subarray(ENVELOPE.sender, ENVELOPE.sender + 32);
    valid[i] = verify(envelope.subarray(ENVELOPE.signature, ENVELOPE.transaction), id, sender) ? 1 : 0;
  }
  return { ids, valid };
}

/** An intake over lanes of the given room, with what reaches the verifier counted. */
function entrance(room = 1_024, limits: Partial<IntakeLimits> = {}, screen?: Screen) {
  const queue = new LaneQueue(room);
  const intake = new Intake([queue], recent(), { ...DEFAULT_INTAKE_LIMITS, ...limits }, screen);
  const waiting: Extract<NodeEffect, { kind: 'verify' }>[] = [];
  let looked = 0;
  const take = (effects: NodeEffect[]) => {
    for (const effect of effects) if (effect.kind === 'verify') waiting.push(effect);
  };
  return {
    queue,
    intake,
    get looked() {
      return looked;
    },
    /** Hands in; nothing is verified yet. */
    hand(...envelopes: readonly Uint8Array[]) {
      const effects: NodeEffect[] = [];
      const submitted = intake.submit(runOf(envelopes), undefined, effects);
      take(effects);
      return submitted;
    },
    /** The verifier answers all it was given. */
    answer() {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        looked += next.run.offsets.length - 1;
        const effects: NodeEffect[] = [];
        intake.verified(next.token, verified(next.run), effects);
        take(effects);
      }
    },
    /** Codes of what is handed in, once verified. */
    codes(...envelopes: readonly Uint8Array[]): number[] {
      const submitted = this.hand(...envelopes);
      if (!submitted.ok) throw new Error(submitted.error.code);
      this.answer();
      return [...submitted.value.codes];
    },
  };
}

const flipped = ({ envelope }: SignedTransaction) => envelope.map((byte, i) => (i === 70 ? byte ^ 1 : byte));

describe('the entrance', () => {
  it('gives each envelope of a run its own answer; a bad one voids no other', () => {
    const e = entrance();
    const [one, two] = [pay(), pay()];
    const codes = e.codes(one.envelope, new Uint8Array(9), flipped(pay()), one.envelope, two.envelope);
    expect(codes).toEqual([
      UNDECIDED,
      LOCAL_CODES['transaction-malformed'],
      LOCAL_CODES['signature-invalid'],
      LOCAL_CODES['transaction-duplicate'],
      UNDECIDED,
    ]);
    expect(e.queue.pending).toBe(2);
    expect(e.queue.take().ids.subarray(0, 32)).toEqual(one.id);
  });

  it('hands nothing to a lane that takes no blocks, and says so where no other is left', () => {
    const e = entrance();
    e.queue.closed = true;
    const { envelope } = pay();
    expect(e.codes(envelope)).toEqual([LOCAL_CODES['lane-suspended']]);
    expect(e.queue.pending).toBe(0);
    e.queue.closed = false;
    expect(e.codes(envelope)).toEqual([UNDECIDED]);
    const [open, closed] = [new LaneQueue(16), new LaneQueue(16)];
    closed.closed = true;
    const intake = new Intake([closed, open], recent(), DEFAULT_INTAKE_LIMITS);
    const effects: NodeEffect[] = [];
    intake.submit(runOf([pay().envelope]), undefined, effects);
    for (const effect of effects)
      if (effect.kind === 'verify') intake.verified(effect.token, verified(effect.run), []);
    expect([open.pending, closed.pending]).toEqual([1, 0]);
  });

  it('drops what it has seen before its signature is verified again', () => {
    const e = entrance();
    const { envelope } = pay();
    expect(e.codes(envelope)).toEqual([UNDECIDED]);
    expect(e.looked).toBe(1);
    for (let i = 0; i < 5; i++) expect(e.codes(envelope)).toEqual([LOCAL_CODES['transaction-duplicate']]);
    expect(e.looked).toBe(1);
    expect(e.queue.pending).toBe(1);
  });

  it('a stranger can not shut a transaction out by sending it with a broken signature first', () => {
    const e = entrance();
    const tx = pay();
    expect(e.codes(flipped(tx))).toEqual([LOCAL_CODES['signature-invalid']]);
    expect(e.codes(tx.envelope)).toEqual([UNDECIDED]);
  });

  it('refuses a run that is too much as a whole, before anything is kept of it', () => {
    const e = entrance(1_024, { maxVerifying: 3 });
    const [one, two] = [pay(), pay()];
    expect(e.hand(one.envelope, two.envelope).ok).toBe(true);
    const more = e.hand(pay().envelope, pay().envelope);
    expect(!more.ok && more.error.code).toBe('intake-full');
    expect(e.intake.verifying).toBe(2);
    e.answer();
    expect(e.intake.verifying).toBe(0);
    expect(e.hand(pay().envelope, pay().envelope).ok).toBe(true);
  });

  it('says that a lane is full, and takes the very same transaction later', () => {
    const e = entrance(2);
    const txs = [pay(), pay(), pay()];
    expect(e.codes(...txs.map(({ envelope }) => envelope))).toEqual([
      UNDECIDED,
      UNDECIDED,
      LOCAL_CODES['intake-full'],
    ]);
    e.queue.take();
    expect(e.codes(txs[2]!.envelope)).toEqual([UNDECIDED]);
  });
});

describe('the turn of a lane', () => {
  /** Two lanes, blocks of three. */
  function lanes() {
    const queues = [new LaneQueue(16), new LaneQueue(16)] as const;
    const intake = new Intake(queues, recent(), { ...DEFAULT_INTAKE_LIMITS, laneTarget: 3 });
    return {
      offer(count: number) {
        const effects: NodeEffect[] = [];
        intake.submit(runOf(Array.from({ length: count }, () => pay().envelope)), undefined, effects);
        for (const effect of effects)
          if (effect.kind === 'verify') intake.verified(effect.token, verified(effect.run), []);
        return queues.map(({ pending }) => pending);
      },
      leave(lane: 0 | 1) {
        while (queues[lane].pending > 0) queues[lane].take();
        intake.rotate(queues[lane]);
      },
      queues,
    };
  }

  it('goes on where its block left before it was full', () => {
    const l = lanes();
    expect(l.offer(1)).toEqual([1, 0]);
    l.leave(0);
    expect(l.offer(1)).toEqual([0, 1]);
  });

  it('fills one block before the next, so that no rest of a run leaves in a block of its own', () => {
    const l = lanes();
    // Something of the node's own is there already.
    l.queues[0].offer(newSubmission(runOf([pay().envelope]), undefined), 0);
    expect(l.offer(3)).toEqual([3, 1]);
    l.leave(0);
    expect(l.offer(2)).toEqual([0, 3]);
  });
});

describe('a screen by the ledger', () => {
  const used = pay({ sequence: 1 });
  t.apply(used);

  const rows: readonly [what: string, code: string, make: () => Uint8Array][] = [
    ['operations that are none', 'transaction-malformed', () => broken(pay().envelope)],
    ['a lapsed expiry', 'transaction-expired', () => pay({ expiryMs: t.ledger.timeMs - 1 }).envelope],
    ['a used sequence', 'sequence-used', () => used.envelope],
    ['a key without account', 'sender-unknown', () => t.transaction('dora', [transferOp(0, 1)]).envelope],
    ['no money for the floor', 'fee-unpaid', () => t.transaction('carol', [transferOp(0, 1)]).envelope],
    [
      'tickets of somebody poor',
      'fee-unpaid',
      () => t.transaction('carol', [presenceOp(t, 'device1')]).envelope,
    ],
  ];

  it.each(rows)('refuses %s before it is verified: %s', (_what, code, make) => {
    const e = entrance(16, {}, ledgerScreen(t.ledger));
    expect(e.codes(make()).map(refusalName)).toEqual([code]);
    expect(e.looked).toBe(0);
    expect(e.queue.pending).toBe(0);
  });

  it('refuses what the ledger would charge to the lane, with its code, and nothing else', () => {
    const fresh = new TestNetwork();
    const screen = ledgerScreen(fresh.ledger);
    const ahead = fresh.transaction('alice', [transferOp(1, 1)], { sequence: 1_000 });
    const ticket = fresh.transaction('operator1', [presenceOp(fresh, 'device1')]);
    const screened = (envelope: Uint8Array) => screen.check(newSubmission(runOf([envelope]), undefined), 0);
    for (const { envelope } of [ahead, ticket]) expect(screened(envelope)).toBe(0);
    for (const { envelope } of [
      used,
      fresh.transaction('dora', [transferOp(0, 1)]),
      fresh.transaction('carol', [transferOp(0, 1)]),
      fresh.transaction('alice', [transferOp(99, 1)]),
      fresh.transaction('alice', [transferOp(1, 0)], { expiryMs: 5 }),
    ]) {
      const judged = screened(envelope);
      const id = transactionId(fresh.network, envelope.subarray(ENVELOPE.transaction));
      const credit = () => fresh.ledger.trustNodes.read(0)!.credit;
      const before = credit();
      const { code } = fresh.apply({ id, envelope });
      expect(refusalName(judged)).toBe(credit() < before ? code : undefined);
    }
  });
});

describe('what is promised', () => {
  const floor = 110;
  /** alice holds just `balance`; what she hands in is verified, and what was taken in waits to be decided. */
  const poor = (balance: number) => {
    const net = new TestNetwork();
    net.ledger.accounts.setBalance(net.account('alice'), balance);
    const e = entrance(1_024, {}, ledgerScreen(net.ledger));
    const taken: [Submission, number][] = [];
    const hand = (...txs: readonly SignedTransaction[]): (string | undefined)[] => {
      const submitted = e.hand(...txs.map(({ envelope }) => envelope));
      if (!submitted.ok) throw new Error(submitted.error.code);
      e.answer();
      const codes = [...submitted.value.codes];
      codes.forEach((code, i) => {
        if (code === UNDECIDED) taken.push([submitted.value, i]);
      });
      return codes.map(refusalName);
    };
    const send = (...operations: Operation[]) => net.transaction('alice', operations);
    const one = () => send(transferOp(net.account('bob'), 1));
    return { net, e, taken, hand, send, one };
  };
  const ok = undefined;
  const no = 'fee-promised';

  it('one floor fee is promised to one transaction, however many are handed in', () => {
    const { hand, one } = poor(floor + 1);
    expect(hand(one(), one(), one())).toEqual([ok, no, no]);
    expect(hand(one())).toEqual([no]);
  });

  it.each<
    [what: string, balance: number, spend: (t: TestNetwork) => Operation, expected: (string | undefined)[]]
  >([
    ['a transfer of nearly all', 10_000, (t) => transferOp(t.account('bob'), 9_800), [ok, no]],
    ['a transfer that leaves a floor', 10_000, (t) => transferOp(t.account('bob'), 9_700), [ok, ok]],
    [
      'a transfer whose basis points take the rest',
      100_000,
      (t) => transferOp(t.account('bob'), 99_690),
      [ok, no],
    ],
    ['a transfer to a key', 10_000, () => transferToKeyOp('bob', 9_800), [ok, no]],
    ['a purchase', 10_000, () => tradeOp('bob', 9_800), [ok, no]],
    ['a sale', 10_000, () => tradeOp('bob', 9_800, { side: 1 }), [ok, ok]],
    ['a refund', 10_000, () => refundOp(new Uint8Array(32), 0, 9_800), [ok, no]],
    ['funds for a lane', 10_000, () => ({ type: 'laneFund', lane: 0, credit: 4_900, bond: 4_900 }), [ok, no]],
    [
      'more than there can be',
      10_000,
      (t) => transferOp(t.account('bob'), Number.MAX_SAFE_INTEGER),
      [ok, no],
    ],
  ])('%s counts with all it may spend', (_what, balance, spend, expected) => {
    const { net, hand, send, one } = poor(balance);
    expect(hand(send(spend(net)), one())).toEqual(expected);
  });

  it('is free again when the transaction is decided, whatever became of it', () => {
    for (const code of [0, RESULT_CODES['balance-too-low'], LOCAL_CODES['intake-full']]) {
      const { hand, one, taken } = poor(floor + 1);
      const again = one();
      expect(hand(one(), again)).toEqual([ok, no]);
      for (const [submission, index] of taken) decide(submission, index, code);
      for (const [submission, index] of taken) decide(submission, index, code);
      expect(hand(again)).toEqual([ok]);
    }
  });

  it('is nothing where the queue is full', () => {
    const { hand, one, e } = poor(2 * floor + 2);
    for (let i = 0; i < 1_024; i++) e.queue.offer(newSubmission(runOf([]), undefined), 0);
    const full = one();
    expect(hand(full)).toEqual(['intake-full']);
    e.queue.take();
    expect(hand(full)).toEqual([ok]);
  });

  it('an envelope that its sender did not sign holds nothing of it', () => {
    const { hand, send, one, net } = poor(10_000);
    const forged = send(transferOp(net.account('bob'), 9_800));
    expect(
      hand({ ...forged, envelope: forged.envelope.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) }),
    ).toEqual(['signature-invalid']);
    expect(hand(one())).toEqual([ok]);
  });

  it('never exceeds the balance, so that sums stay exact', () => {
    const { net, hand, send, one, taken } = poor(10_000);
    const huge = () => send(transferOp(net.account('bob'), Number.MAX_SAFE_INTEGER));
    expect(hand(huge())).toEqual([ok]);
    net.ledger.accounts.setBalance(net.account('alice'), 10_000 + 3 * floor);
    expect(hand(huge(), huge())).toEqual([ok, no]);
    for (const [submission, index] of taken) decide(submission, index, 0);
    net.ledger.accounts.setBalance(net.account('alice'), floor + 1);
    expect(hand(one(), one())).toEqual([ok, no]);
  });

  it('tickets of a trust node’s account are free and hold nothing', () => {
    const net = new TestNetwork();
    net.ledger.accounts.setBalance(net.account('operator1'), 0);
    const e = entrance(16, {}, ledgerScreen(net.ledger));
    const tickets = ['device1', 'device2'].map((d) => net.transaction('operator1', [presenceOp(net, d)]));
    expect(e.codes(...tickets.map(({ envelope }) => envelope))).toEqual([UNDECIDED, UNDECIDED]);
  });

  it('is kept for accounts opened later, too', () => {
    const net = new TestNetwork();
    for (let i = 0; i < 1_100; i++) net.ledger.accounts.open(publicKey(`late${i}`));
    const name = 'late1099';
    net.ledger.accounts.setBalance(net.account(name), floor + 1);
    const e = entrance(16, {}, ledgerScreen(net.ledger));
    const txs = [1, 2].map(() => net.transaction(name, [transferOp(0, 1)]));
    expect(e.codes(...txs.map(({ envelope }) => envelope)).map(refusalName)).toEqual([ok, no]);
  });
});

/** The transfer's amount leaves the safe integers: only whole decoding sees it. */
function broken(envelope: Uint8Array): Uint8Array {
  return envelope.map((byte, i) => (i === envelope.length - 1 ? 0xff : byte));
}
