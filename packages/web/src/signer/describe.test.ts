import { utf8 } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeAddress } from '@iotw/protocol/address';
import { OPERATION_NAMES, type Operation } from '@iotw/protocol/operations';
import { encodeTransaction } from '@iotw/protocol/transaction';
import { describe, expect, it } from 'vitest';
import { describeTransaction } from './describe.ts';
import type { NetworkCard } from './network-card.ts';

const ALICE = keyPairFromSeed(new Uint8Array(32).fill(1)).publicKey;
const BOB = keyPairFromSeed(new Uint8Array(32).fill(2)).publicKey;
const CARD: NetworkCard = {
  network: new Uint8Array(32).fill(7),
  name: 'devnet',
  prefix: 'tiotw',
  feeFloor: 100,
  feePerOperation: 50,
  feeBps: 10,
  app: 'http://localhost:8787',
};

function bytesOf(operations: readonly Operation[], memo = ''): Uint8Array {
  return encodeTransaction({
    sender: ALICE,
    sequence: 3,
    expiryMs: 1_700_000_000_000,
    operations,
    memo: utf8(memo),
  });
}

describe('what is shown of a transaction', () => {
  it('is who gets how much, the memo, the fee and the sum', () => {
    const shown = describeTransaction(
      bytesOf([{ type: 'transferToKey', to: BOB, amount: 12_500_000 }], '<b>rent</b>'),
      ALICE,
      CARD,
    );
    expect(shown).toMatchObject({
      ok: true,
      value: {
        shown: {
          operations: [
            {
              name: 'transferToKey',
              pays: 12_500_000,
              fields: [
                { label: 'to', value: encodeAddress('tiotw', 0, BOB) },
                { label: 'amount', value: '12.5 IOTW' },
              ],
            },
          ],
          memo: '<b>rent</b>',
          fee: 150 + 12_500,
          total: 12_500_000,
        },
      },
    });
  });

  it('sums what several operations pay, and leaves nobody out', () => {
    const shown = describeTransaction(
      bytesOf([
        { type: 'transfer', to: 9, amount: 1 },
        { type: 'deviceRelease', device: BOB },
        { type: 'laneFund', lane: 1, credit: 5, bond: 6 },
      ]),
      ALICE,
      CARD,
    );
    expect(shown.ok && shown.value.shown.operations.map(({ name, pays }) => [name, pays])).toEqual([
      ['transfer', 1],
      ['deviceRelease', undefined],
      ['laneFund', 11],
    ]);
    expect(shown.ok && shown.value.shown.total).toBe(12);
  });

  it('is every byte of it: another field value is another screen', () => {
    const seen = new Set<string>();
    for (const operation of [
      { type: 'deviceHandover', device: BOB, to: ALICE, acceptance: new Uint8Array(64) },
      { type: 'deviceHandover', device: BOB, to: ALICE, acceptance: new Uint8Array(64).fill(1) },
      { type: 'deviceHandover', device: BOB, to: BOB, acceptance: new Uint8Array(64) },
      { type: 'deviceHandover', device: ALICE, to: ALICE, acceptance: new Uint8Array(64) },
      { type: 'vote', proposal: 1, approve: 1 },
      { type: 'vote', proposal: 1, approve: 0 },
    ] as const) {
      const shown = describeTransaction(bytesOf([operation]), ALICE, CARD);
      expect(shown.ok).toBe(true);
      if (shown.ok) seen.add(JSON.stringify(shown.value.shown));
    }
    expect(seen.size).toBe(6);
  });

  it('names every operation there is in both languages', async () => {
    const en = (await import('../i18n/en/signer.json')).default as Record<string, string>;
    const common = OPERATION_NAMES.filter((name) => `operation.${name}` in en);
    expect(common).toContain('transferToKey');
    expect(common).toContain('propose');
  });
});

describe('nothing is shown, so nothing signed, of', () => {
  const good = bytesOf([{ type: 'transferToKey', to: BOB, amount: 5 }]);
  it.each<[string, Uint8Array]>([
    ['no bytes', new Uint8Array(0)],
    ['bytes cut short', good.subarray(0, good.length - 1)],
    ['a byte too many in front of the memo', Uint8Array.from([...good, 0xff])],
    ['an unknown operation', Uint8Array.from(good, (byte, i) => (i === 60 ? 200 : byte))],
  ])('%s', (_what, bytes) => {
    expect(describeTransaction(bytes, ALICE, CARD)).toMatchObject({ error: { code: 'signer-transaction' } });
  });

  it("another account's transaction", () => {
    expect(describeTransaction(good, BOB, CARD)).toMatchObject({ error: { code: 'signer-sender' } });
  });
});
