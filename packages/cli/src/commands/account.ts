import { ok, type Result } from '@iotw/kernel/result';
import { getAccount } from '@iotw/sdk/client/accounts';
import { listAccountTransactions, type TransactionInfo } from '@iotw/sdk/client/transactions';
import { iotw, time } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatFields, formatTable } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { connection } from './submission.js';

interface HistoryOptions {
  readonly limit?: number;
}

const DEFAULT_LIMIT = 20;
const PAGE = 100;

/** `iotw account show|history <account>`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb(noun, run, {
    usage: 'show <account>',
    summary: 'balance and sequence of an account',
    examples: ['iotw account show tiotw1...', 'iotw account show 42 --json'],
    shared: ['api'],
    notes: ['<account> is an address, a key in hex or an account number.'],
    run: show,
  });
  addVerb<HistoryOptions>(noun, run, {
    usage: 'history <account>',
    summary: 'transactions of an account, newest first',
    examples: ['iotw account history tiotw1... --limit 50'],
    shared: ['api'],
    options: [
      {
        flags: '--limit <n>',
        summary: `at most this many (default: ${DEFAULT_LIMIT})`,
        parse: integer(1, 100_000),
      },
    ],
    run: history,
  });
};

async function show(context: CommandContext, _options: object, name?: string): Promise<Result<Answer>> {
  const account = await getAccount(connection(context), name!);
  if (!account.ok) return account;
  const { number, address, balance, sequence } = account.value;
  return ok({
    json: account.value,
    text: () =>
      formatFields([
        ['address', address],
        ['number', String(number)],
        ['balance', iotw(balance)],
        ['sequence', String(sequence)],
      ]),
  });
}

async function history(
  context: CommandContext,
  options: HistoryOptions,
  name?: string,
): Promise<Result<Answer>> {
  const { limit = DEFAULT_LIMIT } = options;
  const items: TransactionInfo[] = [];
  const pages = { limit: Math.min(limit, PAGE) };
  for await (const item of listAccountTransactions(connection(context), name!, pages)) {
    if (!item.ok) return item;
    items.push(item.value);
    if (items.length === limit) break;
  }
  return ok({
    json: { items },
    text: () =>
      items.length === 0
        ? ['There is no transaction of this account yet.']
        : formatTable(
            [
              { name: 'time' },
              { name: 'transaction' },
              { name: 'operations' },
              { name: 'result' },
              { name: 'fee', right: true },
            ],
            items.map((tx) => [time(tx.timeMs), tx.id, operationsOf(tx), tx.code, iotw(tx.fee)]),
          ),
  });
}

/** The kinds of a transaction's operations with their counts. */
function operationsOf(tx: TransactionInfo): string {
  const counts = new Map<string, number>();
  const operations = tx.transaction?.operations;
  for (const operation of Array.isArray(operations) ? (operations as { type?: unknown }[]) : []) {
    const type = String(operation.type);
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].map(([type, count]) => (count === 1 ? type : `${count} ${type}`)).join(', ');
}
