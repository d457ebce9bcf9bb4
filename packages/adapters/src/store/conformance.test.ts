import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStore } from './conformance.js';
import { openLmdbStore } from './lmdb-store.js';
import { openMemoryStore } from './memory-store.js';

describeStore('memory', {
  open: async (limitBytes) => openMemoryStore(limitBytes === undefined ? {} : { limitBytes }),
  dispose: async () => {},
});

const directories: string[] = [];
describeStore('lmdb', {
  async open(mapSizeBytes) {
    const path = mkdtempSync(join(tmpdir(), 'iotw-store-'));
    directories.push(path);
    const opened = await openLmdbStore(mapSizeBytes === undefined ? { path } : { path, mapSizeBytes });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  },
  async dispose() {
    for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
  },
});
