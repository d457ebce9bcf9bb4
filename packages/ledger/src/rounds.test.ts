import { merkleRoot } from '@iotw/kernel/merkle';
import { CERTIFICATE_MODE, MISS_KIND, type Miss } from '@iotw/protocol/certificate';
import { MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { resultLeaf } from '@iotw/protocol/result';
import { laneResetDigest, RESET_REASON, type RoundInput, roundHash } from '@iotw/protocol/round';
import { describe, expect, it } from 'vitest';
import { resultLeaves, resultPath } from './results.js';
import type { PreparedBlock } from './round-outcome.js';
import { attestation, publicKey, START_MS, signAs, TestNetwork } from './test-network.js';
import { headerEvidence, NO_SIGNATURE, revokeOp, transferOp } from './test-operations.js';

function reset(t: TestNetwork, lane: number, fields: Partial<RoundInput['resets'][number]> = {}) {
  const content = { lane, incarnation: 0, reason: RESET_REASON.lane as number, ...fields };
  return { signature: signAs(`trust${lane}`, laneResetDigest(t.network, content)), ...content };
}

const pay = (t: TestNetwork, lane: number, options = {}, previous?: PreparedBlock) =>
  t.block(lane, [t.transaction('alice', [transferOp(t.account('bob'), 1)])], options, previous);

type Case = readonly [code: string, make: (t: TestNetwork) => [PreparedBlock[], Partial<RoundInput>]];

const REFUSED: readonly Case[] = [
  ['round-number', () => [[], { number: 2 }]],
  ['round-time', () => [[], { timeMs: START_MS - 1 }]],
  ['block-lane', (t) => [[withLane(pay(t, 1), 7)], {}]],
  ['block-height', (t) => [[pay(t, 0, { header: { height: 2 } })], {}]],
  ['block-incarnation', (t) => [[pay(t, 0, { header: { incarnation: 1 } })], {}]],
  ['block-previous', (t) => [[pay(t, 0, { header: { previous: new Uint8Array(32).fill(1) } })], {}]],
  ['block-previous', (t) => [forked(t), {}]],
  ['block-epoch', (t) => [[pay(t, 0, { header: { epoch: 1 } })], {}]],
  ['block-ref-round', (t) => [[pay(t, 0, { header: { refRound: 1 } })], {}]],
  ['block-body', (t) => [[pay(t, 0, { header: { count: 2 } })], {}]],
  ['block-incarnation', (t) => [[pay(t, 0)], { resets: [reset(t, 0)] }]],
  ['reset-invalid', (t) => [[], { resets: [reset(t, 0, { incarnation: 1 })] }]],
  ['reset-invalid', (t) => [[], { resets: [{ ...reset(t, 0), lane: 9 }] }]],
  ['reset-invalid', (t) => [[], { resets: [reset(t, 0, { reason: 2 })] }]],
  ['reset-invalid', (t) => [[], { resets: [reset(t, 0, { signature: NO_SIGNATURE })] }]],
  ['reset-invalid', (t) => [[], { resets: [reset(t, 0), reset(t, 0, { incarnation: 1 })] }]],
  ['reset-invalid', (t) => [[], { resets: [reset(t, 0, { reason: 1, signature: NO_SIGNATURE })] }]],
  ['seed-proof-not-due', (t) => [[], { seedProof: t.seedProof() }]],
  ['seed-proof-invalid', () => [[], { seedProof: new Uint8Array(80), timeMs: START_MS + 10_000 }]],
  ['unmined-quota', (t) => [allMissed(t, 2), {}]],
  ['soft-miss-quota', (t) => [softly(t, 17), {}]],
  ['soft-miss-quota', (t) => [softly(t, 9, 8), {}]],
];

function withLane(prepared: PreparedBlock, lane: number): PreparedBlock {
  const header = { ...prepared.block.header, lane };
  return { ...prepared, block: { ...prepared.block, header } };
}

function forked(t: TestNetwork): PreparedBlock[] {
  const first = pay(t, 0);
  const other = pay(t, 0);
  return [first, pay(t, 0, {}, other)];
}

/** Blocks of lane 0 with this many soft misses of host 1 each. */
function softly(t: TestNetwork, ...counts: number[]): PreparedBlock[] {
  const blocks: PreparedBlock[] = [];
  for (const count of counts) {
    const softMisses = Array.from({ length: count }, (_, rank) => softMiss(rank, 1));
    blocks.push(pay(t, 0, { committee: { softMisses } }, blocks.at(-1)));
  }
  return blocks;
}

function softMiss(rank: number, host: number): Miss {
  const place = { lane: 0, incarnation: 0, height: 1, attempt: 0, rank, device: rank, host };
  return { ...place, kind: MISS_KIND.soft, signature: NO_SIGNATURE };
}

function allMissed(t: TestNetwork, count: number): PreparedBlock[] {
  const blocks: PreparedBlock[] = [];
  for (let i = 0; i < count; i++) {
    blocks.push(pay(t, 0, { certificate: { mode: CERTIFICATE_MODE.allMissed } }, blocks.at(-1)));
  }
  return blocks;
}

describe('rounds that are refused', () => {
  it.each(REFUSED)('%s (%#)', (code, make) => {
    const t = new TestNetwork();
    const [blocks, input] = make(t);
    const before = t.ledger.stateRoot();
    const checked = t.validate(blocks, input);
    expect(checked.ok ? 'ok' : checked.error.code).toBe(code);
    expect(t.ledger.stateRoot()).toEqual(before);
  });

  it('lane-suspended: from the round after the proof on', () => {
    const t = new TestNetwork();
    const proof = t.transaction('alice', [headerEvidence(t)]);
    const { changes } = t.round([t.block(1, [proof])]);
    expect(changes.lanes.find(({ lane }) => lane === 1)?.suspended).toBe(true);
    expect(t.ledger.trustNodes.read(1)).toMatchObject({ bond: 90_000, suspended: true });
    const next = t.validate([pay(t, 1)]);
    expect(next.ok ? 'ok' : next.error.code).toBe('lane-suspended');
  });

  it('block-ref-round: nobody goes back behind the round that opened the epoch', () => {
    const t = new TestNetwork();
    t.round([]);
    t.endEpoch();
    const old = t.validate([pay(t, 0, { header: { refRound: 1 } })]);
    expect(old.ok ? 'ok' : old.error.code).toBe('block-ref-round');
    expect(t.validate([pay(t, 0, { header: { refRound: 2 } })]).ok).toBe(true);
    expect(t.validate([pay(t, 0, { header: { refRound: 1, epoch: 0 } })]).ok).toBe(true);
  });
});

describe('rounds that are applied', () => {
  it('lanes follow each other by hash, heights ascend, doubles are skipped', () => {
    const t = new TestNetwork();
    const one = pay(t, 0);
    const two = pay(t, 0, {}, one);
    const other = pay(t, 1);
    const outcome = t.round([two, other, one, two]);
    expect(outcome.applied).toHaveLength(3);
    expect(outcome.applied.indexOf(one)).toBeLessThan(outcome.applied.indexOf(two));
    expect(outcome.skipped).toEqual([two]);
    expect([...outcome.codes]).toEqual([0, 0, 0]);
    expect(t.ledger.lanes.read(0)).toMatchObject({ height: 2, hash: two.hash, blocks: 2 });
    expect(t.round([one, two]).applied).toHaveLength(0);
  });

  it('the header commits to blocks, results and the round before', () => {
    const t = new TestNetwork();
    const first = t.round([pay(t, 0), pay(t, 2)]);
    const { header, applied, codes, fees, ids } = first;
    const hashes = new Uint8Array(64);
    applied.forEach(({ hash }, i) => {
      hashes.set(hash, 32 * i);
    });
    expect(header.blocksRoot).toEqual(merkleRoot(hashes, 2, MAX_ROUND_BLOCKS));
    const leaf = resultLeaf({ id: ids.subarray(32, 64), code: codes[1]!, fee: fees[1]! });
    expect(resultLeaves(codes, fees, ids).subarray(32, 64)).toEqual(leaf);
    expect(resultPath(codes, fees, ids, 1)).toHaveLength(19);
    expect(roundHash(t.network, header)).toEqual(first.hash);
    expect(t.round([]).header.previous).toEqual(first.hash);
  });

  it('a reset voids what the lane had above its cursor', () => {
    const t = new TestNetwork();
    const lost = pay(t, 0);
    const { changes } = t.round([], { resets: [reset(t, 0)] });
    expect(changes.lanes).toMatchObject([{ lane: 0, incarnation: 1, height: 0 }]);
    const refused = t.validate([lost]);
    expect(refused.ok ? 'ok' : refused.error.code).toBe('block-incarnation');
    expect(t.round([pay(t, 0)]).applied).toHaveLength(1);
  });

  it('ledger servers reset a lane that stalls', () => {
    const t = new TestNetwork({ parameters: { stallRounds: 3 } });
    t.round([]);
    t.round([]);
    const resets = [reset(t, 1, { reason: RESET_REASON.stalled, signature: NO_SIGNATURE })];
    expect(t.round([], { resets }).changes.lanes).toMatchObject([{ lane: 1, incarnation: 1 }]);
    expect(t.validate([], { resets: [{ ...resets[0]!, incarnation: 1 }] }).ok).toBe(false);
  });

  it('a lane completes as many blocks alone as the share says', () => {
    const t = new TestNetwork({ parameters: { unminedBps: 10_000 } });
    t.round(allMissed(t, 1));
    const second = allMissed(t, 1);
    expect(t.validate(second).ok).toBe(true);
    t.round(second);
    expect(t.ledger.lanes.read(0)).toMatchObject({ blocks: 2, unmined: 2 });
  });

  it('a host owes a lane for its soft misses until its devices have answered for them', () => {
    const t = new TestNetwork({ parameters: { softMissBurst: 2, softMissBps: 5_000 } });
    // Device 1 is host 1's.
    const paid = [{ device: 1, rank: 1, role: 'miner' as const, attestation: attestation(1) }];
    const { changes } = t.round(softly(t, 1, 1));
    expect(changes.lanes).toMatchObject([{ lane: 0, softDebts: [0, 20_000] }]);
    const code = (blocks: PreparedBlock[]) => {
      const checked = t.validate(blocks);
      return checked.ok ? 'ok' : checked.error.code;
    };
    expect(code(softly(t, 1))).toBe('soft-miss-quota');
    // Another lane is owed apart, and so is another host.
    const elsewhere = { ...softMiss(0, 2), host: 2 };
    expect(code([pay(t, 0, { committee: { softMisses: [elsewhere, elsewhere] } })])).toBe('ok');
    expect(code([pay(t, 1, { committee: { softMisses: [softMiss(0, 1)] } })])).toBe('ok');
    const answered = pay(t, 0, { committee: { mode: 0, paid } });
    const more = pay(t, 0, { committee: { mode: 0, paid } }, answered);
    t.round([answered, more]);
    expect(code(softly(t, 1))).toBe('ok');
    expect(code(softly(t, 2))).toBe('soft-miss-quota');
    t.endEpoch();
    expect(code(softly(t, 2))).toBe('soft-miss-quota');
  });

  it('a revoked batch leaves the draws of this round on, not of those before', () => {
    const t = new TestNetwork();
    t.round([]);
    const outcome = t.round([t.block(0, [t.transaction('alice', [revokeOp(t, { kind: 1, batch: 1 })])])]);
    expect(outcome.changes.removed).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([1, 2, 3].map((refRound) => t.ledger.removed(0, refRound))).toEqual([false, true, true]);
    expect(t.ledger.removed(99, 1)).toBe(true);
  });

  it('a removal that is undone with its transaction is not told', () => {
    const t = new TestNetwork();
    const tx = t.transaction('alice', [
      revokeOp(t, { device: publicKey('device1') }),
      transferOp(t.account('bob'), 0),
    ]);
    const outcome = t.round([t.block(0, [tx])]);
    expect(outcome.changes.removed).toEqual([]);
    expect(t.ledger.removed(1, t.ledger.round)).toBe(false);
    expect(t.ledger.devices.read(1)?.status).toBe('active');
  });
});
