import { ticketsWon } from '@iotw/assignment/tickets';
import { ticketAlpha } from '@iotw/protocol/digests';
import type { Ticket } from '@iotw/protocol/operations';
import type { PoolDevice } from '@iotw/protocol/pool';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

/**
 * A device's ticket over the running epoch's seed, for the frozen pool of the next epoch; it counts once.
 * Codes: `device-unknown`, `ticket-epoch` (not the running one), `ticket-mode` (the next pool asks for
 * none), `ticket-pool` (the device is not in it), `ticket-repeated`, `ticket-proof`, `ticket-lost`.
 */
export function ticket(state: State, operation: Ticket): number {
  const { device, epoch, proof } = operation;
  const { devices, epochs } = state;
  if (device >= devices.rows) return RESULT_CODES['device-unknown'];
  if (epoch !== state.epoch) return RESULT_CODES['ticket-epoch'];
  const pool = epochs.frozen(epoch + 1);
  if (pool?.mode !== 'vrf') return RESULT_CODES['ticket-mode'];
  const index = indexOf(pool.devices, device);
  if (index === -1) return RESULT_CODES['ticket-pool'];
  if (devices.col.drawTicketEpoch[device] === epoch + 1) return RESULT_CODES['ticket-repeated'];
  const alpha = ticketAlpha(state.network, epochs.seed, epoch, device);
  const output = state.checker.vrfOutput(devices.key(device), alpha, proof);
  if (output === undefined) return RESULT_CODES['ticket-proof'];
  const won = ticketsWon(pool, index, output);
  if (won === 0) return RESULT_CODES['ticket-lost'];
  devices.set('drawTicketEpoch', device, epoch + 1);
  devices.set('drawTickets', device, won);
  return 0;
}

/** Place of the device in a pool, which ascends by number; -1 where it is not in it. */
function indexOf(devices: readonly PoolDevice[], device: number): number {
  let low = 0;
  let high = devices.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = devices[middle]!.device;
    if (at === device) return middle;
    if (at < device) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
