import type { AddCommands } from './command.js';
import { addDeviceClaimCode } from './device-claim-code.js';
import { addDeviceFarms } from './device-farms.js';
import { addDeviceHandover } from './device-handover.js';
import { addDeviceReading } from './device-reading.js';
import { addDeviceWriting } from './device-writing.js';

/** `iotw device register|claim-code|claim|release|accept|handover|list|show|why|farms`. */
export const addCommands: AddCommands = (noun, run) => {
  addDeviceWriting(noun, run);
  addDeviceClaimCode(noun, run);
  addDeviceHandover(noun, run);
  addDeviceReading(noun, run);
  addDeviceFarms(noun, run);
};
