import { utf8 } from '@iotw/kernel/bytes';
import { ASSIGNER } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SIZE, Simulation } from './simulation.js';
import { calmNetwork, proposeOf } from './test-calm-network.js';

const LANES = [0, 1, 2, 3];

describe('a network whose assignments others sign', () => {
  it.each(['ledger-server', 'api-server'] as const)('runs under faults with assigner %s', (role) => {
    const size = { ...DEFAULT_SIZE, epochs: 4, devices: 20, transactions: 200 };
    const parameters = { assigner: ASSIGNER[role] };
    const { violation, coverage } = new Simulation({ ...size, seed: 5, parameters }).run();
    expect(violation).toBeUndefined();
    expect(coverage.epochs).toBeGreaterThanOrEqual(4);
    expect(coverage.assignedAttempts).toBeGreaterThan(coverage.selfAssigned ?? 0);
  });

  it('with every assigner down, lanes go on and are counted', () => {
    // The ledger lists keys that no process holds: nobody gives a statement that counts.
    const { servers, run } = calmNetwork(
      'assigners down',
      { assigner: ASSIGNER['api-server'] },
      (genesis) => ({
        ...genesis,
        apiServers: genesis.apiServers.map((api, i) => ({ ...api, key: genesis.makers[i]!.key })),
      }),
    );
    const { ledger } = servers[0]!;
    for (let epoch = 0; epoch < 4; epoch++) {
      const before = LANES.map((lane) => ledger!.lanes.read(lane)!.height);
      run(2_000);
      for (const lane of LANES) expect(ledger!.lanes.read(lane)!.height).toBeGreaterThan(before[lane]!);
    }
    const counts = ledger!.witnessing.total(ledger!.epoch - 1);
    expect(counts.committees).toBeGreaterThan(0);
    expect(counts.selfAssigned).toBeGreaterThanOrEqual(counts.committees);
    expect(counts.failedAttempts).toBe(0);
  });

  it('goes over to another assigner by a vote, at the edge of an epoch', () => {
    const { servers, send, run } = calmNetwork('assigner by vote');
    run(1_000);
    const change = { name: utf8('assigner'), value: ASSIGNER['ledger-server'] };
    send(0, proposeOf({ kind: 'parameters', content: { changes: [change] } }));
    send(0, proposeOf({ kind: 'apiServerSuspend', content: { index: 1 } }));
    run(500);
    for (const proposal of [0, 1]) send(1, { type: 'vote', proposal, approve: 1 });
    run(8_000);
    const { ledger } = servers[0]!;
    const { state, effectiveEpoch } = ledger!.proposals.read(0)!;
    expect(state).toBe('executed');
    expect(ledger!.epoch).toBeGreaterThan(effectiveEpoch);
    expect(ledger!.snapshotOf(ledger!.epoch)!.assigners.map(({ index }) => index)).toEqual([0, 1]);
    // Statements by ledger servers are there, and few attempts went without.
    const { selfAssigned, committees } = ledger!.witnessing.total(ledger!.epoch - 1);
    expect(committees).toBeGreaterThan(0);
    expect(10 * selfAssigned).toBeLessThan(committees);
    expect(ledger!.apiServers.read(1)!.suspended).toBe(true);
  });
});
