import { testKeys } from '@iotw/assignment/test-network';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from '@iotw/protocol/domains';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { ReceiptType } from '@iotw/protocol/receipt';
import { RESULT_CODES } from '@iotw/protocol/result';
import { describe, expect, it } from 'vitest';
import { decodeReceipt, verifyReceipt } from './receipt.js';
import { flipped, swapped } from './test-ledger.js';
import { four, l, named, trust, trustOf } from './test-receipts.js';
import { trustFromGenesis } from './trust.js';

describe('a good receipt', () => {
  it('passes every check and is payment', () => {
    const report = verifyReceipt(l.receipt(), trust, l.transactions[1]!.id);
    expect(named(report, 'fail')).toEqual([]);
    expect(named(report, 'unchecked')).toEqual([]);
    expect(report).toMatchObject({ paid: true, genuine: true, result: 'ok', fee: 110 });
    expect(report.certifiedBy).toBe('devices');
    expect(report.randomness).toBe('operator-trusted');
    expect(report.committee?.paid.map(({ role }) => role)).toEqual([
      'miner',
      'witness',
      'witness',
      'witness',
    ]);
    expect(report.transaction?.sequence).toBe(2);
  });

  it('survives its SSZ form', () => {
    const decoded = decodeReceipt(ReceiptType.serialize(l.receipt()));
    expect(decoded.ok && verifyReceipt(decoded.value, trust).paid).toBe(true);
    expect(decodeReceipt(new Uint8Array(9))).toMatchObject({ ok: false, error: { code: 'malformed' } });
  });

  it('without the pool leaves the committee unchecked, by name', () => {
    const { pool: _, ...without } = trust;
    const report = verifyReceipt(l.receipt(), without);
    expect(named(report, 'unchecked')).toEqual(['pool-root', 'pool-anchor', 'committee']);
    expect(report).toMatchObject({ paid: true, committee: undefined });
    const other = verifyReceipt(l.receipt(), { ...trust, pool: { ...l.pool, epoch: 2 } });
    expect(named(other, 'unchecked')).toEqual(['pool-root', 'pool-anchor', 'committee']);
  });

  it('needs more than two thirds of the ledger servers, unless the trust says otherwise', () => {
    const three = four.receipt({ servers: [0, 1, 3] });
    expect(verifyReceipt(three, trustOf(four))).toMatchObject({ paid: true, randomness: 'vrf' });
    const { pool: _, ...without } = trustOf(four, { seedSource: SEED_SOURCE.threshold });
    expect(verifyReceipt(three, without).randomness).toBe('threshold');
    const one = four.receipt({ servers: [2] });
    expect(named(verifyReceipt(one, trustOf(four)), 'fail')).toEqual(['round-signatures']);
    expect(verifyReceipt(one, trustOf(four, { ledgerThreshold: 1 })).paid).toBe(true);
  });

  it('says by what source the seed came: VRF, the shared key, a public value that a vote named', () => {
    const receipt = four.receipt({ servers: [0, 1, 3] });
    const pool = trustOf(four).pool!;
    const by = (seedProof: Uint8Array, seed = pool.seed) =>
      verifyReceipt(receipt, { ...trustOf(four, { pool: { ...pool, seed } }), seedProof }).randomness;
    expect(by(new Uint8Array(80))).toBe('vrf');
    const group = new Uint8Array(96).fill(5);
    expect(by(group, signingDigest(DOMAIN.seed, four.network, group))).toBe('threshold');
    for (const length of [48, 96, 192]) expect(by(new Uint8Array(length).fill(6))).toBe('public');
    const alone = { ...trust, seedProof: new Uint8Array(48) };
    expect(verifyReceipt(l.receipt(), alone).randomness).toBe('public');
  });

  it('of the epoch before takes votes for its pool, or leaves the anchor unchecked', () => {
    const receipt = l.receipt({
      round: { epoch: 4, seed: new Uint8Array(32), poolRoot: new Uint8Array(32) },
    });
    expect(named(verifyReceipt(receipt, trust), 'unchecked')).toEqual(['pool-anchor']);
    const votes = [0, 1, 3].map((witness) => l.epochVote(witness));
    const voted = verifyReceipt(receipt, trustOf(l, { epochVotes: votes }));
    expect(named(voted, 'unchecked')).toEqual([]);
    expect(voted.paid).toBe(true);
    const tooFew = [votes[0]!, votes[0]!, l.epochVote(1, { seed: new Uint8Array(32) }), votes[2]!];
    const notEnough = verifyReceipt(receipt, trustOf(l, { epochVotes: tooFew }));
    expect(named(notEnough, 'unchecked')).toEqual(['pool-anchor']);
    const known = verifyReceipt(receipt, trustOf(l, { rounds: [l.receipt().round] }));
    expect(named(known, 'unchecked')).toEqual([]);
  });

  it('may pass over a rank whose device was removed, where nobody can tell', () => {
    const receipt = l.receipt({
      certificate: (made) => ({
        ...made,
        attestations: [0, 2, 3, 4].map((rank) => l.attest(made.votes[0]!.hash, rank)),
      }),
    });
    const { removed: _, ...blind } = trust;
    const report = verifyReceipt(receipt, blind);
    expect(named(report, 'unchecked')).toEqual(['committee']);
    expect(report.committee?.paid.map(({ rank }) => rank)).toEqual([0, 2, 3, 4]);
    const knowing = verifyReceipt(receipt, trustOf(l, { removed: (d) => d === l.draw.at(1)!.device }));
    expect(named(knowing, 'pass')).toContain('committee');
    expect(named(verifyReceipt(receipt, trust), 'fail')).toEqual(['committee']);
  });
});

describe('inclusion is not payment', () => {
  it.each([33, 3, 700])('result code %i', (code) => {
    const report = verifyReceipt(l.receipt({ code }), trust);
    expect(named(report, 'fail')).toEqual(['result']);
    expect(report).toMatchObject({ paid: false, genuine: true });
  });

  it('of a transaction that its sender did not sign, as the result says', () => {
    const forged = l.transaction(2, 10_000, testKeys('thief', 0));
    const transactions = swapped(l.transactions, 1, forged);
    const refused = { transactions, code: RESULT_CODES['signature-invalid'] };
    expect(named(verifyReceipt(l.receipt(refused), trust), 'fail')).toEqual(['result']);
    expect(named(verifyReceipt(l.receipt({ transactions }), trust), 'fail')).toEqual([
      'transaction-signature',
    ]);
  });

  it('of bytes that are no transaction, as the result says', () => {
    const { id, envelope } = l.transactions[1]!;
    const junk = { id, envelope: flipped(envelope, 0) };
    const transactions = swapped(l.transactions, 1, junk);
    const refused = { transactions, code: RESULT_CODES['transaction-malformed'] };
    const report = verifyReceipt(l.receipt(refused), trust);
    expect(named(report, 'fail')).toEqual(['result']);
    expect(named(report, 'unchecked')).toEqual(['transaction-signature']);
  });
});

describe('trust', () => {
  it('refuses the genesis of another network', () => {
    expect(trustFromGenesis(l.genesis, four.network)).toMatchObject({
      ok: false,
      error: { code: 'trust-network' },
    });
  });
});
