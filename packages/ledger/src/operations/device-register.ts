import { isPerson } from '@iotw/assignment/people';
import { possessionDigest, registerDigest } from '@iotw/protocol/digests';
import { DEVICE_CLASS, type DeviceRegister } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

const CLASSES: readonly number[] = Object.values(DEVICE_CLASS);

/**
 * Puts a device on the ledger: its batch key vouches for it and it proves that it holds its key. It counts
 * against its batch's quota and its maker's, which a vote may have lowered since the batch was opened. Its
 * first pool is minActivationEpochs away and not before its batch's: time to answer a stolen batch key.
 * Codes: `device-exists`, `maker-unknown`, `maker-suspended`, `batch-unknown`, `batch-revoked`,
 * `batch-quota`, `maker-quota`, `device-region`, `device-class`, `batch-class` (a batch is of people or of things, as
 * its first device is: so its quota bounds the people), `batch-signature`, `device-signature`.
 */
export function deviceRegister(state: State, operation: DeviceRegister): number {
  const { devices, makers } = state;
  if (devices.find(operation.key) !== -1) return RESULT_CODES['device-exists'];
  const maker = makers.find(operation.maker);
  if (maker === -1) return RESULT_CODES['maker-unknown'];
  if (makers.col.quota[maker] === 0 || makers.isSuspended(maker)) return RESULT_CODES['maker-suspended'];
  const { batches } = makers;
  const batch = batches.find(operation.maker, operation.batch);
  if (batch === -1) return RESULT_CODES['batch-unknown'];
  if (batches.isRevoked(batch, state.round)) return RESULT_CODES['batch-revoked'];
  if (batches.col.used[batch]! >= batches.col.quota[batch]!) return RESULT_CODES['batch-quota'];
  if (makers.col.used[maker]! >= makers.col.quota[maker]!) return RESULT_CODES['maker-quota'];
  if (operation.region >= state.genesis.regions.length) return RESULT_CODES['device-region'];
  if (!CLASSES.includes(operation.deviceClass)) return RESULT_CODES['device-class'];
  const people = isPerson(operation) ? 1 : 0;
  if (batches.col.used[batch]! > 0 && batches.col.people[batch] !== people)
    return RESULT_CODES['batch-class'];
  const { checker, network } = state;
  if (
    !checker.verify(operation.batchSignature, registerDigest(network, operation), batches.bytes('key', batch))
  ) {
    return RESULT_CODES['batch-signature'];
  }
  if (!checker.verify(operation.deviceSignature, possessionDigest(network, operation), operation.key)) {
    return RESULT_CODES['device-signature'];
  }
  const delayed = state.epoch + state.parameters.minActivationEpochs;
  addDevice(state, operation, batch, Math.max(delayed, batches.col.activeFrom[batch]!));
  return 0;
}

/** The device's row, counted against its batch and maker, without any check: for registration and the genesis. */
export function addDevice(
  state: State,
  device: Pick<DeviceRegister, 'key' | 'maker' | 'batch' | 'region' | 'deviceClass'>,
  batchRow: number,
  activeFrom: number,
): number {
  state.makers.batches.add('used', batchRow, 1);
  state.makers.batches.set('people', batchRow, isPerson(device) ? 1 : 0);
  state.makers.add('used', state.makers.find(device.maker), 1);
  const number = state.devices.register(device.key);
  state.devices.set('maker', number, device.maker);
  state.devices.set('batch', number, device.batch);
  state.devices.set('batchRow', number, batchRow);
  state.devices.set('region', number, device.region);
  state.devices.set('deviceClass', number, device.deviceClass);
  state.devices.set('registeredEpoch', number, state.epoch);
  state.devices.set('activeFrom', number, activeFrom);
  return number;
}
