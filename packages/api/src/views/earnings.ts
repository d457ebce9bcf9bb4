import { ok, type Result } from '@iotw/kernel/result';
import { NO_ACCOUNT } from '@iotw/ledger/tables/devices';
import { readPayment } from '@iotw/nodes/ledger-server/epoch-records';
import { z } from 'zod';
import { type ApiContext, accountAddress } from '../context.js';
import { EARNINGS_SCAN_EPOCHS } from '../limits.js';
import { openingOf } from './epoch-openings.js';
import { Address, Amount, Count, TimeMs } from './forms.js';
import { decodeCursor, encodeCursor, type Page, type PageQuery } from './page.js';

export const EarningSchema = z
  .object({
    epoch: Count,
    startMs: TimeMs.nullable().describe('agreed time at which the epoch began; null: not kept here'),
    account: Address.nullable().describe('who was paid'),
    minerAmount: Amount,
    witnessAmount: Amount,
  })
  .meta({ id: 'Earning' });
export type EarningView = z.infer<typeof EarningSchema>;

/**
 * What ended epochs paid a device, newest first; epochs that paid it nothing are left out. Ends where settlements are not kept. A page looks at a bounded
 * number of epochs, so it may be short and still have a next. Errors: `cursor-invalid`.
 */
export function earningPage(
  context: ApiContext,
  device: number,
  query: PageQuery,
): Result<Page<EarningView>> {
  const running = context.backend.ledger.epoch;
  const from = decodeCursor('earned', query.cursor, running);
  if (!from.ok) return from;
  const items: EarningView[] = [];
  let next = Math.min(from.value, running);
  const last = Math.max(0, next - EARNINGS_SCAN_EPOCHS);
  for (; next > last && items.length < query.limit; next--) {
    const settlement = context.backend.history.settlement(next - 1);
    // The newest may be decided and not on disk yet; an older one that is missing has none before it.
    if (settlement === undefined && next < running) return ok({ items, next: null });
    const paid = settlement === undefined ? undefined : readPayment(settlement, device);
    if (paid !== undefined && paid.minerAmount + paid.witnessAmount > 0)
      items.push(earning(context, next - 1, paid));
  }
  return ok({ items, next: next > 0 ? encodeCursor('earned', next) : null });
}

function earning(
  context: ApiContext,
  epoch: number,
  { account, minerAmount, witnessAmount }: NonNullable<ReturnType<typeof readPayment>>,
): EarningView {
  const address = account === NO_ACCOUNT ? undefined : accountAddress(context, account);
  return { epoch, startMs: startOf(context, epoch), account: address ?? null, minerAmount, witnessAmount };
}

function startOf(context: ApiContext, epoch: number): number | null {
  if (epoch === 0) return context.backend.genesis.timeMs;
  return openingOf(context, epoch)?.record.header.timeMs ?? null;
}
