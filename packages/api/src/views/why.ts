import { fail, ok, type Result } from '@iotw/kernel/result';
import type { PaymentReason } from '@iotw/ledger/round-outcome';
import { readSettlement } from '@iotw/nodes/ledger-server/epoch-records';
import { z } from 'zod';
import { type ApiContext, accountAddress } from '../context.js';
import { Address, Amount, Count } from './forms.js';

export const WhySchema = z
  .object({
    device: Count,
    epoch: Count,
    inPool: z.boolean(),
    present: z.boolean().nullable().describe('null where only the payment is still kept'),
    removed: z.boolean().nullable(),
    mined: Count.nullable(),
    witnessed: Count.nullable(),
    unpaid: Count.nullable().describe('answers beyond the paid committee'),
    missed: Count.nullable(),
    account: Address.nullable(),
    minerAmount: Amount,
    witnessAmount: Amount,
    issued: Amount.describe('what the whole epoch could pay'),
    minerWork: Count.describe('paid answers of all miners'),
    witnessWork: Count,
    reasons: z.array(z.string()).describe('the same in sentences'),
  })
  .meta({ id: 'WhyPaid' });
export type WhyView = z.infer<typeof WhySchema>;

/** Errors: `epoch-not-ended`, `settlement-not-kept`. */
export function checkEnded(context: ApiContext, epoch: number): Result<void> {
  const running = context.backend.ledger.epoch;
  return epoch < running
    ? ok(undefined)
    : fail('epoch-not-ended', `Epoch ${epoch} is not settled: epoch ${running} is running.`, { running });
}

/**
 * Why a device was paid in an ended epoch, or not: from the ledger for the last epochs, from the stored
 * settlement (payments alone) for older ones. Errors: `epoch-not-ended`, `settlement-not-kept`.
 */
export function whyView(context: ApiContext, device: number, epoch: number): Result<WhyView> {
  const ended = checkEnded(context, epoch);
  if (!ended.ok) return ended;
  const reason = context.backend.ledger.whyPaid(device, epoch);
  if (reason !== undefined) {
    const { account, ...rest } = reason;
    return ok({
      ...rest,
      account: account === undefined ? null : (accountAddress(context, account) ?? null),
      reasons: explain(reason, hadTicket(context, device, epoch)),
    });
  }
  return fromSettlement(context, device, epoch);
}

function fromSettlement(context: ApiContext, device: number, epoch: number): Result<WhyView> {
  const bytes = context.backend.history.settlement(epoch);
  if (bytes === undefined) {
    return fail('settlement-not-kept', `The settlement of epoch ${epoch} is not kept by this node any more.`);
  }
  const settlement = readSettlement(bytes);
  const payment = settlement.devices.find((paid) => paid.device === device);
  const inPool = context.backend.history.pool(epoch)?.devices.some((d) => d.device === device) ?? false;
  const amount = (payment?.minerAmount ?? 0) + (payment?.witnessAmount ?? 0);
  return ok({
    device,
    epoch,
    inPool,
    present: null,
    removed: null,
    mined: null,
    witnessed: null,
    unpaid: null,
    missed: null,
    account: payment === undefined ? null : (accountAddress(context, payment.account) ?? null),
    minerAmount: payment?.minerAmount ?? 0,
    witnessAmount: payment?.witnessAmount ?? 0,
    issued: settlement.issued,
    minerWork: settlement.minerWork,
    witnessWork: settlement.witnessWork,
    reasons: [
      inPool
        ? `It was in the frozen pool of epoch ${epoch}.`
        : `It was not in the frozen pool of epoch ${epoch}.`,
      amount > 0 ? `It was paid ${amount} base units.` : 'It was paid nothing.',
      'Counts of answers and misses are kept for the last epochs only.',
    ],
  });
}

/** Whether the draws of the epoch could name the device: in mode vrf only those with winning tickets. */
function hadTicket(context: ApiContext, device: number, epoch: number): boolean {
  const drawn = context.backend.ledger.snapshotOf(epoch) ?? context.backend.history.pool(epoch);
  return drawn === undefined || drawn.devices.some((d) => d.device === device);
}

function explain(r: PaymentReason, drawn: boolean): string[] {
  const reasons: string[] = [];
  const answers = r.mined + r.witnessed + r.unpaid;
  if (!r.inPool) {
    reasons.push(
      `It was not in the frozen pool of epoch ${r.epoch}: a device is in it if it was present three epochs before, active and not blacklisted.`,
    );
  } else if (r.present) reasons.push('It was in the frozen pool and present.');
  else reasons.push('It was in the frozen pool, but sent no presence ticket and answered nothing.');
  if (r.removed)
    reasons.push(
      'It was removed before the epoch ended: revoked, blacklisted, or part of an incoherent committee.',
    );
  if (r.mined > 0)
    reasons.push(`It mined ${r.mined} of ${r.minerWork} paid blocks' shares: ${r.minerAmount} base units.`);
  if (r.witnessed > 0) {
    reasons.push(
      `It witnessed ${r.witnessed} of ${r.witnessWork} paid times: ${r.witnessAmount} base units.`,
    );
  }
  if (r.unpaid > 0) reasons.push(`${r.unpaid} of its answers had a higher rank than the paid committee.`);
  if (r.missed > 0)
    reasons.push(`Its host signed ${r.missed} misses: it was asked and did not answer in time.`);
  if (r.inPool && answers === 0 && r.missed === 0)
    reasons.push(
      drawn
        ? 'No block asked it: the draw gave it no rank that was reached.'
        : 'No block asked it: it held no winning ticket from the epoch before.',
    );
  if (r.mined + r.witnessed > 0 && r.minerAmount + r.witnessAmount === 0) {
    reasons.push('Its share was below one base unit and stays in the reward pool.');
  }
  return reasons;
}
