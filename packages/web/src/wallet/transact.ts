import { fromHex, toHex } from '@iotw/kernel/bytes';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import type { Operation } from '@iotw/protocol/operations';
import { encodeTransaction } from '@iotw/protocol/transaction';
import { getAccount } from '@iotw/sdk/client/accounts';
import { getNetwork } from '@iotw/sdk/client/network';
import { formatAmount } from '@iotw/sdk/transaction/amount';
import { buildTransaction } from '@iotw/sdk/transaction/build';
import { estimateFee, movedAmount } from '@iotw/sdk/transaction/fee';
import { SequenceAllocator } from '@iotw/sdk/transaction/sequence';
import type { SignerAccount } from '../signer/messages.ts';
import { deliver } from './deliver.ts';
import { isOver, type Payment, type Purpose, paymentLock, type WalletPorts } from './payment.ts';

export interface Order {
  readonly reference: string;
  readonly account: SignerAccount;
  readonly purpose: Purpose;
  readonly operations: readonly Operation[];
  readonly memo?: string;
}

/** Agreed time that a signed transaction has to be included, ms. */
const EXPIRY_MS = 600_000;

/**
 * Carries one order out, once: a sequence number that no other tab takes, a record on disk before anybody signs, the signed bytes on
 * disk before they leave, then delivery until the end is known. Asked again with the same reference it gives the same payment.
 * Codes: `wallet-storage`, `wallet-empty`, `wallet-balance`, `wallet-busy`, `sequence-window-full`, those of calls, of
 * `buildTransaction` and of the signer (then nothing was sent and the number is free).
 */
export async function transact(ports: WalletPorts, order: Order): Promise<Result<Payment>> {
  const done = await ports.locks.tryAlone(paymentLock(order.reference), () => carryOut(ports, order));
  return done ?? fail('wallet-busy', 'Another tab of this browser is at this payment: look there.');
}

async function carryOut(ports: WalletPorts, order: Order): Promise<Result<Payment>> {
  const known = await ports.payments.get(order.reference);
  if (!known.ok) return known;
  if (known.value !== undefined && known.value.status !== 'drafted') {
    return ok(isOver(known.value) ? known.value : await deliver(ports, known.value));
  }
  const sender = toHex(order.account.key);
  const drafted = await ports.locks.alone(`iotw-sequence-${sender}`, () => draft(ports, order, sender));
  if (!drafted.ok) return drafted;
  const { payment, bytes } = drafted.value;
  ports.changed(payment);
  const signed = await ports.sign(order.account.account, bytes);
  if (!signed.ok) {
    await ports.payments.remove(payment.reference);
    return signed;
  }
  const { id, envelope } = signed.value;
  const sent: Payment = { ...payment, status: 'sent', id: toHex(id), envelope };
  // Before it leaves: a tab that dies now finds it again, and sends the same bytes, which serve once.
  const kept = await ports.payments.put(sent);
  if (!kept.ok) return kept;
  ports.changed(sent);
  return ok(await deliver(ports, sent, true));
}

/** Takes the next sequence number and notes it. Runs alone among the tabs. */
async function draft(
  ports: WalletPorts,
  order: Order,
  sender: string,
): Promise<Result<{ readonly payment: Payment; readonly bytes: Uint8Array }>> {
  const { connection, payments } = ports;
  // Before the account: a payment that ends meanwhile is then in one of the two, never in neither.
  const all = await payments.list();
  if (!all.ok) return all;
  const account = await getAccount(connection, order.account.key);
  if (!account.ok) return account.error.code === 'account-not-found' ? empty() : account;
  const network = await getNetwork(connection);
  if (!network.ok) return network;
  const affordable = checkBalance(account.value.balance, order.operations, network.value.parameters);
  if (!affordable.ok) return affordable;
  const mine = all.value.filter((p) => p.sender === sender && p.reference !== order.reference);
  const used = mine.filter(({ status }) => status === 'final' || status === 'failed');
  const sequence = new SequenceAllocator(
    Math.max(account.value.sequence, ...used.map((payment) => payment.sequence)),
    mine.filter((payment) => !isOver(payment)).map((payment) => payment.sequence),
  ).next();
  if (!sequence.ok) return sequence;
  // By the network's time: a wrong clock of this machine neither expires a payment nor keeps it open for days.
  const expiryMs = network.value.timeMs + EXPIRY_MS;
  const transaction = buildTransaction({
    sender: fromHex(sender, 32)!,
    sequence: sequence.value,
    expiryMs,
    operations: order.operations,
    ...(order.memo === undefined ? {} : { memo: order.memo }),
  });
  if (!transaction.ok) return transaction;
  const payment: Payment = {
    reference: order.reference,
    sender,
    sequence: sequence.value,
    expiryMs,
    purpose: order.purpose,
    status: 'drafted',
    code: undefined,
    id: undefined,
    envelope: undefined,
    createdMs: Date.now(),
  };
  const kept = await payments.put(payment);
  return kept.ok ? ok({ payment, bytes: encodeTransaction(transaction.value) }) : kept;
}

/**
 * Whether a balance covers what operations move and the fee, by the parameters that the server tells. Code: `wallet-balance`
 * (data: `missing`, base units).
 */
export function checkBalance(
  balance: number,
  operations: readonly Operation[],
  parameters: Readonly<Record<string, unknown>>,
): Result<{ readonly fee: number }> {
  const { feeFloor, feePerOperation, feeBps } = parameters as Record<string, number>;
  const fee = estimateFee(
    { feeFloor: feeFloor ?? 0, feePerOperation: feePerOperation ?? 0, feeBps: feeBps ?? 0 },
    operations,
  ).total;
  const missing = movedAmount(operations) + fee - balance;
  return missing <= 0
    ? ok({ fee })
    : fail(
        'wallet-balance',
        `The account holds ${formatAmount(balance)} IOTW; with the fee of ${formatAmount(fee)} this needs ${formatAmount(missing)} more.`,
        { missing, fee },
      );
}

function empty(): Result<never, Failure> {
  return fail(
    'wallet-empty',
    'The account has no money yet: receive some first, or ask the faucet of a test network.',
  );
}
