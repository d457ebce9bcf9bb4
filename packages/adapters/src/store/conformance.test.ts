import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { describeStore } from './conformance.js';
import { openLmdbStore } from './lmdb-store.js';
import { openMemoryStore } from './memory-store.js';

describeStore('memory', {
  open: async (limitBytes) => openMemoryStore(limitBytes === undefined ? {} : { limitBytes }),
  dispose: async () => {},
});

const directories: string[] = [];
async function open(mapSizeBytes: number | undefined): Promise<Store> {
  const path = mkdtempSync(join(tmpdir(), 'iotw-store-'));
  directories.push(path);
  const opened = await openLmdbStore(mapSizeBytes === undefined ? { path } : { path, mapSizeBytes });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}
async function dispose(): Promise<void> {
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
}
describeStore('lmdb', { open, dispose });

/** But for the table in which the suite looks at both kinds. */
const rewritten = (write: Write): Write =>
  write.value === undefined || write.table === 'kinds' ? write : { ...write, rewritten: true };
describeStore('lmdb, rewritten values', {
  async open(mapSizeBytes) {
    const store = await open(mapSizeBytes);
    return {
      get: (table, key) => store.get(table, key),
      range: (table, range) => store.range(table, range),
      commit: (writes) => store.commit(writes.map(rewritten)),
      close: () => store.close(),
    };
  },
  dispose,
});
