/** A receipt that somebody changed is refused by the check that sees it. */
import { testKeys } from '@iotw/assignment/test-network';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { type EpochSnapshot, type PoolDevice, poolRoot } from '@iotw/protocol/pool';
import { type Receipt, ReceiptType } from '@iotw/protocol/receipt';
import { RESULT_CODES } from '@iotw/protocol/result';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeReceipt, verifyReceipt } from './receipt.js';
import { flipped, swapped } from './test-ledger.js';
import { codeOf, l, named, trust, trustOf } from './test-receipts.js';
import type { Trust } from './trust.js';

describe('tampering is refused by the check that sees it', () => {
  const good = l.receipt();
  const { certificate: c } = good;
  const hash = c.votes[0]!.hash;
  const withCertificate = (change: Partial<typeof c>): Receipt => ({
    ...good,
    certificate: { ...c, ...change },
  });
  const round = (change: Partial<Receipt['round']>): Receipt => ({
    ...good,
    round: { ...good.round, ...change },
  });
  const stranger = testKeys('stranger', 0);
  const lie = new Uint8Array(32).fill(7);
  const failed = l.receipt({ code: 33 });

  const rows: readonly [
    title: string,
    receipt: Receipt,
    failing: string[],
    code?: string | undefined,
    trust?: Trust,
  ][] = [
    [
      'another recipient',
      { ...good, envelope: flipped(good.envelope, 130) },
      [...['transaction-signature', 'transaction-path', 'result-path']],
    ],
    ['another signature', { ...good, envelope: flipped(good.envelope, 9) }, ['transaction-signature']],
    [
      'a cut envelope',
      { ...good, envelope: good.envelope.slice(0, 100) },
      [...['envelope', 'transaction-path', 'result-path']],
      'transaction-malformed',
    ],
    [
      'an empty envelope',
      { ...good, envelope: new Uint8Array(0) },
      [...['envelope', 'transaction-path', 'result-path']],
    ],
    ['another place in the block', { ...good, index: 2 }, ['transaction-path']],
    ['a place beyond the block', { ...good, index: 900 }, ['transaction-path']],
    ['a changed path', { ...good, path: swapped(good.path, 0, lie) }, ['transaction-path']],
    ['a short path', { ...good, path: good.path.slice(1) }, ['transaction-path']],
    ['no path', { ...good, path: [] }, ['transaction-path']],
    ['a header that counts others', l.receipt({ header: { count: 4 } }), ['transaction-path']],
    [
      'a changed header',
      { ...good, header: { ...good.header, timeMs: 1 } },
      [...['lane-signature', 'votes', 'coherence', 'block-path']],
    ],
    [
      "another lane's header",
      { ...good, header: { ...good.header, lane: 1 } },
      [...['lane-signature', 'votes', 'coherence', 'block-path']],
    ],
    [
      'a lane nobody has',
      { ...good, header: { ...good.header, lane: 77 } },
      ['lane-signature', 'block-path'],
    ],
    [
      'a header nobody signed',
      { ...good, signature: new Uint8Array(64) },
      ['lane-signature'],
      'certificate-lane-signature',
    ],
    ['too few votes', withCertificate({ votes: c.votes.slice(1) }), ['votes'], 'certificate-votes'],
    [
      'one vote twice',
      withCertificate({ votes: swapped(c.votes, 2, c.votes[0]!) }),
      ['votes'],
      'certificate-duplicate',
    ],
    [
      'a forged vote',
      withCertificate({ votes: swapped(c.votes, 1, { signature: flipped(c.votes[1]!.signature) }) }),
      ['votes'],
      'certificate-vote-signature',
    ],
    ['an unknown voter', withCertificate({ votes: swapped(c.votes, 1, { witness: 9 }) }), ['votes']],
    [
      'an answer that lies',
      withCertificate({
        attestations: swapped(c.attestations, 2, l.attest(hash, 2, { hash: lie })),
      }),
      ['coherence', 'committee'],
      'certificate-incoherent',
    ],
    [
      'a forged answer',
      withCertificate({
        attestations: swapped(c.attestations, 1, { counter: 99 }),
      }),
      ['committee'],
      'certificate-attestation-signature',
    ],
    [
      'an answer at a better rank',
      withCertificate({
        attestations: swapped(c.attestations, 3, { rank: 4 }),
      }),
      ['committee'],
      'certificate-rank',
    ],
    [
      'an answer twice',
      withCertificate({
        attestations: swapped(c.attestations, 3, c.attestations[0]!),
      }),
      ['committee'],
      'certificate-duplicate',
    ],
    [
      'a rank passed over',
      withCertificate({
        attestations: [0, 2, 3, 4].map((rank) => l.attest(hash, rank)),
      }),
      ['committee'],
      'certificate-miss-missing',
    ],
    [
      'a miss by another host',
      withCertificate({
        attestations: [0, 2, 3, 4].map((rank) => l.attest(hash, rank)),
        misses: [l.miss(1, (l.draw.at(1)!.host + 1) % 4)],
      }),
      ['committee'],
      'certificate-miss-signature',
    ],
    ['no answers', withCertificate({ attestations: [] }), ['committee'], 'certificate-mode'],
    [
      'a claim that there are no devices',
      withCertificate({
        mode: CERTIFICATE_MODE.noDevices,
        attestations: [],
      }),
      ['committee'],
      'certificate-mode',
    ],
    ['an attempt nobody saw fail', withCertificate({ attempt: 1 }), ['committee'], 'certificate-attempt'],
    ['a changed round time', round({ timeMs: 5_001 }), ['round-signatures']],
    ['a changed state hash', round({ stateHash: lie }), ['round-signatures']],
    ['another blocks root', round({ blocksRoot: lie }), ['block-path', 'round-signatures']],
    ['another results root', round({ resultsRoot: lie }), ['round-signatures', 'result-path']],
    ['a round of another epoch', round({ epoch: 6 }), ['epoch', 'round-signatures']],
    [
      'a round of an unknown version, well signed',
      l.receipt({ round: { version: 2 } }),
      ['round-version'],
      'version-unknown',
    ],
    ['a round before the block', round({ number: 80 }), ['epoch', 'round-signatures']],
    ['a signed round of a far epoch', l.receipt({ round: { epoch: 6 } }), ['epoch']],
    ['another place in the round', { ...good, blockIndex: 2 }, ['block-path']],
    ['a changed block path', { ...good, blockPath: swapped(good.blockPath, 1, lie) }, ['block-path']],
    ['no signatures', { ...good, signatures: [] }, ['round-signatures']],
    [
      'a stranger as ledger server',
      { ...good, signatures: [{ ...good.signatures[0]!, server: 3 }] },
      ['round-signatures'],
    ],
    [
      'one server twice',
      { ...good, signatures: [good.signatures[0]!, good.signatures[0]!] },
      ['round-signatures'],
    ],
    [
      'a forged round signature',
      { ...good, signatures: swapped(good.signatures, 0, { signature: lie }) },
      ['round-signatures'],
    ],
    ['a failure shown as success', { ...failed, code: 0 }, ['result-path']],
    ['a success shown as failure', { ...good, code: 33 }, ['result-path', 'result']],
    ['another fee', { ...good, fee: 0 }, ['result-path']],
    ["a neighbour's result", { ...good, resultIndex: 4 }, ['result-path']],
    [
      'an unsigned transaction taken for good',
      { ...good, code: RESULT_CODES['signature-invalid'] },
      [...['transaction-signature', 'result-path', 'result']],
    ],
    ['a result after expiry', l.receipt({ round: { timeMs: 10_001 } }), ['expiry']],
    [
      'a pool with another device',
      good,
      ['pool-root'],
      undefined,
      trustOf(l, {
        pool: { ...l.pool, devices: l.pool.devices.slice(1) },
      }),
    ],
    ['a pool that nobody signed', good, ['pool-anchor'], undefined, forgedPool()],
    ['another seed', good, ['pool-anchor'], undefined, trustOf(l, { pool: { ...l.pool, seed: lie } })],
    [
      'a pool without weights',
      good,
      ['pool-root'],
      undefined,
      trustOf(l, {
        pool: rooted(l.pool.devices.map((d) => ({ ...d, weight: 0 }))),
      }),
    ],
    [
      'another election mode',
      good,
      ['pool-mode'],
      undefined,
      trustOf(l, { pool: { ...l.pool, mode: 'uptime' } }),
    ],
    [
      "another network's receipt",
      good,
      [
        ...[
          'transaction-signature',
          'transaction-path',
          'lane-signature',
          'votes',
          'coherence',
          'block-path',
        ],
        ...['round-signatures', 'result-path'],
      ],
      undefined,
      { ...trust, network: lie },
    ],
    [
      'a network with another trust node',
      good,
      ['lane-signature', 'votes'],
      undefined,
      trustOf(l, {
        trustNodeKeys: swapped(trust.trustNodeKeys, 0, stranger.publicKey),
      }),
    ],
    [
      'a network with another ledger server',
      good,
      ['round-signatures'],
      undefined,
      trustOf(l, {
        ledgerServerKeys: [stranger.publicKey],
      }),
    ],
  ];

  function rooted(devices: readonly PoolDevice[]): EpochSnapshot {
    return { ...l.pool, devices, root: poolRoot({ ...l.pool, devices }) };
  }

  function forgedPool(): Trust {
    const devices = l.pool.devices.map((d) => ({ ...d, key: testKeys('stranger', d.device).publicKey }));
    return trustOf(l, { pool: rooted(devices) });
  }

  it.each(rows)('%s', (_, receipt, failing, code, given = trust) => {
    const report = verifyReceipt(receipt, given);
    expect(named(report, 'fail').sort()).toEqual(failing.toSorted());
    if (failing.includes('round-signatures')) expect(named(report, 'pass')).not.toContain('pool-anchor');
    expect(report.paid).toBe(false);
    if (code !== undefined) expect(report.checks.map((check) => check.code)).toContain(code);
  });

  it('a round of a version that the verifier was told to know is judged as any other', () => {
    const report = verifyReceipt(l.receipt({ round: { version: 2 } }), { ...trust, versions: [1, 2] });
    expect(report.paid).toBe(true);
  });

  it("another transaction's good receipt", () => {
    const report = verifyReceipt(good, trust, l.transactions[2]!.id);
    expect(named(report, 'fail')).toEqual(['transaction-id']);
    expect(report.paid).toBe(false);
  });

  it('names the code of the certificate', () => {
    const report = verifyReceipt(withCertificate({ votes: [] }), trust);
    expect(codeOf(report, 'votes')).toBe('certificate-votes');
  });

  it('any one bit of any signed part', () => {
    const bytes = ReceiptType.serialize(good);
    fc.assert(
      fc.property(fc.nat(8 * bytes.length - 1), (bit) => {
        const changed = bytes.slice();
        changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
        const decoded = decodeReceipt(changed);
        // Extra statements in a certificate are malleable by rule; one turned bit never adds any.
        return !decoded.ok || !verifyReceipt(decoded.value, trust).paid;
      }),
      { numRuns: 150 },
    );
  });
});
