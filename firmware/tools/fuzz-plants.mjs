// Bugs that are planted into copies of the core, one each, to see that the fuzzer finds them.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRMWARE } from './places.mjs';

/** @typedef {{name: string, file: string, from: string, to: string}} Plant `from` stands once in the file. */

/** @type {Plant[]} */
export const PLANTS = [
  {
    name: 'a topic one byte longer than its room',
    file: 'core/mqtt.c',
    from: 'if (reader->topic_bytes < IOTW_TOPIC_BYTES) reader->topic',
    to: 'if (reader->topic_bytes <= IOTW_TOPIC_BYTES) reader->topic',
  },
  {
    name: 'a topic longer than its packet',
    file: 'core/mqtt.c',
    from: 'reader->topic_length == 0 || reader->left < reader->topic_length + after',
    to: 'reader->topic_length == 0',
  },
  {
    name: 'a JSON token one byte longer than its room',
    file: 'core/json.c',
    from: 'if (json->length < IOTW_JSON_TOKEN)',
    to: 'if (json->length <= IOTW_JSON_TOKEN)',
  },
  {
    name: 'one assigner more than there is room for',
    file: 'core/hello.c',
    from: '} else if (keys->assigners < IOTW_ASSIGNERS) {',
    to: '} else if (keys->assigners <= IOTW_ASSIGNERS) {',
  },
  {
    name: 'winning bits without a bound',
    file: 'core/hello.c',
    from: 'well = is_number && number <= 512;',
    to: 'well = is_number;',
  },
  {
    name: 'an id longer than 32 bytes',
    file: 'core/assignment.c',
    from: 'take = 32 - filled < length ? 32 - filled : length;',
    to: 'take = length;',
  },
  {
    name: 'a boot record written over the newer one',
    file: 'core/store.c',
    from: '(is_b != VALID || a > b) ? IOTW_AREA_BOOT_B : IOTW_AREA_BOOT_A',
    to: '(is_b != VALID || a < b) ? IOTW_AREA_BOOT_B : IOTW_AREA_BOOT_A',
  },
];

/**
 * Copies what is fuzzed and plants a bug into the copy.
 * @param {Plant} plant
 * @param {string} folder where the copy goes
 */
export function plant({ file, from, to }, folder) {
  for (const part of ['core', 'crypto', 'hal', 'test', 'ports/linux'])
    cpSync(join(FIRMWARE, part), join(folder, part), { recursive: true });
  const text = readFileSync(join(folder, file), 'utf8');
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new Error(`${file} has the planted place ${parts.length - 1} times, not once`);
  writeFileSync(join(folder, file), parts.join(to));
}
