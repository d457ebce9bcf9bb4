import type { PaymentReason } from './round-outcome.js';
import type { State } from './state.js';
import { NO_ACCOUNT } from './tables/devices.js';
import { PAYMENT_FLAG } from './tables/payments.js';

/**
 * Why a device was paid in an ended epoch, or not. `undefined` where the epoch has not ended, is older
 * than PAYMENT_EPOCHS (the node's history has it), or there is no such device.
 */
export function whyPaid(state: State, device: number, epoch: number): PaymentReason | undefined {
  const slot = state.settlements.slot(epoch);
  if (slot === -1 || device < 0 || device >= state.devices.rows) return undefined;
  const s = state.settlements.col;
  const whole = { issued: s.issued[slot]!, minerWork: s.minerWork[slot]!, witnessWork: s.witnessWork[slot]! };
  const payments = state.settlements.payments[slot]!;
  const row = payments.find(device);
  if (row === -1) {
    // Neither in the pool nor named by any certificate: nothing was kept because nothing happened.
    const nothing = { mined: 0, witnessed: 0, unpaid: 0, missed: 0, minerAmount: 0, witnessAmount: 0 };
    const flags = { inPool: false, present: false, removed: state.removed(device, state.chain.round) };
    return { device, epoch, ...flags, ...nothing, account: undefined, ...whole };
  }
  const c = payments.col;
  const flags = c.flags[row]!;
  const account = c.account[row]!;
  return {
    device,
    epoch,
    inPool: (flags & PAYMENT_FLAG.inPool) !== 0,
    present: (flags & PAYMENT_FLAG.present) !== 0,
    removed: (flags & PAYMENT_FLAG.removed) !== 0,
    mined: c.mined[row]!,
    witnessed: c.witnessed[row]!,
    unpaid: c.unpaid[row]!,
    missed: c.missed[row]!,
    account: account === NO_ACCOUNT ? undefined : account,
    minerAmount: c.minerAmount[row]!,
    witnessAmount: c.witnessAmount[row]!,
    ...whole,
  };
}
