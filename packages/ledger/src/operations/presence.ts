import { presenceDigest } from '@iotw/protocol/digests';
import type { Presence } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { isRevoked } from '../removal.js';
import type { State } from '../state.js';
import { POOL_LEAD } from '../tables/epochs.js';

/**
 * A device's ticket: it is there in the running epoch, at that host. One ticket counts per epoch; an
 * attestation before it does not stand in its way.
 * Codes: `device-unknown`, `presence-epoch`, `presence-host`, `device-revoked`, `device-inactive` and
 * `device-blacklisted` (the pool it could enter would not take it), `presence-repeated`, `presence-signature`.
 */
export function presence(state: State, operation: Presence): number {
  const { device, epoch, host } = operation;
  const { devices } = state;
  if (device >= devices.rows) return RESULT_CODES['device-unknown'];
  if (epoch !== state.epoch) return RESULT_CODES['presence-epoch'];
  if (host >= state.trustNodes.rows) return RESULT_CODES['presence-host'];
  if (isRevoked(state, device)) return RESULT_CODES['device-revoked'];
  if (devices.col.activeFrom[device]! > epoch + POOL_LEAD) return RESULT_CODES['device-inactive'];
  if (devices.col.blacklistedUntil[device]! > epoch + POOL_LEAD) return RESULT_CODES['device-blacklisted'];
  if (devices.col.ticketEpoch[device] === epoch + 1) return RESULT_CODES['presence-repeated'];
  const digest = presenceDigest(state.network, device, epoch, host);
  if (!state.checker.verify(operation.signature, digest, devices.key(device))) {
    return RESULT_CODES['presence-signature'];
  }
  devices.set('ticketEpoch', device, epoch + 1);
  devices.set('presentEpoch', device, epoch + 1);
  devices.set('host', device, host);
  return 0;
}
