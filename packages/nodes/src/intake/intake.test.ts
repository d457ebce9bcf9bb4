import { concatBytes } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import type { VerifiedRun, VerifyRun } from '@iotw/kernel/ports/verifier';
import { TestNetwork } from '@iotw/ledger/test-network';
import { presenceOp, transferOp } from '@iotw/ledger/test-operations';
import { ENVELOPE, type SignedTransaction, transactionId } from '@iotw/protocol/transaction';
import { describe, expect, it } from 'vitest';
import type { NodeEffect } from '../effects.js';
import { LaneQueue } from '../trust-node/lane-queue.js';
import { DEFAULT_INTAKE_LIMITS, Intake, type IntakeLimits } from './intake.js';
import { LOCAL_CODES, refusalName } from './local-codes.js';
import { ledgerScreen, type Screen } from './screen.js';
import { UNDECIDED } from './submission.js';

const t = new TestNetwork();
const pay = (options = {}) => t.transaction('alice', [transferOp(t.account('bob'), 1)], options);

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
  const intake = new Intake([queue], { ...DEFAULT_INTAKE_LIMITS, ...limits }, screen);
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
    for (const { envelope } of [ahead, ticket]) expect(screen(envelope, 0, envelope.length)).toBe(0);
    for (const { envelope } of [
      used,
      fresh.transaction('dora', [transferOp(0, 1)]),
      fresh.transaction('carol', [transferOp(0, 1)]),
      fresh.transaction('alice', [transferOp(99, 1)]),
      fresh.transaction('alice', [transferOp(1, 0)], { expiryMs: 5 }),
    ]) {
      const screened = screen(envelope, 0, envelope.length);
      const id = transactionId(fresh.network, envelope.subarray(ENVELOPE.transaction));
      const credit = () => fresh.ledger.trustNodes.read(0)!.credit;
      const before = credit();
      const { code } = fresh.apply({ id, envelope });
      expect(refusalName(screened)).toBe(credit() < before ? code : undefined);
    }
  });
});

/** The transfer's amount leaves the safe integers: only whole decoding sees it. */
function broken(envelope: Uint8Array): Uint8Array {
  return envelope.map((byte, i) => (i === envelope.length - 1 ? 0xff : byte));
}
