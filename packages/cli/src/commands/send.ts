import { ok } from '@iotw/kernel/result';
import { parseAmount } from '@iotw/sdk/transaction/amount';
import { transfer } from '@iotw/sdk/transaction/money-operations';
import { type AddCommands, defineNoun } from './command.js';
import { act, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

/** `iotw send <to> <amount>`. */
export const addCommands: AddCommands = (noun, run) => {
  defineNoun<SubmissionOptions>(noun, run, {
    usage: 'send <to> <amount>',
    summary: 'money to an address or account number',
    examples: [
      'iotw send tiotw1... 12.5 --wallet savings',
      'iotw send 42 0.000001 --memo "for the tea" --json',
    ],
    shared: ['api'],
    options: SUBMISSION_OPTIONS,
    notes: ['<amount> is IOTW with a point and at most six decimals; nothing is rounded.'],
    run: async (context, options, to, text) => {
      const amount = parseAmount(text!);
      if (!amount.ok) return amount;
      return act(context, options, ({ prefix }) => {
        const operation = transfer(recipient(to!), amount.value, prefix);
        return operation.ok ? ok([operation.value]) : operation;
      });
    },
  });
};

/** Digits alone are an account's compact number; addresses hold letters. */
function recipient(text: string): string | number {
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : text;
}
