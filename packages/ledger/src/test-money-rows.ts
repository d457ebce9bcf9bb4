/** Outcomes of transactions as such and of the operations that move money, as rows for operations.test. */
import { MAX_SUPPLY } from '@iotw/protocol/limits';
import { RESULT_CODES, type ResultCode } from '@iotw/protocol/result';
import { expect } from 'vitest';
import type { TestNetwork } from './test-network.js';
import {
  countersigned,
  NO_SIGNATURE,
  refundOp,
  tradeOp,
  transferOp,
  transferToKeyOp,
  ZEROS,
} from './test-operations.js';
import { after, alice, by, type Row } from './test-rows.js';

const boughtFromBob = (t: TestNetwork): Uint8Array => {
  const bought = t.transaction('alice', [transferOp(t.account('carol'), 1), tradeOp('bob', 700)]);
  expect(t.apply(bought).code).toBe('ok');
  return bought.id;
};

export const MONEY_ROWS: readonly Row[] = [
  ['a transfer', 'ok', alice((t) => transferOp(t.account('bob'), 1))],
  ['a transfer of nothing', 'amount-zero', alice((t) => transferOp(t.account('bob'), 0))],
  ['a transfer to nobody', 'account-unknown', alice(() => transferOp(10_000, 1))],
  ['a transfer to oneself', 'self-transfer', alice((t) => transferOp(t.account('alice'), 1))],
  ['more than there is', 'balance-too-low', alice((t) => transferOp(t.account('bob'), 1_000_000))],
  ['more than can be', 'amount-overflow', alice((t) => transferOp(t.account('bob'), MAX_SUPPLY + 1))],
  ['a transfer to a new key', 'ok', alice(() => transferToKeyOp('dora', 5))],
  ['a transfer to a known key', 'ok', alice(() => transferToKeyOp('bob', 5))],
  ['nothing to a new key', 'amount-zero', alice(() => transferToKeyOp('dora', 0))],
  ["a transfer to one's own key", 'self-transfer', alice(() => transferToKeyOp('alice', 5))],
  ['too much to a key', 'balance-too-low', alice(() => transferToKeyOp('dora', 999_999))],
  [
    'a new key and its number in one transaction',
    'ok',
    alice(
      () => transferToKeyOp('dora', 5),
      (t) => transferOp(t.ledger.accounts.rows, 5),
    ),
  ],

  ['a transaction that ends early', 'transaction-malformed', (t) => cut(t)],
  [
    'a signature that is not the sender’s',
    'signature-invalid',
    (t) => t.apply(t.transaction('alice', [transferOp(1, 1)]), { invalid: [0] }).code,
  ],
  [
    'a transaction from the past',
    'transaction-expired',
    (t) => t.apply(t.transaction('alice', [transferOp(1, 1)], { expiryMs: t.ledger.timeMs - 1 })).code,
  ],
  [
    'a sequence used before',
    'sequence-used',
    after(
      alice((t) => transferOp(t.account('bob'), 1)),
      (t) => t.apply(t.transaction('alice', [transferOp(1, 2)], { sequence: 1 })).code,
    ),
  ],
  [
    'sequence zero',
    'sequence-used',
    (t) => t.apply(t.transaction('alice', [transferOp(1, 2)], { sequence: 0 })).code,
  ],
  [
    'a sequence 65 above',
    'sequence-too-far',
    (t) => t.apply(t.transaction('alice', [transferOp(1, 2)], { sequence: 65 })).code,
  ],
  ['a sender without account', 'sender-unknown', by('nobody', () => transferOp(1, 2))],
  ['a transaction twice in a block', 'transaction-duplicate', (t) => twice(t)],
  ['a floor fee that is not there', 'fee-unpaid', by('carol', () => transferOp(0, 1))],

  ['a trade by the buyer', 'ok', alice(() => tradeOp('bob', 700))],
  ['a trade with an unknown seller', 'ok', alice(() => tradeOp('dora', 700))],
  ['a trade countersigned by the seller', 'ok', (t) => countersignedTrade(t, 0, 'bob')],
  ['a trade by the seller', 'ok', (t) => countersignedTrade(t, 1, 'bob')],
  ['a trade of no side', 'trade-side', alice(() => tradeOp('bob', 700, { side: 2 }))],
  ['a trade with oneself', 'self-transfer', alice(() => tradeOp('alice', 700))],
  ['a trade for nothing', 'amount-zero', alice(() => tradeOp('bob', 0))],
  ['a trade nobody can pay', 'balance-too-low', alice(() => tradeOp('bob', 999_999))],
  [
    'a seller’s trade with an unknown buyer',
    'account-unknown',
    alice(() => tradeOp('dora', 700, { side: 1, countersignature: NO_SIGNATURE })),
  ],
  ['a seller’s trade alone', 'countersignature-missing', alice(() => tradeOp('bob', 700, { side: 1 }))],
  ['a trade countersigned by another', 'countersignature-invalid', (t) => countersignedTrade(t, 1, 'carol')],
  [
    'a trade with half a countersignature',
    'countersignature-invalid',
    alice(() => tradeOp('bob', 700, { countersignature: new Uint8Array(32) })),
  ],
  ['a refund', 'ok', (t) => refund(t, 'bob', 1, 700)],
  ['a refund of no trade', 'trade-unknown', by('bob', () => refundOp(ZEROS, 0, 1))],
  ['a refund of an operation that is no trade', 'trade-unknown', (t) => refund(t, 'bob', 0, 1)],
  ['a refund by the buyer', 'refund-not-seller', (t) => refund(t, 'alice', 1, 1)],
  ['a refund of more than was paid', 'refund-exceeds-trade', (t) => refund(t, 'bob', 1, 701)],
  ['a refund of more than is left', 'refund-exceeds-trade', (t) => refundTwice(t)],
  ['a refund of nothing', 'amount-zero', (t) => refund(t, 'bob', 1, 0)],

  ['funds for a lane', 'ok', alice(() => ({ type: 'laneFund', lane: 1, credit: 5, bond: 6 }))],
  ['funds for no lane', 'lane-unknown', alice(() => ({ type: 'laneFund', lane: 3, credit: 5, bond: 6 }))],
  ['no funds', 'amount-zero', alice(() => ({ type: 'laneFund', lane: 1, credit: 0, bond: 0 }))],
  [
    'funds that are not there',
    'balance-too-low',
    alice(() => ({ type: 'laneFund', lane: 1, credit: 999_999, bond: 6 })),
  ],
  [
    'funds that can’t be',
    'amount-overflow',
    alice(() => ({ type: 'laneFund', lane: 1, credit: Number.MAX_SAFE_INTEGER, bond: 1 })),
  ],
];

function cut(t: TestNetwork): ResultCode {
  const { id, envelope } = t.transaction('alice', [transferOp(1, 1)]);
  return t.apply({ id, envelope: envelope.subarray(0, envelope.length - 1) }).code;
}

function twice(t: TestNetwork): ResultCode {
  const tx = t.transaction('alice', [transferOp(1, 1)]);
  const { codes } = t.round([t.block(0, [tx, tx])]);
  expect(codes[0]).toBe(0);
  return codes[1] === RESULT_CODES['transaction-duplicate'] ? 'transaction-duplicate' : 'ok';
}

function countersignedTrade(t: TestNetwork, side: number, signer: string): ResultCode {
  return t.send('alice', countersigned(t, tradeOp('bob', 700, { side }), 'alice', signer)).code;
}

function refund(t: TestNetwork, sender: string, place: number, amount: number): ResultCode {
  return t.send(sender, refundOp(boughtFromBob(t), place, amount)).code;
}

function refundTwice(t: TestNetwork): ResultCode {
  const trade = boughtFromBob(t);
  expect(t.send('bob', refundOp(trade, 1, 600)).code).toBe('ok');
  return t.send('bob', refundOp(trade, 1, 101)).code;
}
