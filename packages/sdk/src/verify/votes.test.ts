/** Signers that votes admitted or suspended: what a verifier believes who started from the genesis. */
import { testKeys } from '@iotw/assignment/test-network';
import { sign } from '@iotw/kernel/ed25519';
import { voteDigest } from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import { type EpochSnapshot, poolRoot } from '@iotw/protocol/pool';
import { roundHash } from '@iotw/protocol/round';
import { describe, expect, it } from 'vitest';
import { verifyBlock } from './block.js';
import { CheckList } from './checks.js';
import { checkRound } from './round-checks.js';
import { TestLedger } from './test-ledger.js';
import { type Trust, trustFromGenesis } from './trust.js';

const l = new TestLedger(4);
const base = trustFromGenesis(l.genesis);
if (!base.ok) throw new Error(base.error.code);
const genesisTrust = base.value;

describe('a trust node that was admitted', () => {
  const fifth = testKeys('trust', 4);
  const contents = {
    ...l.pool,
    trustNodes: [...l.pool.trustNodes, { index: 4, key: fifth.publicKey }],
  };
  const pool: EpochSnapshot = { ...contents, root: poolRoot(contents) };
  const round = { ...l.receipt().round, poolRoot: pool.root };
  const block = l.block({ header: { lane: 4 } });
  const hash = blockHash(l.network, block.header);
  const vote = (witness: number) => {
    const content = { lane: 4, incarnation: 0, height: 7, hash, witness };
    const { secretKey } = testKeys('trust', witness);
    return { ...content, signature: sign(voteDigest(l.network, content), secretKey) };
  };
  const signed = {
    ...block,
    signature: sign(hash, fifth.secretKey),
    certificate: { ...block.certificate, votes: [0, 1, 3, 4].map(vote) },
  };
  const trust: Trust = { ...genesisTrust, pool, removed: () => false };
  const states = (report: ReturnType<typeof verifyBlock>) =>
    report.checks
      .filter(({ name }) => name === 'lane-signature' || name === 'votes')
      .map(({ state }) => state);

  it('signs its lane and counts as a witness where a signed round vouches for the pool that names it', () => {
    expect(states(verifyBlock(signed, trust, [round]))).toEqual(['pass', 'pass']);
  });

  it('counts where enough of the trust nodes known before voted for that pool', () => {
    const epochVotes = [0, 1, 2].map((witness) => l.epochVote(witness, { poolRoot: pool.root }));
    expect(states(verifyBlock(signed, { ...trust, epochVotes }))).toEqual(['pass', 'pass']);
    const few = verifyBlock(signed, { ...trust, epochVotes: epochVotes.slice(1) });
    expect(states(few)).toEqual(['fail']);
  });

  it('is nobody where none vouches: a pool alone may name whom it likes', () => {
    expect(states(verifyBlock(signed, trust))).toEqual(['fail']);
    const own = l.block();
    const many = { ...own.certificate, votes: own.certificate.votes.slice(0, 2) };
    const fakes = Array.from({ length: 40 }, (_, i) => ({ index: 4 + i, key: fifth.publicKey }));
    const forged = { ...l.pool, trustNodes: fakes };
    const believed = { ...trust, pool: { ...forged, root: poolRoot(forged) } };
    expect(states(verifyBlock({ ...own, certificate: many }, believed))).toEqual(['pass', 'fail']);
  });
});

describe('round signers', () => {
  const { round } = l.receipt();
  const by = (...servers: number[]) =>
    servers.map((server) => ({
      server,
      signature: sign(roundHash(l.network, round), l.serverKeys[server]!.secretKey),
    }));
  const table: [name: string, suspended: number[], servers: number[], good: boolean][] = [
    ['three of four', [], [0, 1, 2], true],
    ['two of four', [], [0, 1], false],
    ['one suspended: all three others', [3], [0, 1, 2], true],
    ['a suspended one counts for nothing', [3], [0, 1, 3], false],
    ['three suspended: the last one alone', [0, 1, 3], [2], true],
    ['three suspended: they are nobody', [0, 1, 3], [0, 1, 3], false],
  ];
  it.each(table)('%s', (_, suspended, servers, good) => {
    const trust = { ...genesisTrust, suspendedServers: new Set(suspended) };
    expect(checkRound(new CheckList(), trust, round, by(...servers))).toBe(good);
  });
});
