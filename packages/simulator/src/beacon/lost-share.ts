import type { Write } from '@iotw/kernel/ports/store';
import { BEACON_TABLE } from '@iotw/nodes/ledger-server/beacon-member';
import type { FaultyDisk } from '../world/faulty-disk.js';

/** A member's disk loses its share of the key, and the secret of a ceremony that runs. */
export function loseShare(disk: FaultyDisk): void {
  const gone: Write[] = disk
    .range(BEACON_TABLE, {})
    .map(([key]) => ({ table: BEACON_TABLE, key, value: undefined }));
  disk.write(gone);
  disk.sync();
}
