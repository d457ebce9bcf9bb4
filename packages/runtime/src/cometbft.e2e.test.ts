import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CometServers, WAIT } from './test-comet-servers.js';

const file = cometBftForTests();
const servers = new CometServers({ file: file ?? '' });

describe.skipIf(file === undefined)('four ledger servers on CometBFT', () => {
  beforeAll(() => servers.open());
  afterAll(() => servers.close());

  it('make their key together, open epochs with it and come to one state', async () => {
    await vi.waitFor(() => {
      for (const { ledger } of servers.nodes)
        expect(ledger.epoch, servers.faults.slice(-8).join('\n')).toBeGreaterThanOrEqual(3);
    }, WAIT);
    servers.agreeOnAll();
  });

  it('go on when one CometBFT is killed at any point, and its server is with them again', async () => {
    let killed: number | undefined;
    for (let kill = 0; kill < 3; kill++) {
      killed = await vi.waitFor(() => {
        const pid = Number(readFileSync(join(servers.home(2), 'cometbft.pid'), 'utf8'));
        expect(pid).not.toBe(killed);
        return pid;
      }, WAIT);
      // From its handshake to the middle of its rounds.
      await new Promise((resolve) => setTimeout(resolve, 150 + 400 * kill));
      process.kill(killed, 'SIGKILL');
    }
    await servers.goesOn(2);
    servers.agreeOnAll();
    expect(servers.faults.some((fault) => fault.includes('CometBFT ended (SIGKILL)'))).toBe(true);
  });

  it('go on without one; it comes back with what it had and has all that it missed', async () => {
    await servers.stop(1);
    await servers.goesOn(2);
    await servers.start(1);
    await servers.goesOn(1);
    servers.agreeOnAll();
    expect(servers.halts).toEqual([]);
  });

  it('decide nothing while two of them are gone', async () => {
    await servers.stop(0);
    await servers.stop(3);
    const before = servers.rounds;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    // One round may have been decided when the last of the two left.
    for (const [i, round] of servers.rounds.entries()) expect(round).toBeLessThanOrEqual(before[i]! + 1);
    await Promise.all([servers.start(0), servers.start(3)]);
    await servers.goesOn(2);
    servers.agreeOnAll();
  });
});
