import { equalBytes } from '@iotw/kernel/bytes';
import { handoverDigest } from '@iotw/protocol/digests';
import type { DeviceHandover } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { isRevoked } from '../removal.js';
import type { State } from '../state.js';

/**
 * The owner, who is the sender, hands a device to another, who accepted this very hand-over: neither can
 * be made an owner unasked, nor an acceptance be used twice. What the device earns in the running epoch
 * goes to whoever owns it at the epoch's edge (spec: clause 10.5); its reputation stays with it.
 * Codes: `device-unknown`, `device-revoked`, `device-not-owner`, `device-owned` (the new owner is the
 * present one), `handover-signature`.
 */
export function deviceHandover(state: State, operation: DeviceHandover): number {
  const { devices } = state;
  const device = devices.find(operation.device);
  if (device === -1) return RESULT_CODES['device-unknown'];
  if (isRevoked(state, device)) return RESULT_CODES['device-revoked'];
  if (devices.col.owner[device] !== state.sender) return RESULT_CODES['device-not-owner'];
  const from = state.accounts.key(state.sender);
  if (equalBytes(from, operation.to)) return RESULT_CODES['device-owned'];
  const changes = devices.col.changes[device]!;
  const digest = handoverDigest(state.network, operation.device, from, operation.to, changes);
  if (!state.checker.verify(operation.acceptance, digest, operation.to)) {
    return RESULT_CODES['handover-signature'];
  }
  devices.set('owner', device, state.accounts.findOrOpen(operation.to));
  devices.add('changes', device, 1);
  return 0;
}
