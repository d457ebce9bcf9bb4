import { fromHex } from '@iotw/kernel/bytes';
import { type Failure, ok, type Result } from '@iotw/kernel/result';
import { type Connection, pause } from '@iotw/sdk/client/connection';
import { getNetwork } from '@iotw/sdk/client/network';
import { getStatus } from '@iotw/sdk/client/status';
import { submit } from '@iotw/sdk/client/submit';
import { getTransaction } from '@iotw/sdk/client/transactions';
import { isOver, type Payment, paymentLock, type WalletPorts } from './payment.ts';

/** Pauses between two tries while the server can't be reached, ms: growing to the last. */
const PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000] as const;

type Ports = Pick<WalletPorts, 'connection' | 'payments' | 'changed'>;

/** What is known after one look: an end, or nothing yet. */
type End = Pick<Payment, 'status' | 'code'> | undefined;

/**
 * Delivers a signed payment and waits for its end, however often the server goes away: the same bytes are sent again, and a sequence
 * number serves once, so it is never paid twice. `fresh`: it was never sent before, so a refusal is its end.
 */
export async function deliver(ports: Ports, payment: Payment, fresh = false): Promise<Payment> {
  for (let attempt = 0; ; attempt++) {
    const end = await tryOnce(ports.connection, payment, fresh && attempt === 0);
    if (end !== undefined) {
      const over: Payment = { ...payment, ...end };
      // Not kept: the next start looks it up once more, and finds the same end.
      await ports.payments.put(over);
      ports.changed(over);
      return over;
    }
    await pause(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)]!);
  }
}

/**
 * Takes up what tabs that are gone have left: drafts nobody signed are forgotten (their numbers are free again), signed payments are
 * delivered. Resolves when each has its end. Codes: `wallet-storage`.
 */
export async function resumePayments(ports: WalletPorts): Promise<Result<readonly Payment[]>> {
  const all = await ports.payments.list();
  if (!all.ok) return all;
  const open = all.value.filter((payment) => !isOver(payment));
  const ended = await Promise.all(
    open.map((payment) =>
      ports.locks.tryAlone(paymentLock(payment.reference), async () => {
        // The tab that held it may have ended it between the list and the lock.
        const now = await ports.payments.get(payment.reference);
        if (!now.ok || now.value === undefined || isOver(now.value)) return undefined;
        if (now.value.status === 'sent') return deliver(ports, now.value);
        await ports.payments.remove(now.value.reference);
        return undefined;
      }),
    ),
  );
  return ok(ended.filter((payment) => payment !== undefined));
}

async function tryOnce(connection: Connection, payment: Payment, fresh: boolean): Promise<End> {
  const id = fromHex(payment.id ?? '', 32)!;
  // The first time it leaves once, so that a refusal is about the only copy there is.
  const answer = await submit(
    fresh ? { ...connection, retries: 0 } : connection,
    { id, envelope: payment.envelope! },
    { wait: 'final' },
  );
  if (answer.ok && (answer.value.status === 'final' || answer.value.status === 'failed')) {
    return endOf(answer.value.status, answer.value.code);
  }
  const found = await getTransaction(connection, id);
  if (found.ok) return endOf(found.value.status, found.value.code);
  if (!answer.ok && !isPassing(answer.error)) {
    const { code } = answer.error;
    if (fresh && code !== 'sequence-used') return { status: 'refused', code };
    // Another transaction has the number: this one can't come any more, if it is in no round yet.
    if (code === 'sequence-used' && (await isInNoRound(connection, payment)))
      return { status: 'refused', code };
  }
  return (await isExpired(connection, payment)) ? EXPIRED : undefined;
}

const EXPIRED = { status: 'expired', code: 'transaction-expired' } as const;

function endOf(status: string, code: string | undefined): End {
  return { status: status === 'final' && (code ?? 'ok') === 'ok' ? 'final' : 'failed', code };
}

/** What says nothing about the transaction: it is asked again. */
function isPassing({ code, data }: Failure): boolean {
  const status = data?.status;
  return (
    code.startsWith('client-') ||
    code === 'wait-timeout' ||
    (typeof status === 'number' && (status >= 500 || status === 429))
  );
}

/** Whether it can't be included any more and never was: the agreed time is past its expiry. */
async function isExpired(connection: Connection, payment: Payment): Promise<boolean> {
  const network = await getNetwork(connection);
  return network.ok && network.value.timeMs > payment.expiryMs && (await isInNoRound(connection, payment));
}

/** Whether no round that there is now holds it: the index must have seen them all to say so. */
async function isInNoRound(connection: Connection, payment: Payment): Promise<boolean> {
  const network = await getNetwork(connection);
  const status = await getStatus(connection);
  if (!network.ok || !status.ok) return false;
  const indexed = (status.value as { index?: { round?: unknown } }).index?.round;
  if (typeof indexed !== 'number' || indexed < network.value.round) return false;
  const found = await getTransaction(connection, payment.id ?? '');
  return !found.ok && found.error.code === 'transaction-not-found';
}
