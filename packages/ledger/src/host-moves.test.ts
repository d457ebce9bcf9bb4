/** Who is to host whom, as the ledger knows it. */
import { HOST_POLICY } from '@iotw/protocol/parameters';
import { beforeEach, describe, expect, it } from 'vitest';
import { hostMoves, plannedHosts } from './host-moves.js';
import { makerHostsOp } from './test-host-rows.js';
import { TestNetwork, testGenesis } from './test-network.js';
import { presenceOp } from './test-operations.js';

let t: TestNetwork;
beforeEach(() => {
  const { parameters } = testGenesis();
  t = new TestNetwork({ genesis: { parameters: { ...parameters, hostPolicy: HOST_POLICY.assigned } } });
});

/** An epoch in which device i is there through `host(i)`. */
function epoch(host: (device: number) => number): void {
  for (let i = 0; i < 8; i++)
    expect(t.send('operator0', presenceOp(t, `device${i}`, { host: host(i) })).code).toBe('ok');
  t.endEpoch();
}
const plan = () => [...plannedHosts(t.ledger)].sort(([a], [b]) => a - b).map(([, host]) => host);
/** As the ledger counts it of host 0 in the running epoch. */
function silences(count: number, answers: number): void {
  const row = t.ledger.witnessing.row(0, t.ledger.epoch);
  t.ledger.witnessing.set('silences', row, count);
  t.ledger.witnessing.set('answers', row, answers);
}

describe('moves of devices', () => {
  it('name each device that its pool knows elsewhere, and the epoch from which it is drawn there', () => {
    // The genesis' pools know device i at host i mod 3, pool 3 knows all at host 0; regions make the plan.
    epoch(() => 0);
    const wanted = plan();
    expect(wanted).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(hostMoves(t.ledger)).toEqual([
      { device: 2, host: 0, epoch: 3 },
      { device: 3, host: 1, epoch: 4 },
      { device: 4, host: 0, epoch: 3 },
      { device: 5, host: 1, epoch: 4 },
    ]);
    // Whoever follows is in the next pool with that host, and needs to move no more once that pool runs.
    for (let i = 0; i < 4; i++) epoch((device) => wanted[device]!);
    expect(plan()).toEqual(wanted);
    expect(hostMoves(t.ledger)).toEqual([]);
  });

  it('are none where devices choose', () => {
    const { parameters } = testGenesis();
    t = new TestNetwork({ genesis: { parameters: { ...parameters, hostPolicy: HOST_POLICY.free } } });
    epoch(() => 0);
    expect(hostMoves(t.ledger)).toEqual([]);
    expect(plan()).toHaveLength(8);
  });

  it('follow a maker to the hosts it named, as far as they have room', () => {
    expect(t.send('alice', makerHostsOp(t, { hosts: [2] })).code).toBe('ok');
    epoch((device) => device % 3);
    const there = plan().filter((host) => host === 2).length;
    expect(there).toBe(Math.ceil((8 * 5) / (4 * 3)));
  });

  it('leave a host that others called silent more often than it spoke', () => {
    silences(5, 4);
    epoch(() => 0);
    expect(plan()).not.toContain(0);
  });

  it('leave no host for a few silences', () => {
    silences(4, 4);
    epoch(() => 0);
    expect(plan()).toContain(0);
  });
});
