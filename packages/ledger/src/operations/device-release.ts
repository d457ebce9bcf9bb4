import type { DeviceRelease } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';
import { NO_ACCOUNT } from '../tables/devices.js';

/** The owner lets a device go. Codes: `device-unknown`, `device-not-owner`. */
export function deviceRelease(state: State, operation: DeviceRelease): number {
  const { devices } = state;
  const device = devices.find(operation.device);
  if (device === -1) return RESULT_CODES['device-unknown'];
  if (devices.col.owner[device] !== state.sender) return RESULT_CODES['device-not-owner'];
  devices.set('owner', device, NO_ACCOUNT);
  devices.add('changes', device, 1);
  return 0;
}
