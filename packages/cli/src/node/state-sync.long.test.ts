import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CometMesh } from './test-comet-mesh.js';

const mesh = new CometMesh({ keep: 3, everySeconds: 5 });

describe.skipIf(cometBftForTests() === undefined)(
  'state sync among four ledger servers, each a process',
  () => {
    beforeAll(() => mesh.open(), 120_000);
    afterAll(() => mesh.close(), 60_000);

    // Killed on its way, and then not: what it left behind is nothing, or the whole state.
    test.each([
      ['at its first try', ''],
      ['killed before the state is stored', 'state-sync-store=exit'],
      ['killed before CometBFT knows of the stored state', 'state-sync-stored=exit'],
      ['killed where CometBFT goes on', 'state-sync-followed=exit'],
      ['two of the others handing out poisoned chunks', 'poison'],
    ])(
      'one that lost its disk joins by state sync, %s, and votes',
      { timeout: 240_000 },
      async (_, failpoint) => {
        const victim = 3;
        await mesh.ledgers[victim]!.stop(10_000);
        await rm(join(mesh.dir, `ledger-${victim}`), { recursive: true });
        for (let i = 0; i < 3; i++) expect(await mesh.submit(i, mesh.transfers(5))).toEqual({ ok: 5 });
        await mesh.writeLedgerServer(victim, await mesh.trusted());
        const poisoning = failpoint === 'poison' ? setInterval(() => poison([0, 1]), 100) : undefined;
        if (failpoint.endsWith('=exit')) {
          process.env.IOTW_FAILPOINTS = failpoint;
          const killed = mesh.beginLedgerServer(victim);
          delete process.env.IOTW_FAILPOINTS;
          await killed.ended;
          expect(killed.process.signalCode).toBe('SIGKILL');
        }
        // It has no history of what was before the snapshot.
        mesh.finals.length = 0;
        await mesh.startLedgerServer(victim);
        clearInterval(poisoning);
        expect((await fetch(`${mesh.apis[victim]}/v1/rounds/1`)).status).toBe(404);
        expect(await mesh.submit(victim, mesh.transfers(5))).toEqual({ ok: 5 });
        await mesh.sameState();
        // Three of four decide: without its vote nothing is.
        await mesh.ledgers[2]!.stop(10_000);
        expect(await mesh.submit(victim, mesh.transfers(5))).toEqual({ ok: 5 });
        await mesh.startLedgerServer(2);
        await mesh.sameState();
      },
    );

    test('one that trusts a block that is not the network’s does not join, says so, and stops when told', {
      timeout: 120_000,
    }, async () => {
      const victim = 3;
      await mesh.ledgers[victim]!.stop(10_000);
      await rm(join(mesh.dir, `ledger-${victim}`), { recursive: true });
      await mesh.writeLedgerServer(victim, { ...(await mesh.trusted()), trustHash: 'ab'.repeat(32) });
      const child = mesh.beginLedgerServer(victim);
      await new Promise<void>((resolve) => {
        child.onLine(({ message }) => {
          if (String(message).includes('light client')) resolve();
        });
      });
      await child.stop(10_000);
      expect(child.process.exitCode).toBe(0);
      await rm(join(mesh.dir, `ledger-${victim}`), { recursive: true });
      await mesh.writeLedgerServer(victim);
      await mesh.startLedgerServer(victim);
      await mesh.sameState();
    });
  },
);

/** Spoils the first chunks that these servers keep for those that join. */
function poison(servers: readonly number[]): void {
  for (const server of servers) {
    const folder = join(mesh.dir, `ledger-${server}`, 'snapshots');
    for (const name of readdirSync(folder)) {
      const path = join(folder, name, '0');
      try {
        writeFileSync(path, readFileSync(path).fill(0xff, 0, 64));
      } catch {
        // An older one that is removed meanwhile.
      }
    }
  }
}
