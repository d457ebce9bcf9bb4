import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { all, CometMesh, LEDGERS } from './test-comet-mesh.js';

const mesh = new CometMesh();

describe.skipIf(cometBftForTests() === undefined)(
  'four ledger servers on CometBFT, two trust nodes and a fleet, each a process',
  () => {
    beforeAll(() => mesh.open(), 120_000);
    afterAll(() => mesh.close(), 60_000);

    test('payments are final at any server, and all servers have one state', {
      timeout: 120_000,
    }, async () => {
      for (const server of all(LEDGERS))
        expect(await mesh.submit(server, mesh.transfers(10))).toEqual({ ok: 10 });
      await mesh.sameState();
    });

    test('one server and its CometBFT killed: payments go on at the others; it comes back with all of them', {
      timeout: 240_000,
    }, async () => {
      mesh.ledgers[3]!.process.kill('SIGKILL');
      await mesh.ledgers[3]!.ended;
      for (let i = 0; i < 3; i++) expect(await mesh.submit(i, mesh.transfers(10))).toEqual({ ok: 10 });
      await mesh.startLedgerServer(3);
      await mesh.sameState();
      expect(await mesh.submit(3, mesh.transfers(10))).toEqual({ ok: 10 });
    });

    test('each killed once under load, one at a time: nothing final is lost, one state', {
      timeout: 300_000,
    }, async () => {
      for (const victim of [1, 2]) {
        const load = mesh.submit(0, mesh.transfers(20));
        mesh.ledgers[victim]!.process.kill('SIGKILL');
        await mesh.ledgers[victim]!.ended;
        expect(await load).toEqual({ ok: 20 });
        await mesh.startLedgerServer(victim);
        await mesh.sameState();
      }
    });

    // Between its engine's word and its disk; FinalizeBlock and Commit of CometBFT lie around the third.
    test.each([
      'engine-decide',
      'engine-decided',
      'runtime-round-persist',
      'store-commit-before-sync',
      'store-commit-after-sync',
      'engine-applied',
    ])('one killed at %s is with the others again', { timeout: 240_000 }, async (failpoint) => {
      const victim = 3;
      await mesh.ledgers[victim]!.stop(10_000);
      process.env.IOTW_FAILPOINTS = `${failpoint}=exit@4`;
      mesh.beginLedgerServer(victim);
      delete process.env.IOTW_FAILPOINTS;
      let dead = false;
      const ended = mesh.ledgers[victim]!.ended.then(() => {
        dead = true;
      });
      while (!dead) expect(await mesh.submit(0, mesh.transfers(5))).toEqual({ ok: 5 });
      await ended;
      expect(mesh.ledgers[victim]!.process.signalCode).toBe('SIGKILL');
      await mesh.startLedgerServer(victim);
      await mesh.sameState();
    });

    test('one that lost its disk fetches every block again and is with the others', {
      timeout: 240_000,
    }, async () => {
      const victim = 3;
      await mesh.ledgers[victim]!.stop(10_000);
      await rm(join(mesh.dir, `ledger-${victim}`), { recursive: true });
      // It no longer knows what it signed last: the others must be past that before it votes again.
      for (let i = 0; i < 3; i++) expect(await mesh.submit(i, mesh.transfers(5))).toEqual({ ok: 5 });
      await mesh.startLedgerServer(victim);
      await mesh.sameState();
      expect(await mesh.submit(victim, mesh.transfers(5))).toEqual({ ok: 5 });
    });
  },
);
