import { writeFile } from 'node:fs/promises';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { ReceiptType } from '@iotw/protocol/receipt';
import { receiptToJson } from '@iotw/protocol/receipt-json';
import { getReceipt, readTransactionId } from '@iotw/sdk/client/receipts';
import { getTransaction, type TransactionInfo } from '@iotw/sdk/client/transactions';
import { inline, iotw, time } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext } from './command.js';
import { connection } from './submission.js';

interface ShowOptions {
  readonly receipt?: string;
}

/** `iotw tx show <id>`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb<ShowOptions>(noun, run, {
    usage: 'show <id>',
    summary: 'what became of a transaction',
    examples: ['iotw tx show 5f0c...e1', 'iotw tx show 5f0c...e1 --receipt receipt.json'],
    shared: ['api'],
    options: [
      { flags: '--receipt <file>', summary: 'also write its receipt: .json as text, any other name as SSZ' },
    ],
    notes: ["This is the server's word: iotw verify receipt checks the proof."],
    run: show,
  });
};

async function show(context: CommandContext, options: ShowOptions, id?: string): Promise<Result<Answer>> {
  const wanted = readTransactionId(id!);
  if (!wanted.ok) return wanted;
  const server = connection(context);
  const found = await getTransaction(server, wanted.value);
  if (!found.ok) return found;
  if (options.receipt !== undefined) {
    const receipt = await getReceipt(server, wanted.value);
    if (!receipt.ok) return receipt;
    const bytes = options.receipt.endsWith('.json')
      ? `${JSON.stringify(receiptToJson(receipt.value))}\n`
      : ReceiptType.serialize(receipt.value);
    try {
      await writeFile(options.receipt, bytes);
    } catch (error) {
      const cause = (error as NodeJS.ErrnoException).code ?? String(error);
      return fail(
        'file-unwritable',
        `${options.receipt} can't be written (${cause}): check path and rights.`,
      );
    }
  }
  return ok({ json: found.value, text: () => transactionLines(found.value) });
}

function transactionLines(tx: TransactionInfo): string[] {
  const content = tx.transaction ?? {};
  const operations = Array.isArray(content.operations) ? (content.operations as unknown[]) : [];
  return formatFields([
    ['transaction', tx.id],
    ['status', tx.status],
    ['result', tx.code],
    ['fee', iotw(tx.fee)],
    ['round', `${tx.round} at ${time(tx.timeMs)}`],
    ['block', `lane ${tx.block.lane}, height ${tx.block.height}, place ${tx.block.index}`],
    ['sender', inline(content.sender ?? '?')],
    ['sequence', inline(content.sequence ?? '?')],
    ...(content.memo === undefined || content.memo === '' ? [] : [['memo', inline(content.memo)] as const]),
    ...operations.map((operation, i) => [`operation ${i}`, inline(operation)] as const),
  ]);
}
