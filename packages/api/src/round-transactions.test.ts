/** Transactions read one by one from a stored round are those of the whole round. */
import { transferOp } from '@iotw/ledger/test-operations';
import { RoundTransactions } from '@iotw/nodes/ledger-server/round-transactions';
import { expect, it } from 'vitest';
import { RoundLayout } from './round-layout.js';
import { TestNode } from './test-node.js';

const node = new TestNode();
const { t } = node;
const paid = (count: number) =>
  Array.from({ length: count }, (_, n) => t.transaction('alice', [transferOp(t.account('bob'), n + 1)]));

it('from one block or several, in the order applied, with what was refused', () => {
  const lost = t.transaction('alice', [transferOp(t.account('bob'), Number.MAX_SAFE_INTEGER)]);
  node.send(0, ...paid(1));
  node.apply([t.block(2, paid(3)), t.block(0, [...paid(1), lost]), t.block(1, paid(5))]);
  node.endEpoch();
  node.apply([t.block(1, paid(2)), t.block(2, paid(1))]);
  for (let number = 1; number <= node.ledger.round; number++) {
    const whole = new RoundLayout(node.history.round(number)!);
    const single = RoundTransactions.stored(node.store, number)!;
    for (let position = 0; position < whole.count; position++)
      expect(single.at(position)).toEqual(whole.at(position));
    expect(single.at(whole.count)).toBeUndefined();
    expect(single.at(-1)).toBeUndefined();
  }
});

it('of a round that is not on this disk there are none', () => {
  expect(RoundTransactions.stored(node.store, 99)).toBeUndefined();
});
