import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Genesis, GenesisType } from './genesis.js';
import { genesisFromJson, genesisToJson } from './genesis-json.js';
import { type Receipt, ReceiptType } from './receipt.js';
import { receiptFromJson, receiptToJson } from './receipt-json.js';
import { arbitraryOf, signatures, transactions } from './test-arbitrary.js';
import { encodeEnvelope, encodeTransaction } from './transaction.js';
import {
  envelopeFromJson,
  envelopeToJson,
  transactionFromJson,
  transactionToJson,
} from './transaction-json.js';

describe('JSON forms', () => {
  const network = new Uint8Array(32).fill(9);

  it('transactions and envelopes come back exactly, also through text', () => {
    fc.assert(
      fc.property(
        transactions,
        signatures,
        fc.constantFrom('iotw' as const, 'tiotw' as const),
        (tx, signature, prefix) => {
          const json = JSON.parse(JSON.stringify(transactionToJson(tx, prefix)));
          expect(transactionFromJson(json, prefix)).toEqual({ ok: true, value: tx });
          const envelope = JSON.parse(
            JSON.stringify(envelopeToJson(network, { transaction: tx, signature }, prefix)),
          );
          const back = envelopeFromJson(network, envelope, prefix);
          expect(back.ok && back.value.envelope).toEqual(encodeEnvelope(encodeTransaction(tx), signature));
          expect(back.ok && back.value.transaction).toEqual(tx);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('genesis and receipt come back exactly, also through text', () => {
    fc.assert(
      fc.property(arbitraryOf(GenesisType), arbitraryOf(ReceiptType), (g, r) => {
        const genesis = g as Genesis;
        const whole = {
          ...genesis,
          testnet: genesis.testnet % 2,
          parameters: { ...genesis.parameters, adjudicate: genesis.parameters.adjudicate % 2 },
        };
        expect(genesisFromJson(JSON.parse(JSON.stringify(genesisToJson(whole))))).toEqual({
          ok: true,
          value: whole,
        });
        const receipt = JSON.parse(JSON.stringify(receiptToJson(r as Receipt)));
        expect(receiptFromJson(receipt)).toEqual({ ok: true, value: r });
      }),
      { numRuns: 100 },
    );
  });

  it('never throw, whatever they are given', () => {
    const hostile = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }),
      fc.json().map((t) => JSON.parse(t)),
    );
    fc.assert(
      fc.property(hostile, (json) => {
        for (const result of [
          transactionFromJson(json, 'iotw'),
          transactionFromJson(
            { sender: json, sequence: json, expiryMs: json, operations: [json], memo: json },
            'iotw',
          ),
          envelopeFromJson(network, json, 'tiotw'),
          genesisFromJson(json),
          receiptFromJson(json),
        ]) {
          expect(result.ok).toBe(false);
          if (!result.ok) expect(typeof result.error.data?.pointer).toBe('string');
        }
      }),
      { numRuns: 500 },
    );
  });
});
