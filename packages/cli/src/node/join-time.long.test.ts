import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CometMesh } from './test-comet-mesh.js';

/** JOIN_TRANSACTIONS=1000000 for the figure of docs/results; a few do for a look. */
const TRANSACTIONS = Number(process.env.JOIN_TRANSACTIONS ?? 5_000);
/** One batch fits the 64 sequences that each of the payers may be ahead, three times over. */
const BATCH = 320;
/** What such a machine needs for a transaction, ten times over. */
const MS_PER_TRANSACTION = 5;

const mesh = new CometMesh();

async function pay(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 3 * BATCH) {
    const codes = await Promise.all([0, 1, 2].map((server) => mesh.submit(server, mesh.transfers(BATCH))));
    for (const code of codes) expect(code).toEqual({ ok: BATCH });
    mesh.finals.length = 0;
  }
}

describe.skipIf(cometBftForTests() === undefined)(`behind ${TRANSACTIONS} transactions`, () => {
  beforeAll(() => mesh.open(), 120_000);
  afterAll(() => mesh.close(), 60_000);

  test('a wiped server joins from a snapshot and votes; the time is told, not judged', {
    timeout: 240_000 + MS_PER_TRANSACTION * TRANSACTIONS,
  }, async () => {
    const victim = 3;
    await pay(TRANSACTIONS);
    await mesh.ledgers[victim]!.stop(10_000);
    await rm(join(mesh.dir, `ledger-${victim}`), { recursive: true });
    await mesh.writeLedgerServer(victim, await mesh.trusted());
    const beganMs = performance.now();
    const seconds = (): string => ((performance.now() - beganMs) / 1_000).toFixed(1);
    await mesh.startLedgerServer(victim);
    expect(await mesh.submit(victim, mesh.transfers(5))).toEqual({ ok: 5 });
    const back = seconds();
    // Three of four decide: without its vote nothing is.
    await mesh.ledgers[2]!.stop(10_000);
    expect(await mesh.submit(victim, mesh.transfers(5))).toEqual({ ok: 5 });
    console.log(`${TRANSACTIONS} transactions: back in ${back} s, voted after ${seconds()} s`);
    await mesh.startLedgerServer(2);
    await mesh.sameState();
    mesh.finals.length = 0;
  });
});
