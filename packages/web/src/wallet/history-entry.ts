import type { TransactionInfo } from '@iotw/sdk/client/transactions';

/** One line of an account's history, as seen from that account. */
export interface HistoryEntry {
  readonly id: string;
  readonly timeMs: number;
  readonly good: boolean;
  readonly code: string;
  /** Base units: more than 0 came in, less went out (the fee apart). */
  readonly change: number;
  /** The other account: an address, or a number as the transaction names it; undefined: nobody. */
  readonly other: string | undefined;
  readonly memo: string;
  /** Names of the operations, each once. */
  readonly operations: readonly string[];
  /** Paid by this account, base units; 0 where another paid. */
  readonly fee: number;
}

interface OperationForm {
  readonly type?: unknown;
  readonly to?: unknown;
  readonly amount?: unknown;
  readonly counterparty?: unknown;
  readonly side?: unknown;
}

/** Reads what the server tells of a transaction from the side of `address`, whose account number is `number`. */
export function historyEntry(
  info: TransactionInfo,
  address: string,
  number: number | undefined,
): HistoryEntry {
  const transaction = info.transaction ?? {};
  const { sender, memo, operations } = transaction as Record<string, unknown>;
  const forms = (Array.isArray(operations) ? operations : []) as readonly OperationForm[];
  const isMine = sender === address;
  let change = 0;
  let other: string | undefined = isMine ? undefined : textOf(sender);
  for (const form of forms) {
    const amount = typeof form.amount === 'number' ? form.amount : 0;
    const to = form.type === 'trade' ? form.counterparty : form.to;
    const toMe = to === address || (number !== undefined && to === number);
    const pays =
      form.type === 'trade'
        ? form.side === 'buyer'
        : form.type === 'transfer' || form.type === 'transferToKey';
    const taken = form.type === 'trade' && form.side === 'seller';
    if (isMine && pays) change -= amount;
    if (toMe && pays) change += amount;
    if (isMine && taken) change += amount;
    if (toMe && taken) change -= amount;
    if (isMine && form.type === 'refund') change -= amount;
    if (isMine && to !== undefined) other = textOf(to);
  }
  return {
    id: info.id,
    timeMs: info.timeMs,
    good: info.status === 'final',
    code: info.code,
    change: info.status === 'final' ? change : 0,
    other,
    memo: typeof memo === 'string' ? memo : '',
    operations: [...new Set(forms.map(({ type }) => String(type)))],
    fee: isMine ? info.fee : 0,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? `#${value}` : undefined;
}
