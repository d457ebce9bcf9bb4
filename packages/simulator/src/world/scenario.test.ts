import { Prng } from '@iotw/kernel/prng';
import { describe, expect, it } from 'vitest';
import { drawScenario } from './scenario.js';

const SERVERS = { trustNodes: 4, ledgerServers: 4 };
const draw = (seed: number) => drawScenario(new Prng(`iotw simulation ${seed}`), SERVERS);

describe('the rules of a run', () => {
  it('are the same for the same seed', () => {
    expect(draw(7)).toEqual(draw(7));
  });

  it('cover every mode, both seed sources, every damping, both rules and votes, in the seeds of npm test', () => {
    const counts = new Map<string, number>();
    for (let seed = 1; seed <= 500; seed++)
      for (const label of draw(seed).labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    const wanted = [
      ...['mode random', 'mode reputation', 'mode uptime', 'mode stake'],
      ...['mode vrf, tickets by random', 'mode vrf, tickets by stake'],
      ...['seeds vrf', 'seeds threshold', 'member lost', 'member lost with its share'],
      ...['damping none', 'damping devnet', 'damping strict'],
      ...['rule literal', 'rule adjudicated', 'ownership alike', 'ownership diverse', 'ownership whale'],
      ...['assigner trust-node', 'assigner ledger-server', 'assigner api-server'],
      ...[
        'vote trustNodeSuspend',
        'vote trustNodeReinstate',
        'vote apiServerSuspend',
        'vote apiServerReinstate',
      ],
      ...['blacklist of 2 epochs', 'blacklist until a vote'],
      ...['vote electionMode', 'vote electionMode, refused', 'vote seedSource', 'vote adjudicate'],
      ...['vote epochMs', 'vote witnesses', 'vote makerSuspend', 'vote makerReinstate', 'vote miners'],
    ];
    for (const label of wanted) expect(counts.get(label) ?? 0, label).toBeGreaterThanOrEqual(15);
  });

  it('ask no more of the beacon than there are ledger servers', () => {
    const { parameters, memberLoss } = drawScenario(new Prng('few'), { trustNodes: 4, ledgerServers: 2 });
    expect([parameters.beaconThreshold, parameters.seedSource, memberLoss]).toEqual([0, 0, undefined]);
  });
});
