import { UNDAMPED } from '@iotw/assignment/damping';
import { designatedServer, seedAlpha } from '@iotw/assignment/seed';
import { testKeys } from '@iotw/assignment/test-network';
import { vrfKeyPairFromSeed, vrfProve } from '@iotw/kernel/vrf';
import { poolRoot } from '@iotw/protocol/pool';
import { describe, expect, it } from 'vitest';
import { type ElectionClaim, type ElectionReport, verifyElection } from './election.js';
import { followSeeds, genesisSeed } from './seed-chain.js';
import { flipped, swapped, TestLedger } from './test-ledger.js';
import { type Trust, trustFromGenesis } from './trust.js';

const l = new TestLedger();
const base = trustFromGenesis(l.genesis);
if (!base.ok) throw new Error(base.error.code);
const vrf = [0, 1].map((i) => vrfKeyPairFromSeed(new Uint8Array(32).fill(40 + i)));
const trust: Trust = { ...base.value, vrfKeys: vrf.map(({ publicKey }) => publicKey) };

/** Three proofs from the genesis: by server 1, 0 and 1. */
function chain(): Uint8Array[] {
  const proofs: Uint8Array[] = [];
  for (let epoch = 1; epoch <= 3; epoch++) {
    const before = followSeeds(l.network, trust.vrfKeys!, genesisSeed(l.network, l.genesis.entropy), proofs);
    if (!before.ok) throw new Error(before.error.code);
    const { secretKey } = vrf[designatedServer(epoch, 2)]!;
    proofs.push(vrfProve(secretKey, seedAlpha(l.network, before.value.seed, epoch)));
  }
  return proofs;
}

const proofs = chain();
const from = genesisSeed(l.network, l.genesis.entropy);
const reached = followSeeds(l.network, trust.vrfKeys!, from, proofs);
if (!reached.ok) throw new Error(reached.error.code);
const snapshot = { ...l.pool, seed: reached.value.seed };
const round = { ...l.receipt().round, seed: snapshot.seed };
const signed = l.receipt({ round: { seed: snapshot.seed } });
const claim: ElectionClaim = {
  snapshot,
  lane: 0,
  height: 7,
  round: { header: signed.round, signatures: signed.signatures },
  seeds: { from, proofs },
};
const states = (report: ElectionReport) =>
  Object.fromEntries(report.checks.map(({ name, state }) => [name, state]));
const ranked = verifyElection(claim, trust).ranked.map(({ device }) => device);

describe('an election', () => {
  it('is drawn again from pool and seed', () => {
    const report = verifyElection({ ...claim, ranked }, trust);
    expect(states(report)).toEqual({
      'round-signatures': 'pass',
      'pool-root': 'pass',
      'pool-mode': 'pass',
      'pool-anchor': 'pass',
      'seed-chain': 'pass',
      draw: 'pass',
    });
    expect(report.genuine).toBe(true);
    expect(report.ranked).toHaveLength(6);
    expect(report.eligible).toBe(18);
    expect(report.ranked.every(({ host }) => host !== 0)).toBe(true);
  });

  it('equals the draw of the certificate', () => {
    const report = verifyElection({ snapshot: l.pool, lane: 0, height: 7, attempts: 2 }, trust);
    expect(report.ranked.map(({ device }) => device)).toEqual(
      Array.from({ length: 12 }, (_, rank) => l.draw.at(rank)!.device),
    );
    expect(states(report)).toMatchObject({ 'pool-anchor': 'unchecked', draw: 'unchecked' });
  });

  it('may be anchored by epoch votes alone', () => {
    const epochVotes = [0, 1, 2].map((witness) => l.epochVote(witness));
    const report = verifyElection({ snapshot: l.pool, lane: 0, height: 7 }, { ...trust, epochVotes });
    expect(states(report)['pool-anchor']).toBe('pass');
  });

  const rows: readonly [title: string, claim: ElectionClaim, failing: string][] = [
    [
      'a better rank for a friend',
      { ...claim, ranked: [ranked[1]!, ranked[0]!, ...ranked.slice(2)] },
      'draw',
    ],
    [
      'ranks beyond the list',
      { ...claim, ranked: Array.from({ length: 30 }, (_, i) => ranked[i] ?? i) },
      'draw',
    ],
    ['another height', { ...claim, height: 8, ranked }, 'draw'],
    [
      'a device left out',
      { ...claim, snapshot: { ...snapshot, devices: snapshot.devices.slice(1) } },
      'pool-root',
    ],
    ['a pool that nobody froze', { ...claim, snapshot: ownPool() }, 'pool-anchor'],
    ['another seed', { ...claim, snapshot: l.pool }, 'pool-anchor'],
    ['unequal chances', { ...claim, snapshot: { ...ownPool(5) } }, 'pool-mode'],
    ['a round nobody signed', { ...claim, round: { header: round, signatures: [] } }, 'round-signatures'],
    ['a missing proof', { ...claim, seeds: { from, proofs: proofs.slice(1) } }, 'seed-chain'],
    [
      'a chain of another epoch',
      { ...claim, seeds: { from: { epoch: 5, seed: snapshot.seed }, proofs: [] } },
      'seed-chain',
    ],
    ['a chain that stops early', { ...claim, seeds: { from, proofs: proofs.slice(0, 2) } }, 'seed-chain'],
    [
      'a forged proof',
      { ...claim, seeds: { from, proofs: swapped(proofs, 1, flipped(proofs[1]!, 40)) } },
      'seed-chain',
    ],
  ];
  function ownPool(weight = 1) {
    const devices = snapshot.devices.map((d) => ({ ...d, weight, key: testKeys('own', d.device).publicKey }));
    // Nothing is damped, so that equal chance means equal weights.
    const parameters = { ...snapshot.parameters, ...UNDAMPED };
    const contents = { devices, parameters, trustNodes: snapshot.trustNodes, assigners: [] };
    return { ...snapshot, ...contents, root: poolRoot(contents) };
  }

  it.each(rows)('with %s is refused', (_, wrong, failing) => {
    const report = verifyElection(wrong, trust);
    expect(states(report)[failing]).toBe('fail');
    expect(report.genuine).toBe(false);
  });

  it('needs VRF keys for a chain', () => {
    expect(followSeeds(l.network, [], from, proofs)).toMatchObject({ error: { code: 'seed-chain-keys' } });
  });
});
