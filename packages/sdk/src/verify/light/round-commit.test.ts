/** A receipt of a network on CometBFT is proven by the commit it carries, and by no other. */
import { compareBytes } from '@iotw/kernel/bytes';
import { EVIDENCE_MS, engineChainId } from '@iotw/protocol/engine-chain';
import type { Receipt } from '@iotw/protocol/receipt';
import { resultCodeName } from '@iotw/protocol/result';
import { roundHash } from '@iotw/protocol/round';
import { describe, expect, it } from 'vitest';
import { verifyReceipt } from '../receipt.js';
import { flipped, swapped, TestLedger } from '../test-ledger.js';
import { type Trust, trustFromGenesis } from '../trust.js';
import { lightTrustOf } from './follow.js';
import { TestChain } from './test-chain.js';

const l = new TestLedger(4);
const { network } = l;
const genesis = { ...l.genesis, timeMs: 1_800_000_000_000 };
const chainId = engineChainId(network, 0, network);
const chain = new TestChain(chainId, () => l.serverKeys);
/** One server's signature, as a mesh's record has it. */
const alone = l.receipt({ servers: [2] });
const appHash = roundHash(network, alone.round);
const commit = chain.block(9, { header: { appHash } });
const good: Receipt = { ...alone, commits: [commit] };
const base = trustFromGenesis(l.genesis);
if (!base.ok) throw new Error('no trust');
const light = { ...lightTrustOf(l.genesis, 1_800_000_010_000), periodMs: EVIDENCE_MS - 1 };
// The ledger of the test has a genesis at 0.
const start = { chainId, timeMs: genesis.timeMs, validators: chain.validators(0) };
const trust: Trust = { ...base.value, pool: l.pool, light: { ...light, start } };

/** Failed checks, with their codes. */
const failed = (receipt: Receipt, by: Trust = trust): string[] =>
  verifyReceipt(receipt, by)
    .checks.filter(({ state }) => state === 'fail')
    .map(({ name, code }) => `${name} ${code ?? ''}`.trim());

describe('a receipt with a commit', () => {
  it('is good, though one server alone signed the round', () => {
    expect(failed(good)).toEqual([]);
    expect(verifyReceipt(good, trust).paid).toBe(true);
    expect(failed(alone)).toEqual(['round-signatures']);
  });

  it('is good with heights that lead to the commit', () => {
    expect(failed({ ...good, commits: [chain.block(4), chain.block(5), commit] })).toEqual([]);
  });

  it('counts for no more than its signatures where nobody says what is trusted', () => {
    const { light: _, ...without } = trust;
    expect(failed(good, without)).toEqual(['round-signatures']);
  });

  it('begins with the servers of the genesis, in CometBFT’s order', () => {
    const { start: derived } = lightTrustOf(l.genesis, 0);
    expect(derived).toEqual({ chainId, timeMs: l.genesis.timeMs, validators: chain.validators(0) });
    const keys = 'validators' in derived ? derived.validators.map(({ key }) => key) : [];
    expect([...keys].sort(compareBytes)).not.toEqual(keys);
  });

  it.each<[string, Receipt, string[], Trust?]>([
    ['the commit of another round', { ...good, commits: [chain.block(9)] }, ['commit-round light-round']],
    [
      'a changed state',
      { ...good, round: { ...good.round, stateHash: flipped(good.round.stateHash) } },
      ['commit-round light-round'],
    ],
    [
      'a changed seed',
      { ...good, round: { ...good.round, seed: flipped(good.round.seed) } },
      ['commit-round light-round'],
    ],
    ['another result', { ...good, code: 33 }, ['result-path', `result ${resultCodeName(33)}`]],
    ['another fee', { ...good, fee: 1 }, ['result-path']],
    [
      'a changed path',
      { ...good, resultPath: swapped(good.resultPath, 0, flipped(good.resultPath[0]!)) },
      ['result-path'],
    ],
    [
      'a round whose results were changed with it',
      { ...good, round: { ...good.round, resultsRoot: flipped(good.round.resultsRoot) } },
      ['commit-round light-round', 'result-path'],
    ],
    ['the round of another network', good, [], { ...trust, network: flipped(network) }],
    [
      'too little power',
      { ...good, commits: [chain.block(9, { header: { appHash }, voters: [0, 1] })] },
      ['commit light-power'],
    ],
    [
      'another chain’s commit',
      {
        ...good,
        commits: [new TestChain('iotw-other', () => l.serverKeys).block(9, { header: { appHash } })],
      },
      ['commit light-chain'],
    ],
  ])('is refused with %s', (_, receipt, expected, by) => {
    const found = failed(receipt, by);
    if (by === undefined) expect(found).toEqual(expected);
    else expect(found).toContain('commit-round light-round');
  });
});
