import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { afterAll, assert, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Child, ChildLine } from '../devnet/child.js';
import { CometMesh, json, LEDGERS } from './test-comet-mesh.js';

const NEW = LEDGERS;
const WAIT = { timeout: 120_000, interval: 200 };
/** Payments in rounds of their own before it begins, so that there is something to fetch. */
const HISTORY = 60;

// No snapshots anywhere: whoever joins fetches every block.
const mesh = new CometMesh({ keep: 0, everySeconds: 60 });
const said: ChildLine[] = [];
/** All that it printed: what ends a node is told without a kind. */
let printed = '';

const round = async (server: number): Promise<number> => (await json(`${mesh.apis[server]}/v1/status`)).round;
const validators = async (): Promise<number> =>
  Number((await json(`${mesh.rpc(0)}/validators`)).result.total);
const standing = async () =>
  (await json(`${mesh.apis[0]}/v1/ledger-servers`)).items.map(
    ({ suspended }: { suspended: string | null }) => suspended,
  );

function begin(): Child {
  const child = mesh.beginLedgerServer(NEW);
  child.onLine((line) => said.push(line));
  child.process.stdout!.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
  });
  return child;
}

const wrongKey = (): number => printed.split('"code":"node-key-wrong"').length - 1;

async function start(): Promise<void> {
  const child = begin();
  const ready = await child.first('ready');
  assert(ready.ok, ready.ok ? '' : ready.error.message);
  mesh.apis[NEW] = ready.value.apiUrl as string;
}

describe.skipIf(cometBftForTests() === undefined)('a fifth ledger server, from the first block on', () => {
  beforeAll(() => mesh.open(), 120_000);
  afterAll(() => mesh.close(), 60_000);

  test('follows before any vote has admitted it, takes part in nothing and is missed by nobody', {
    timeout: 240_000,
  }, async () => {
    for (let i = 0; i < HISTORY; i++)
      expect(await mesh.submit(i % LEDGERS, mesh.transfers(2))).toEqual({ ok: 2 });
    // With a signing key that the vote will not name.
    await mesh.writeLedgerServer(NEW, undefined, 'another');
    await start();
    expect(said.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^ledger server 4 is not on the ledger by round 0/),
    );
    await vi.waitFor(async () => expect(await round(NEW)).toBeGreaterThanOrEqual(await round(0)), WAIT);
    await mesh.sameState();
    expect(await validators()).toBe(LEDGERS);
    expect((await json(`${mesh.apis[NEW]}/v1/rounds/1`)).signatures).toEqual([]);
  });

  test('ends where the vote names other keys than it holds, and starts no more with them', {
    timeout: 240_000,
  }, async () => {
    await mesh.adopt(mesh.admission(NEW));
    expect(await mesh.ledgers[NEW]!.ended).toBe(1);
    expect(wrongKey()).toBe(1);
    expect(await begin().ended).toBe(1);
    expect(wrongKey()).toBe(2);
    expect(await standing()).toEqual([null, null, null, null, 'not-yet']);
  });

  test('with its own keys and an empty disk, killed on its way, fetches every block, gets its share of the key and votes', {
    timeout: 300_000,
  }, async () => {
    await mesh.emptied(NEW);
    await mesh.writeLedgerServer(NEW);
    // Long before its ledger has come to the round that admits it.
    process.env.IOTW_FAILPOINTS = 'engine-applied=exit@20';
    const killed = begin();
    delete process.env.IOTW_FAILPOINTS;
    await killed.ended;
    expect(killed.process.signalCode).toBe('SIGKILL');
    await start();
    await vi.waitFor(async () => {
      expect(await standing()).toEqual([null, null, null, null, null]);
      expect(await validators()).toBe(LEDGERS + 1);
    }, WAIT);
    expect(await mesh.submit(NEW, mesh.transfers(5))).toEqual({ ok: 5 });
    // Every payment since the first round is found at every one of the five.
    await mesh.sameState();
    const { number } = (await json(`${mesh.apis[NEW]}/v1/rounds?limit=1`)).items[0];
    expect((await json(`${mesh.apis[NEW]}/v1/rounds/${number}`)).signatures).toHaveLength(1);
    expect((await json(`${mesh.apis[NEW]}/v1/rounds/1`)).signatures).toEqual([]);
    expect(wrongKey()).toBe(2);
  });

  test('decides with three others while one is away: four of five are needed', {
    timeout: 240_000,
  }, async () => {
    await mesh.ledgers[2]!.stop(10_000);
    for (const server of [0, NEW]) expect(await mesh.submit(server, mesh.transfers(5))).toEqual({ ok: 5 });
    await mesh.startLedgerServer(2);
    await mesh.sameState();
  });
});
