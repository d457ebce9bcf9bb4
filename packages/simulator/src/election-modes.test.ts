import { ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SIZE, Simulation } from './simulation.js';

describe('a network under faults', () => {
  it.each([
    ['reputation', {}],
    ['uptime', {}],
    ['stake', {}],
    ['vrf', { ticketTarget: 8 }],
    ['vrf', { ticketTarget: 8, ticketWeight: ELECTION_MODE.stake }],
  ] as [ElectionMode, object][])('runs in mode %s %j', (mode, more) => {
    const parameters = { electionMode: ELECTION_MODE[mode], ...more };
    const size = { ...DEFAULT_SIZE, epochs: 4, devices: 20, transactions: 200 };
    const { violation, coverage } = new Simulation({ ...size, seed: 5, parameters }).run();
    expect(violation).toBeUndefined();
    expect(coverage.epochs).toBeGreaterThanOrEqual(4);
    if (mode === 'vrf') expect(coverage.epochsOfTickets).toBeGreaterThan(0);
    else expect(coverage.epochsOfTickets).toBeUndefined();
  });
});
