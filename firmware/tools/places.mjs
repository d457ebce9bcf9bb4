// Where the firmware's build keeps things. Nothing of it is committed.
import { join } from 'node:path';
import { ROOT } from '../../tools/tidy/files.mjs';

export const FIRMWARE = join(ROOT, 'firmware');
/** Debian's sources of the three libraries, and what was built. */
export const CACHE = join(ROOT, 'node_modules', '.cache', 'firmware');
export const SOURCES = join(CACHE, 'sources');
export const BUILD = join(CACHE, 'build');
