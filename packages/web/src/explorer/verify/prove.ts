import type { Connection } from '@iotw/sdk/client/connection';
import type { Compare, Shown, Subject } from './report.ts';
import { proveBlock, proveEpoch } from './verify-data.ts';
import { proveTransaction } from './verify-transaction.ts';

/** Gathers the proofs of a subject. What it gives takes what a page shows of such a subject. */
export async function prove(connection: Connection, subject: Subject): Promise<Compare<Shown>> {
  switch (subject.kind) {
    case 'transaction':
      return (await proveTransaction(connection, subject.id, Date.now())) as Compare<Shown>;
    case 'block':
      return (await proveBlock(connection, subject.lane, subject.height, subject.hash)) as Compare<Shown>;
    case 'epoch':
      return (await proveEpoch(connection, subject.epoch)) as Compare<Shown>;
  }
}
