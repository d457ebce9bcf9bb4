import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

/**
 * What this browser saw last of the network, for a start without one. Never what somebody owns or is owed: a balance that is
 * no longer true is worse than none.
 */
export interface Seen {
  readonly key: string;
  /** ms since 1970. */
  readonly atMs: number;
  readonly value: unknown;
}

interface Schema extends DBSchema {
  seen: { key: string; value: Seen; indexes: { 'by-time': number } };
}

/** First words of the queries that are kept: figures of the network, and what is final in its ledger. */
const KEPT: ReadonlySet<unknown> = new Set([
  ...['status', 'network', 'parameters', 'newest', 'live-epochs', 'pool-devices'],
  ...['trust-nodes', 'trust-node', 'lanes', 'lane', 'ledger-servers'],
  ...['transaction', 'block', 'round', 'epoch', 'election'],
]);
/** Answers at most; the oldest go. */
const MOST = 80;
/** What is asked for every few seconds is written so often at most, ms. */
const WRITE_MS = 10_000;

const written = new Map<string, number>();
let opened: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('iotw-last-seen', 1, {
    upgrade: (made) => made.createObjectStore('seen', { keyPath: 'key' }).createIndex('by-time', 'atMs'),
  });
  return opened;
}

export function isKept(key: readonly unknown[]): boolean {
  return KEPT.has(key[0]);
}

/** Keeps an answer; where storage is full or blocked there is none after a restart, that is all. */
export async function keepSeen(key: readonly unknown[], value: unknown, atMs: number): Promise<void> {
  const name = JSON.stringify(key);
  if (!isKept(key) || atMs - (written.get(name) ?? Number.NEGATIVE_INFINITY) < WRITE_MS) return;
  written.set(name, atMs);
  try {
    const change = (await database()).transaction('seen', 'readwrite');
    await change.store.put({ key: name, atMs, value });
    const count = await change.store.count();
    let oldest = count > MOST ? await change.store.index('by-time').openCursor() : null;
    for (let left = count - MOST; oldest !== null && left > 0; left--) {
      written.delete(oldest.value.key);
      await oldest.delete();
      oldest = await oldest.continue();
    }
    await change.done;
  } catch {
    // See above.
  }
}

/** What was kept under a key. */
export async function lastSeen(key: readonly unknown[]): Promise<Seen | undefined> {
  if (!isKept(key)) return undefined;
  try {
    return await (await database()).get('seen', JSON.stringify(key));
  } catch {
    return undefined;
  }
}
