import type { AddCommands } from './command.js';
import { addDeviceHandover } from './device-handover.js';
import { addDeviceReading } from './device-reading.js';
import { addDeviceWriting } from './device-writing.js';

/** `iotw device register|claim|release|accept|handover|list|show|why`. */
export const addCommands: AddCommands = (noun, run) => {
  addDeviceWriting(noun, run);
  addDeviceHandover(noun, run);
  addDeviceReading(noun, run);
};
