import { fail, ok, type Result } from '@iotw/kernel/result';
import { NO_ACCOUNT } from '@iotw/ledger/tables/devices';
import { readSettlement } from '@iotw/nodes/ledger-server/epoch-records';
import { z } from 'zod';
import { type ApiContext, accountAddress } from '../context.js';
import { PAGE_SCAN_ROWS } from '../limits.js';
import { settledOf } from './epochs.js';
import { Address, Amount, Count } from './forms.js';
import { PageQuery, pageOf, pageOfRows } from './page.js';
import { checkEnded } from './why.js';

const Payment = z.object({
  device: Count,
  account: Address.nullable(),
  minerAmount: Amount,
  witnessAmount: Amount,
});

export const RewardsSchema = z
  .object({
    pool: Amount.describe('left to issue, now'),
    fees: Amount.describe('taken into the pool since genesis'),
    paid: Amount.describe('paid since genesis'),
    epoch: Count.nullable().describe('the epoch shown; null before the first has ended'),
    settlement: z
      .object({
        pool: Count,
        present: Count,
        issued: Amount,
        paid: Amount,
        minerWork: Count,
        witnessWork: Count,
        trustNodeWork: Count,
      })
      .nullable(),
    payments: pageOf(Payment),
  })
  .meta({ id: 'Rewards' });
export type RewardsView = z.infer<typeof RewardsSchema>;

export const RewardsQuery = PageQuery.extend({
  epoch: z.coerce
    .number()
    .int()
    .min(0)
    .max(0xffff_ffff)
    .optional()
    .describe('the last that ended by default'),
});

/** The reward pool and what an ended epoch paid. Errors: `epoch-not-ended`, `settlement-not-kept`, `cursor-invalid`. */
export function rewardsView(context: ApiContext, query: z.infer<typeof RewardsQuery>): Result<RewardsView> {
  const { rewards, epoch: running } = context.backend.ledger;
  const totals = { pool: rewards.pool, fees: rewards.col.fees[0]!, paid: rewards.col.paid[0]! };
  if (query.epoch === undefined && running === 0) {
    return ok({ ...totals, epoch: null, settlement: null, payments: { items: [], next: null } });
  }
  const epoch = query.epoch ?? running - 1;
  const ended = checkEnded(context, epoch);
  if (!ended.ok) return ended;
  const settlement = settledOf(context, epoch);
  const payments = paymentPage(context, epoch, query);
  if (!payments.ok) return payments;
  return ok({ ...totals, epoch, settlement: settlement ?? null, payments: payments.value });
}

function paymentPage(context: ApiContext, epoch: number, query: PageQuery): Result<RewardsView['payments']> {
  const { settlements } = context.backend.ledger;
  const slot = settlements.slot(epoch);
  const account = (number: number) =>
    number === NO_ACCOUNT ? null : (accountAddress(context, number) ?? null);
  if (slot >= 0) {
    const table = settlements.payments[slot]!;
    const c = table.col;
    return pageOfRows(`pay${epoch}`, query, table.rows, PAGE_SCAN_ROWS, (row) => {
      if (c.minerAmount[row] === 0 && c.witnessAmount[row] === 0) return undefined;
      return {
        device: c.device[row]!,
        account: account(c.account[row]!),
        minerAmount: c.minerAmount[row]!,
        witnessAmount: c.witnessAmount[row]!,
      };
    });
  }
  const bytes = context.backend.history.settlement(epoch);
  if (bytes === undefined) {
    return fail('settlement-not-kept', `The settlement of epoch ${epoch} is not kept by this node any more.`);
  }
  const { devices } = readSettlement(bytes);
  return pageOfRows(`paid${epoch}`, query, devices.length, PAGE_SCAN_ROWS, (row) => ({
    ...devices[row]!,
    account: account(devices[row]!.account),
  }));
}
