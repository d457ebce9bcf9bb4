import { ok } from '@iotw/kernel/result';
import { readTransactionId } from '@iotw/sdk/client/receipts';
import { parseAmount } from '@iotw/sdk/transaction/amount';
import { refund } from '@iotw/sdk/transaction/money-operations';
import { type AddCommands, defineNoun, integer } from './command.js';
import { act, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface RefundOptions extends SubmissionOptions {
  readonly operation?: number;
}

/** `iotw refund <transaction> <amount>`: the seller of a trade signs. */
export const addCommands: AddCommands = (noun, run) => {
  defineNoun<RefundOptions>(noun, run, {
    usage: 'refund <transaction> <amount>',
    summary: 'give back part or all of a trade',
    examples: ['iotw refund 5f0c...e1 30.6 --operation 2 --wallet shop'],
    shared: ['api'],
    options: [
      {
        flags: '--operation <n>',
        summary: "the trade's place in its transaction (default: 0)",
        parse: integer(0, 0xffff),
      },
      ...SUBMISSION_OPTIONS,
    ],
    notes: ['Only the seller may; together never more than was paid.'],
    run: async (context, options, id, text) => {
      const amount = parseAmount(text!);
      if (!amount.ok) return amount;
      const transaction = readTransactionId(id!);
      if (!transaction.ok) return transaction;
      return act(context, options, () => {
        const operation = refund(transaction.value, options.operation ?? 0, amount.value);
        return operation.ok ? ok([operation.value]) : operation;
      });
    },
  });
};
