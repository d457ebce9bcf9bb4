/** Commands that move money or look at it, against a real node without devices. */
import { encodeAddress } from '@iotw/protocol/address';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotw, iotwJson } from '../test-io.js';
import { ALICE, address, NOBODY, OneNode, SHOP, seed } from './test-one-node.js';

const node = new OneNode();
const { as, call, refused } = node;
beforeAll(() => node.start());
afterAll(() => node.remove());

describe('money', () => {
  let trade: string;

  it('send moves it, and account shows it', async () => {
    const sent = await call('send', address(SHOP), '12.000001', ...as(ALICE), '--memo', 'rent');
    expect(sent).toMatchObject({ status: 'final', result: 'ok', sequence: 1 });
    expect(await call('account', 'show', address(SHOP))).toMatchObject({ balance: 12_000_001, sequence: 0 });
    const { fee } = sent;
    expect((await call('account', 'show', address(ALICE))).balance).toBe(1_000_000_000 - 12_000_001 - fee);
    expect(await call('tx', 'show', sent.id)).toMatchObject({
      code: 'ok',
      transaction: { memo: 'rent', operations: [{ type: 'transferToKey', amount: 12_000_001 }] },
    });
  });

  it('send by account number, only until it is accepted', async () => {
    const { number } = await call('account', 'show', address(SHOP));
    const sent = await call('send', String(number), '1', ...as(ALICE), '--wait', 'accepted');
    expect(['accepted', 'final']).toContain(sent.status);
    // Until it is final the account does not show that its number is taken.
    while ((await call('account', 'show', address(ALICE))).sequence < sent.sequence);
  });

  it('buy is a trade, and refund gives part of it back', async () => {
    const words = [
      '--item',
      'Hand warmer',
      '--quantity',
      '6',
      '--warranty-days',
      '30',
      '--shop-data',
      'aisle 7',
    ];
    const bought = await call('buy', address(SHOP), '30.6', ...words, ...as(ALICE));
    trade = bought.id;
    const { transaction } = await call('tx', 'show', trade);
    expect(transaction.operations).toMatchObject([
      {
        type: 'trade',
        side: 'buyer',
        amount: 30_600_000,
        quantity: 6,
        warrantyDays: 30,
        item: 'Hand warmer',
        data: 'aisle 7',
      },
    ]);
    expect(await call('refund', trade, '10', ...as(SHOP))).toMatchObject({ result: 'ok' });
  });

  it('an operation without effect is a failure with its own code and the transaction id', async () => {
    const { code, value } = await iotwJson(['refund', trade, '30', ...as(SHOP), '--api', node.api]);
    expect(code).toBe(1);
    expect(value).toMatchObject({
      status: 'failed',
      result: 'refund-exceeds-trade',
      error: { code: 'refund-exceeds-trade' },
    });
    expect(await refused('refund', trade, '1', ...as(ALICE))).toBe('refund-not-seller');
  });

  it('faucet gives test money', async () => {
    const given = await call('faucet', address(9));
    expect((await call('account', 'show', address(9))).balance).toBe(given.amount);
  });

  it('account history is newest first, page after page', async () => {
    const { items } = await call('account', 'history', address(ALICE), '--limit', '2');
    expect(items).toHaveLength(2);
    expect(items[0].timeMs).toBeGreaterThanOrEqual(items[1].timeMs);
    const { out } = await iotw(['account', 'history', address(ALICE), '--api', node.api]);
    expect(out).toMatch(/^time +transaction +operations +result +fee\n/);
    expect(out).toContain('  trade  ');
  });

  const bad: [name: string, words: () => string[], code: string][] = [
    [
      'an address with a typing error',
      () => ['send', `${address(SHOP).slice(0, -1)}q`, '1', ...as(ALICE)],
      'address-checksum',
    ],
    [
      "another network's address",
      () => ['send', encodeAddress('iotw', 0, seed(2)), '1', ...as(ALICE)],
      'address-wrong-network',
    ],
    ['an amount too fine', () => ['send', address(SHOP), '0.0000001', ...as(ALICE)], 'amount-format'],
    ['more than there is', () => ['send', address(SHOP), '9000', ...as(ALICE)], 'balance-too-low'],
    ['a signer without an account', () => ['send', address(SHOP), '1', ...as(NOBODY)], 'account-not-found'],
    [
      'another network than meant',
      () => ['send', address(SHOP), '1', ...as(ALICE), '--network', '00'.repeat(32)],
      'client-network-mismatch',
    ],
    [
      'a network that is no id',
      () => ['send', address(SHOP), '1', ...as(ALICE), '--network', 'mine'],
      'client-network',
    ],
    [
      'a memo too long',
      () => ['send', address(SHOP), '1', ...as(ALICE), '--memo', 'x'.repeat(257)],
      'transaction-request',
    ],
    [
      'an item too long',
      () => ['buy', address(SHOP), '1', ...as(ALICE), '--item', 'x'.repeat(65)],
      'trade-terms',
    ],
    [
      'terms that are no hash',
      () => ['buy', address(SHOP), '1', ...as(ALICE), '--terms', 'x'],
      'trade-terms',
    ],
    ['a trade nobody made', () => ['refund', '00'.repeat(32), '1', ...as(SHOP)], 'trade-unknown'],
    ['a refund of no id', () => ['refund', 'abc', '1', ...as(SHOP)], 'client-transaction-id'],
    ['a transaction nobody sent', () => ['tx', 'show', '00'.repeat(32)], 'transaction-not-found'],
    ['a block that is not', () => ['block', 'show', '0/999999'], 'block-not-found'],
    ['a block without a place', () => ['block', 'show', '12'], 'block-place'],
    ['an account nobody credited', () => ['account', 'show', address(NOBODY)], 'account-not-found'],
    ['a device that is not', () => ['device', 'show', '4096'], 'device-unknown'],
    ['an epoch to come', () => ['epoch', 'show', '100000'], 'epoch-not-found'],
    ['an epoch that is none', () => ['epoch', 'show', 'now'], 'epoch-number'],
  ];
  for (const [name, words, code] of bad) {
    it(`refuses ${name}`, async () => expect(await refused(...words())).toBe(code));
  }

  it('a server that is not there has a code and a mend', async () => {
    const ran = await iotwJson(['account', 'show', '0', '--api', 'http://127.0.0.1:1']);
    expect(ran).toMatchObject({ code: 1, value: { error: { code: 'client-unreachable' } } });
  });
});
