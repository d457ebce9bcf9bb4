import { revokeDigest } from '@iotw/protocol/digests';
import { type DeviceRevoke, REVOKE_KIND } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { removeDevice } from '../removal.js';
import type { State } from '../state.js';

/**
 * The maker's root revokes one device or a whole batch, for ever and for draws from this round on; a
 * suspended maker may, too. A revoked batch gives back the part of its quota that it has not used.
 * Codes: `maker-unknown`, `revoke-kind`, `revoke-signature`, `device-unknown` (also: another maker's),
 * `device-revoked`, `batch-unknown`, `batch-revoked`.
 */
export function deviceRevoke(state: State, operation: DeviceRevoke): number {
  const { devices, makers } = state;
  const maker = makers.find(operation.maker);
  if (maker === -1) return RESULT_CODES['maker-unknown'];
  if (operation.kind > REVOKE_KIND.batch) return RESULT_CODES['revoke-kind'];
  const digest = revokeDigest(state.network, operation);
  if (!state.checker.verify(operation.signature, digest, makers.bytes('key', maker))) {
    return RESULT_CODES['revoke-signature'];
  }
  if (operation.kind === REVOKE_KIND.device) {
    const device = devices.find(operation.device);
    if (device === -1 || devices.col.maker[device] !== operation.maker) return RESULT_CODES['device-unknown'];
    if (devices.col.revoked[device] === 1) return RESULT_CODES['device-revoked'];
    devices.set('revoked', device, 1);
    removeDevice(state, device);
    return 0;
  }
  const { batches } = makers;
  const batch = batches.find(operation.maker, operation.batch);
  if (batch === -1) return RESULT_CODES['batch-unknown'];
  if (batches.isRevoked(batch, state.round)) return RESULT_CODES['batch-revoked'];
  batches.set('revokedFrom', batch, state.round);
  // What it never registered goes back to the maker; what it registered stays counted for good.
  const used = batches.col.used[batch]!;
  makers.add('allotted', maker, used - batches.col.quota[batch]!);
  batches.set('quota', batch, used);
  for (let device = 0; device < devices.rows; device++) {
    if (devices.col.batchRow[device] === batch) removeDevice(state, device);
  }
  return 0;
}
