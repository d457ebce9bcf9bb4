/** Four ledger servers on CometBFT: one keeps everything, the others a few epochs. */
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { toHex } from '@iotw/kernel/bytes';
import { afterAll, assert, beforeAll, describe, expect, it, vi } from 'vitest';
import type { NodeProcess } from './node-process.js';
import { CometServers, WAIT } from './test-comet-servers.js';

const ARCHIVE = 0;
const KEEP_MS = 4_000;
const file = cometBftForTests();
const servers = new CometServers({
  file: file ?? '',
  keepMs: (index) => (index === ARCHIVE ? undefined : KEEP_MS),
});
const node = (index: number): NodeProcess => servers.running.get(index)!.node;

/** Whether a server's CometBFT still has the commit of a height. */
async function holds(index: number, height: number): Promise<boolean> {
  const found = await node(index).engineCommits!.lightBlock(height);
  assert(found.ok || found.error.code === 'commit-not-found');
  return found.ok;
}

/** What every server has is the same on all, and each has all from its first round on. */
function agree(): void {
  const first = Math.max(...servers.nodes.map(({ kept }) => kept.first));
  const last = Math.min(...servers.rounds) - 1;
  for (let number = first; number <= last; number++) {
    const hashes = servers.nodes.map((one) => toHex(one.history.round(number)!.header.stateHash));
    expect(new Set(hashes).size, `${number}`).toBe(1);
  }
}

describe.skipIf(file === undefined)('ledger servers with a horizon', () => {
  beforeAll(() => servers.open());
  afterAll(() => servers.close());

  it('let rounds and blocks of CometBFT go while they order, and stay of one state with the archive', async () => {
    await vi.waitFor(async () => {
      for (const index of [1, 2, 3]) expect(node(index).kept.first).toBeGreaterThan(10);
      for (const index of [1, 2, 3]) expect(await holds(index, 2)).toBe(false);
    }, WAIT);
    expect(node(ARCHIVE).kept.first).toBe(1);
    expect(await holds(ARCHIVE, 2)).toBe(true);
    const { first } = node(1).kept;
    expect(node(1).history.round(first - 1)).toBeUndefined();
    // The height that holds the first kept round, and the one that proves it.
    const height = node(1).engineCommits!.heightOf(first)!;
    expect(await holds(1, height + 1)).toBe(true);
    expect(node(1).engineCommits!.heightOf(1)).toBeUndefined();
    agree();
  });

  it('go on after a restart, with what they kept', async () => {
    const { first } = node(2).kept;
    await servers.stop(2);
    await servers.start(2);
    expect(node(2).kept.first).toBeGreaterThanOrEqual(first);
    await servers.goesOn(5);
    agree();
    expect(servers.halts).toEqual([]);
  });

  it('let one that lost its disk fetch every block from the archive', async () => {
    await servers.stop(3);
    servers.wipe(3);
    await servers.start(3);
    await vi.waitFor(() => expect(node(3).ledger.round).toBeGreaterThan(10), WAIT);
    await servers.goesOn(2);
    agree();
    expect(servers.halts).toEqual([]);
  });
});
