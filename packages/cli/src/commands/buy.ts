import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok } from '@iotw/kernel/result';
import { parseAmount } from '@iotw/sdk/transaction/amount';
import { trade } from '@iotw/sdk/transaction/money-operations';
import { type AddCommands, defineNoun, integer } from './command.js';
import { act, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface BuyOptions extends SubmissionOptions {
  readonly item?: string;
  readonly quantity?: number;
  readonly shopData?: string;
  readonly warrantyDays?: number;
  readonly deliveryMs?: number;
  readonly terms?: string;
}

/** `iotw buy <merchant> <amount>`: a trade with the sender as buyer. */
export const addCommands: AddCommands = (noun, run) => {
  defineNoun<BuyOptions>(noun, run, {
    usage: 'buy <merchant> <amount>',
    summary: 'a trade: pay a merchant for an item',
    examples: ['iotw buy tiotw1... 30.6 --item "Hand warmer" --quantity 6 --wallet savings'],
    shared: ['api'],
    options: [
      { flags: '--item <text>', summary: 'item or service, public, at most 64 bytes' },
      {
        flags: '--quantity <n>',
        summary: 'pieces (default: 1); the amount is for all of them',
        parse: integer(1, 0xffff_ffff),
      },
      { flags: '--shop-data <text>', summary: 'public data of the shop, at most 256 bytes' },
      { flags: '--warranty-days <n>', summary: 'warranty', parse: integer(0, 0xffff) },
      {
        flags: '--delivery-ms <time>',
        summary: 'agreed delivery, ms since 1970 (default: at once)',
        parse: integer(0),
      },
      { flags: '--terms <hash>', summary: 'SHA-256 of the full terms, hex' },
      ...SUBMISSION_OPTIONS,
    ],
    notes: ['Personal data does not belong on a ledger: nobody can delete it.'],
    run: async (context, options, counterparty, text) => {
      const amount = parseAmount(text!);
      if (!amount.ok) return amount;
      const terms = options.terms === undefined ? undefined : fromHex(options.terms, 32);
      if (options.terms !== undefined && terms === undefined) {
        return fail('trade-terms', "The trade can't be written: --terms is a SHA-256 of 64 hex characters.");
      }
      const { item, quantity, warrantyDays, deliveryMs, shopData: data } = options;
      const stated = Object.entries({ item, quantity, warrantyDays, deliveryMs, terms, data });
      const given = Object.fromEntries(stated.filter(([, value]) => value !== undefined));
      return act(context, options, ({ prefix }) => {
        const terms = { side: 'buyer', counterparty: counterparty!, amount: amount.value, ...given } as const;
        const operation = trade(terms, prefix);
        return operation.ok ? ok([operation.value]) : operation;
      });
    },
  });
};
