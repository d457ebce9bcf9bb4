import { fail, ok, type Result } from '@iotw/kernel/result';
import { formatAmount, parseAmount } from '@iotw/sdk/transaction/amount';
import { laneFund } from '@iotw/sdk/transaction/node-operations';
import { checkBalance } from '../../wallet/transact.ts';

/** Base units. `total`: what leaves the account, with the fee. */
export interface Funds {
  readonly credit: number;
  readonly bond: number;
  readonly total: number;
}

/**
 * What was typed as credit and bond, an empty field as nothing, held against an account's balance and the network's parameters. Codes:
 * `amount-format` (data: `of`, the field), `funds-none`, `wallet-balance` (data: `missing`, `fee`, base units), `operation-amount`.
 */
export function readFunds(
  typed: { readonly credit: string; readonly bond: string },
  balance: number,
  parameters: Readonly<Record<string, unknown>>,
): Result<Funds> {
  const amounts: number[] = [];
  for (const of of ['credit', 'bond'] as const) {
    const text = typed[of].trim();
    const amount = /^0?$/.test(text) ? ok(0) : parseAmount(text);
    if (!amount.ok) return fail(amount.error.code, amount.error.message, { ...amount.error.data, of });
    amounts.push(amount.value);
  }
  const [credit, bond] = amounts as [number, number];
  if (credit + bond === 0) return fail('funds-none', 'Say how much: credit, bond or both.');
  const operation = laneFund(0, credit, bond);
  if (!operation.ok) return operation;
  const paid = checkBalance(balance, [operation.value], parameters);
  if (!paid.ok) return paid;
  const total = credit + bond + paid.value.fee;
  return total <= balance
    ? ok({ credit, bond, total })
    : fail(
        'wallet-balance',
        `The account holds ${formatAmount(balance)} IOTW; this needs ${formatAmount(total - balance)} more.`,
        { missing: total - balance, fee: paid.value.fee },
      );
}
