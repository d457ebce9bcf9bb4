import { utf8 } from '@iotw/kernel/bytes';
import { expect, it } from 'vitest';
import { calmNetwork, proposeOf } from './test-calm-network.js';

const VOTED_OUT = 3;
const LIVELY = [0, 1, 2];

it.each([1, 2])(
  'a vote switches the mode and votes a trust node out while the network runs (seed %i)',
  (seed) => {
    const { servers, send, run, modes } = calmNetwork(`mode switch ${seed}`);
    run(2_000);
    const mode = { name: utf8('electionMode'), value: 1 };
    send(0, proposeOf({ kind: 'parameters', content: { changes: [mode] } }));
    send(0, proposeOf({ kind: 'trustNodeSuspend', content: { index: VOTED_OUT } }));
    run(1_000);
    for (const proposal of [0, 1]) send(1, { type: 'vote', proposal, approve: 1 });
    run(9_000);
    const [ledger, other] = servers.map((server) => server.ledger!);
    const decided = [0, 1].map((number) => ledger!.proposals.read(number)!);
    expect(decided.map(({ state }) => state)).toEqual(['executed', 'executed']);
    const from = decided[0]!.effectiveEpoch;
    for (const [epoch, name] of modes)
      expect(name, `epoch ${epoch}`).toBe(epoch < from ? 'random' : 'reputation');
    expect(ledger!.epoch).toBeGreaterThan(from);
    expect(ledger!.snapshotOf(ledger!.epoch)!.trustNodes.map(({ index }) => index)).toEqual(LIVELY);
    // Under the new mode and set the other lanes go on, no lane was reset, the lane that was voted out stands.
    const heights = () => [...LIVELY, VOTED_OUT].map((lane) => ledger!.lanes.read(lane)!.height);
    const before = heights();
    run(3_000);
    const after = heights();
    expect(after[VOTED_OUT]).toBe(before[VOTED_OUT]);
    expect(LIVELY.filter((lane) => after[lane]! <= before[lane]!)).toEqual([]);
    expect(LIVELY.map((lane) => ledger!.lanes.read(lane)!.incarnation)).toEqual([0, 0, 0]);
    expect(
      ledger!.chain.round === other!.chain.round && ledger!.stateHash.join() !== other!.stateHash.join(),
    ).toBe(false);
  },
);
