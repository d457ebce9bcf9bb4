import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { all, CometMesh, json, LEDGERS } from './test-comet-mesh.js';

const NEW = LEDGERS;
const REMOVED = 1;
/** Epochs after which a snapshot holds what an epoch's edge has changed: one is made each 2 s, an epoch takes 3. */
const EPOCHS = 3;
const WAIT = { timeout: 120_000, interval: 300 };

const mesh = new CometMesh({ keep: 4, everySeconds: 2 });
const epoch = async (): Promise<number> => (await json(`${mesh.apis[0]}/v1/status`)).epoch;
const validators = async (): Promise<number> =>
  Number((await json(`${mesh.rpc(0)}/validators`)).result.total);
/** Why each ledger server does not vote on rounds, by the API of server 0. */
const standing = async () =>
  (await json(`${mesh.apis[0]}/v1/ledger-servers`)).items.map(
    ({ suspended }: { suspended: string | null }) => suspended,
  );

/** Payments that go on until they are ended; all of them must become final. */
function flowing(server: number): () => Promise<void> {
  let going = true;
  const flow = (async () => {
    while (going) expect(await mesh.submit(server, mesh.transfers(4))).toEqual({ ok: 4 });
  })();
  // Told where it is awaited.
  flow.catch(() => {});
  return async () => {
    going = false;
    await flow;
  };
}

describe.skipIf(cometBftForTests() === undefined)('a fifth ledger server, while CometBFT runs', () => {
  beforeAll(() => mesh.open(), 120_000);
  afterAll(() => mesh.close(), 60_000);

  test('is admitted by a vote, joins from a snapshot, gets its share of the key and votes, under payments', {
    timeout: 300_000,
  }, async () => {
    const ended = flowing(0);
    await mesh.adopt(mesh.admission(NEW));
    await vi.waitFor(async () => expect(await standing()).toEqual([null, null, null, null, 'not-yet']), WAIT);
    const admitted = await epoch();
    // It takes part in nothing yet: it is no validator whom the others would miss.
    await vi.waitFor(async () => expect(await epoch()).toBeGreaterThanOrEqual(admitted + EPOCHS), WAIT);
    expect(await validators()).toBe(LEDGERS);
    await mesh.writeLedgerServer(NEW, await mesh.trusted());
    await mesh.startLedgerServer(NEW);
    await vi.waitFor(async () => {
      expect(await standing()).toEqual([null, null, null, null, null]);
      expect(await validators()).toBe(LEDGERS + 1);
    }, WAIT);
    await ended();
    mesh.finals.length = 0;
    expect(await mesh.submit(NEW, mesh.transfers(5))).toEqual({ ok: 5 });
    await mesh.sameState();
  });

  test('decides with three others while one is away: four of five are needed', {
    timeout: 240_000,
  }, async () => {
    const before = await epoch();
    await mesh.ledgers[2]!.stop(10_000);
    for (const server of [0, NEW]) expect(await mesh.submit(server, mesh.transfers(5))).toEqual({ ok: 5 });
    await vi.waitFor(async () => expect(await epoch()).toBeGreaterThan(before + 1), WAIT);
    await mesh.startLedgerServer(2);
    await mesh.sameState();
  });

  test('another one is removed by a vote, under payments, and the network goes on without it', {
    timeout: 240_000,
  }, async () => {
    const ended = flowing(0);
    await mesh.adopt({ kind: 'ledgerServerSuspend', content: { index: REMOVED } });
    await vi.waitFor(async () => {
      expect(await standing()).toEqual([null, 'by-vote', null, null, null]);
      expect(await validators()).toBe(LEDGERS);
    }, WAIT);
    await mesh.ledgers[REMOVED]!.stop(10_000);
    const before = await epoch();
    await vi.waitFor(async () => expect(await epoch()).toBeGreaterThan(before + 1), WAIT);
    await ended();
    // Three of the four that are left decide, the new one among them.
    await mesh.ledgers[3]!.stop(10_000);
    expect(await mesh.submit(NEW, mesh.transfers(5))).toEqual({ ok: 5 });
    await mesh.sameState(all(LEDGERS + 1).filter((server) => server !== REMOVED && server !== 3));
  });
});
