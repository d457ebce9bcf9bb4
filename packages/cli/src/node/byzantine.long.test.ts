import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { all, CometMesh, json, LEDGERS } from './test-comet-mesh.js';

const LIAR = 3;
const honest = all(LEDGERS).filter((server) => server !== LIAR);
const WAIT = { timeout: 60_000, interval: 300 };
/** Epochs that must open while it lies: each needs a seed that the servers sign together. */
const EPOCHS = 2;

const mesh = new CometMesh();
const epoch = async (): Promise<number> => (await json(`${mesh.apis[0]}/v1/status`)).epoch;

/** Payments become final at every honest server. */
async function pay(): Promise<void> {
  for (const server of honest) expect(await mesh.submit(server, mesh.transfers(5))).toEqual({ ok: 5 });
}

describe.skipIf(cometBftForTests() === undefined)('one of four ledger servers lies to its CometBFT', () => {
  beforeAll(() => mesh.open(), 120_000);
  afterAll(() => mesh.close(), 60_000);

  test.each<[lie: string, times: number]>([
    ['censorship', 2],
    ['a certificate without votes', 2],
    ['a time of its own', 2],
    ['an act that nobody proved', 2],
    ['garbage', 4],
    ['two rounds in a block', 2],
    ['no vote extensions', 20],
    ['noise as vote extensions', 20],
  ])(
    'by %s: payments become final, epochs open, all have one state',
    { timeout: 240_000 },
    async (lie, times) => {
      await mesh.ledgers[LIAR]!.stop(10_000);
      let lies = 0;
      const before = await epoch();
      const liar = await mesh.startLedgerServer(LIAR, lie);
      liar.onLine(({ kind }) => {
        if (kind === 'lied') lies += 1;
      });
      await pay();
      await vi.waitFor(async () => {
        await pay();
        expect(lies).toBeGreaterThanOrEqual(times);
        expect(await epoch()).toBeGreaterThanOrEqual(before + EPOCHS);
      }, WAIT);
      // Its own ledger is no other than theirs: what it lied about was never decided.
      await mesh.sameState();
      for (const server of honest) {
        const { items } = await json(`${mesh.apis[server]}/v1/ledger-servers`);
        expect(items.map(({ suspended }: { suspended: string | null }) => suspended)).toEqual([
          null,
          null,
          null,
          null,
        ]);
      }
      await liar.stop(10_000);
      await mesh.startLedgerServer(LIAR);
    },
  );

  test.each(['another state hash', 'another state hash, later'])(
    'by %s: it ends alone, and says so; with a new disk it is one of them again',
    {
      timeout: 240_000,
    },
    async (lie) => {
      await mesh.ledgers[LIAR]!.stop(10_000);
      const liar = mesh.beginLedgerServer(LIAR, lie);
      let said: unknown;
      liar.onLine((line) => {
        if (line.code === 'cometbft-diverged') said = line.code;
      });
      let ended = false;
      const end = liar.ended.then(() => {
        ended = true;
      });
      await vi.waitFor(async () => {
        await pay();
        expect(ended).toBe(true);
      }, WAIT);
      await end;
      expect(said).toBe('cometbft-diverged');
      await mesh.sameState(honest);
      // Honest again on what it has: it says the same, and does not try for ever.
      said = undefined;
      const again = mesh.beginLedgerServer(LIAR);
      again.onLine((line) => {
        if (line.code === 'cometbft-diverged') said = line.message;
      });
      await again.ended;
      expect(said).toContain('join with an empty one');
      await rm(join(mesh.dir, `ledger-${LIAR}`), { recursive: true });
      await pay();
      await mesh.startLedgerServer(LIAR);
      await mesh.sameState();
      expect(await mesh.submit(LIAR, mesh.transfers(5))).toEqual({ ok: 5 });
    },
  );
});
