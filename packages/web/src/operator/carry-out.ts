import { ok, type Result } from '@iotw/kernel/result';
import type { Operation } from '@iotw/protocol/operations';
import { queries } from '../data/queries.ts';
import type { OperatorAct, Payment } from '../wallet/payment.ts';
import { newReference } from '../wallet/reference.ts';
import { askSigner, ports } from '../wallet/session.ts';
import { transact } from '../wallet/transact.ts';
import type { Acting } from './roles.ts';

interface Order {
  readonly by: Acting;
  readonly act: OperatorAct;
  /** What it is about, as the wallet's list shows it. */
  readonly what: string;
  readonly operations: readonly Operation[];
  /** The wallet's account whose key makes the statements that are empty in the operations; `by` unless given. */
  readonly statements?: Acting;
}

/**
 * Has operations signed on the signer's screen and waits until the ledger has decided. Codes: those of `transact`, and that of the ledger's result
 * where it refused.
 */
export async function carryOut({
  by,
  act,
  what,
  operations,
  statements = by,
}: Order): Promise<Result<Payment>> {
  const done = await transact(
    {
      ...ports,
      sign: (account, transaction) =>
        askSigner({ type: 'sign', account, transaction, statements: statements.account.account }),
    },
    { reference: newReference(), account: by.account, operations, purpose: { kind: 'operate', act, what } },
  );
  await queries.invalidateQueries();
  if (!done.ok || done.value.status === 'final') return done;
  const { status, code: told = status } = done.value;
  return {
    ok: false,
    error: { code: told, message: `The ledger did not take it: ${told}. Nothing changed but the fee.` },
  };
}

/** As `carryOut`, for those who need no more than that it is done. */
export async function carriedOut(order: Order): Promise<Result<void>> {
  const done = await carryOut(order);
  return done.ok ? ok(undefined) : done;
}
