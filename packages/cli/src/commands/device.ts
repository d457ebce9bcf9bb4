import type { AddCommands } from './command.js';
import { addDeviceReading } from './device-reading.js';
import { addDeviceWriting } from './device-writing.js';

/** `iotw device register|claim|release|list|show|why`. */
export const addCommands: AddCommands = (noun, run) => {
  addDeviceWriting(noun, run);
  addDeviceReading(noun, run);
};
