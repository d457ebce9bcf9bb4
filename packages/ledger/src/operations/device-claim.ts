import { claimDigest } from '@iotw/protocol/digests';
import type { DeviceClaim } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { isRevoked } from '../removal.js';
import type { State } from '../state.js';
import { NO_ACCOUNT } from '../tables/devices.js';

/**
 * The sender becomes the owner of an unclaimed device; the device signed for this very owner.
 * Codes: `device-unknown`, `device-revoked`, `device-owned`, `device-signature`.
 */
export function deviceClaim(state: State, operation: DeviceClaim): number {
  const { devices } = state;
  const device = devices.find(operation.device);
  if (device === -1) return RESULT_CODES['device-unknown'];
  if (isRevoked(state, device)) return RESULT_CODES['device-revoked'];
  if (devices.col.owner[device] !== NO_ACCOUNT) return RESULT_CODES['device-owned'];
  const owner = state.accounts.key(state.sender);
  const digest = claimDigest(state.network, operation.device, owner, devices.col.changes[device]!);
  if (!state.checker.verify(operation.deviceSignature, digest, operation.device)) {
    return RESULT_CODES['device-signature'];
  }
  devices.set('owner', device, state.sender);
  devices.add('changes', device, 1);
  return 0;
}
