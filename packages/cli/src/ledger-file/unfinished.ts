import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where a ledger grows, under a node's data directory, until all of it was imported. */
export function growingIn(data: string): string {
  return join(data, 'ledger.importing');
}

/** Whether an import into this data directory was broken off: no node may begin a ledger there. */
export function importUnfinished(data: string): boolean {
  return existsSync(growingIn(data));
}
