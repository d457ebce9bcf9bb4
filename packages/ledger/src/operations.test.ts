import { blockHash } from '@iotw/protocol/header';
import { MAX_SUPPLY } from '@iotw/protocol/limits';
import type { Operation } from '@iotw/protocol/operations';
import { RESULT_CODES, type ResultCode } from '@iotw/protocol/result';
import { describe, expect, it } from 'vitest';
import { HOST_ROWS } from './test-host-rows.js';
import { publicKey, TestNetwork } from './test-network.js';
import {
  claimOp,
  countersigned,
  evidenceOp,
  handoverOp,
  header,
  headerEvidence,
  lieOp,
  makerBatchOp,
  NO_SIGNATURE,
  presenceOp,
  refundOp,
  registerOp,
  revokeOp,
  rotateOp,
  signedAttestation,
  signedHeader,
  signedVote,
  tradeOp,
  transferOp,
  transferToKeyOp,
  ZEROS,
} from './test-operations.js';
import { TICKET_ROWS } from './test-ticket-rows.js';
import { WITNESS_ROWS } from './test-witness-rows.js';

type Run = (t: TestNetwork) => ResultCode;
type Row = readonly [name: string, expected: ResultCode, run: Run];

/** alice sends what `make` gives. */
const by =
  (sender: string, ...make: ((t: TestNetwork) => Operation)[]): Run =>
  (t) =>
    t.send(sender, ...make.map((m) => m(t))).code;
const alice = (...make: ((t: TestNetwork) => Operation)[]): Run => by('alice', ...make);
/** `first` must succeed, then `then` decides. */
const after =
  (first: Run, then: Run): Run =>
  (t) => {
    expect(first(t)).toBe('ok');
    return then(t);
  };

const alienHeader = (t: TestNetwork) => blockHash(t.network, header());
const boughtFromBob = (t: TestNetwork): Uint8Array => {
  const bought = t.transaction('alice', [transferOp(t.account('carol'), 1), tradeOp('bob', 700)]);
  expect(t.apply(bought).code).toBe('ok');
  return bought.id;
};

const ROWS: readonly Row[] = [
  ['a transfer', 'ok', alice((t) => transferOp(t.account('bob'), 1))],
  ['a transfer of nothing', 'amount-zero', alice((t) => transferOp(t.account('bob'), 0))],
  ['a transfer to nobody', 'account-unknown', alice(() => transferOp(10_000, 1))],
  ['a transfer to oneself', 'self-transfer', alice((t) => transferOp(t.account('alice'), 1))],
  ['more than there is', 'balance-too-low', alice((t) => transferOp(t.account('bob'), 1_000_000))],
  ['more than can be', 'amount-overflow', alice((t) => transferOp(t.account('bob'), MAX_SUPPLY + 1))],
  ['a transfer to a new key', 'ok', alice(() => transferToKeyOp('dora', 5))],
  ['a transfer to a known key', 'ok', alice(() => transferToKeyOp('bob', 5))],
  ['nothing to a new key', 'amount-zero', alice(() => transferToKeyOp('dora', 0))],
  ["a transfer to one's own key", 'self-transfer', alice(() => transferToKeyOp('alice', 5))],
  ['too much to a key', 'balance-too-low', alice(() => transferToKeyOp('dora', 999_999))],
  [
    'a new key and its number in one transaction',
    'ok',
    alice(
      () => transferToKeyOp('dora', 5),
      (t) => transferOp(t.ledger.accounts.rows, 5),
    ),
  ],

  ['a transaction that ends early', 'transaction-malformed', (t) => cut(t)],
  [
    'a signature that is not the sender’s',
    'signature-invalid',
    (t) => t.apply(t.transaction('alice', [transferOp(1, 1)]), { invalid: [0] }).code,
  ],
  [
    'a transaction from the past',
    'transaction-expired',
    (t) => t.apply(t.transaction('alice', [transferOp(1, 1)], { expiryMs: t.ledger.timeMs - 1 })).code,
  ],
  [
    'a sequence used before',
    'sequence-used',
    after(
      alice((t) => transferOp(t.account('bob'), 1)),
      (t) => t.apply(t.transaction('alice', [transferOp(1, 2)], { sequence: 1 })).code,
    ),
  ],
  [
    'sequence zero',
    'sequence-used',
    (t) => t.apply(t.transaction('alice', [transferOp(1, 2)], { sequence: 0 })).code,
  ],
  [
    'a sequence 65 above',
    'sequence-too-far',
    (t) => t.apply(t.transaction('alice', [transferOp(1, 2)], { sequence: 65 })).code,
  ],
  ['a sender without account', 'sender-unknown', by('nobody', () => transferOp(1, 2))],
  ['a transaction twice in a block', 'transaction-duplicate', (t) => twice(t)],
  ['a floor fee that is not there', 'fee-unpaid', by('carol', () => transferOp(0, 1))],

  ['a trade by the buyer', 'ok', alice(() => tradeOp('bob', 700))],
  ['a trade with an unknown seller', 'ok', alice(() => tradeOp('dora', 700))],
  ['a trade countersigned by the seller', 'ok', (t) => countersignedTrade(t, 0, 'bob')],
  ['a trade by the seller', 'ok', (t) => countersignedTrade(t, 1, 'bob')],
  ['a trade of no side', 'trade-side', alice(() => tradeOp('bob', 700, { side: 2 }))],
  ['a trade with oneself', 'self-transfer', alice(() => tradeOp('alice', 700))],
  ['a trade for nothing', 'amount-zero', alice(() => tradeOp('bob', 0))],
  ['a trade nobody can pay', 'balance-too-low', alice(() => tradeOp('bob', 999_999))],
  [
    'a seller’s trade with an unknown buyer',
    'account-unknown',
    alice(() => tradeOp('dora', 700, { side: 1, countersignature: NO_SIGNATURE })),
  ],
  ['a seller’s trade alone', 'countersignature-missing', alice(() => tradeOp('bob', 700, { side: 1 }))],
  ['a trade countersigned by another', 'countersignature-invalid', (t) => countersignedTrade(t, 1, 'carol')],
  [
    'a trade with half a countersignature',
    'countersignature-invalid',
    alice(() => tradeOp('bob', 700, { countersignature: new Uint8Array(32) })),
  ],
  ['a refund', 'ok', (t) => refund(t, 'bob', 1, 700)],
  ['a refund of no trade', 'trade-unknown', by('bob', () => refundOp(ZEROS, 0, 1))],
  ['a refund of an operation that is no trade', 'trade-unknown', (t) => refund(t, 'bob', 0, 1)],
  ['a refund by the buyer', 'refund-not-seller', (t) => refund(t, 'alice', 1, 1)],
  ['a refund of more than was paid', 'refund-exceeds-trade', (t) => refund(t, 'bob', 1, 701)],
  ['a refund of more than is left', 'refund-exceeds-trade', (t) => refundTwice(t)],
  ['a refund of nothing', 'amount-zero', (t) => refund(t, 'bob', 1, 0)],

  ['a batch', 'ok', alice((t) => makerBatchOp(t))],
  ['a batch of an unknown maker', 'maker-unknown', alice((t) => makerBatchOp(t, { maker: 9 }))],
  [
    'a batch of a maker without quota',
    'maker-suspended',
    alice((t) => makerBatchOp(t, { maker: 2 }, 'maker2')),
  ],
  ['a batch with a taken number', 'batch-exists', alice((t) => makerBatchOp(t, { batch: 1 }))],
  ['a batch by another key', 'batch-signature', alice((t) => makerBatchOp(t, {}, 'maker2'))],
  [
    'a batch that is active too soon',
    'batch-activation',
    alice((t) => makerBatchOp(t, { activationEpochs: 2 })),
  ],
  ['a batch above the quota', 'maker-quota', alice((t) => makerBatchOp(t, { quota: 8 }))],

  ['a device', 'ok', alice((t) => registerOp(t, 'new'))],
  ['a device again', 'device-exists', alice((t) => registerOp(t, 'device1'))],
  ['a device of an unknown maker', 'maker-unknown', alice((t) => registerOp(t, 'new', { maker: 9 }))],
  ['a device of a suspended maker', 'maker-suspended', alice((t) => registerOp(t, 'new', { maker: 2 }))],
  ['a device of an unknown batch', 'batch-unknown', alice((t) => registerOp(t, 'new', { batch: 8 }))],
  [
    'a device of a revoked batch',
    'batch-revoked',
    after(
      alice((t) => revokeOp(t, { kind: 1, batch: 1 })),
      alice((t) => registerOp(t, 'new')),
    ),
  ],
  [
    'one device too many',
    'batch-quota',
    after(
      alice((t) => registerOp(t, 'new', { batch: 2 })),
      alice((t) => registerOp(t, 'other', { batch: 2 })),
    ),
  ],
  ['a device from nowhere', 'device-region', alice((t) => registerOp(t, 'new', { region: 2 }))],
  ['a device of no class', 'device-class', alice((t) => registerOp(t, 'new', { deviceClass: 4 }))],
  ['a person under a batch of things', 'batch-class', alice((t) => registerOp(t, 'new', { deviceClass: 3 }))],
  [
    'a person, the first of its batch',
    'ok',
    alice((t) => registerOp(t, 'new', { batch: 3, deviceClass: 3 })),
  ],
  [
    'a thing under a batch of people',
    'batch-class',
    after(
      alice((t) => registerOp(t, 'new', { batch: 3, deviceClass: 3 })),
      alice((t) => registerOp(t, 'other', { batch: 3 })),
    ),
  ],
  [
    'one person more than the quota of their batch',
    'batch-quota',
    after(
      alice((t) => registerOp(t, 'new', { batch: 2, deviceClass: 3 })),
      alice((t) => registerOp(t, 'other', { batch: 2, deviceClass: 3 })),
    ),
  ],
  [
    'a device nobody vouches for',
    'batch-signature',
    alice((t) => registerOp(t, 'new', { batchSignature: NO_SIGNATURE })),
  ],
  [
    'a device whose key is not held',
    'device-signature',
    alice((t) => registerOp(t, 'new', { deviceSignature: NO_SIGNATURE })),
  ],
  ['a claim', 'ok', alice((t) => claimOp(t, 'device1', 'alice'))],
  ['a claim of no device', 'device-unknown', alice((t) => claimOp(t, 'new', 'alice'))],
  ['a claim of what is owned', 'device-owned', by('bob', (t) => claimOp(t, 'device0', 'bob'))],
  ['a claim signed for another', 'device-signature', by('bob', (t) => claimOp(t, 'device1', 'alice'))],
  [
    'a claim of a revoked device',
    'device-revoked',
    after(
      alice((t) => revokeOp(t, { device: publicKey('device1') })),
      alice((t) => claimOp(t, 'device1', 'alice')),
    ),
  ],
  ['a release', 'ok', alice(() => ({ type: 'deviceRelease', device: publicKey('device0') }))],
  [
    'a release of no device',
    'device-unknown',
    alice(() => ({ type: 'deviceRelease', device: publicKey('new') })),
  ],
  [
    'a release by another',
    'device-not-owner',
    by('bob', () => ({ type: 'deviceRelease', device: publicKey('device0') })),
  ],
  [
    'a claim replayed after a release',
    'device-signature',
    (t) => {
      const claim = claimOp(t, 'device1', 'alice');
      expect(t.send('alice', claim).code).toBe('ok');
      expect(t.send('alice', { type: 'deviceRelease', device: publicKey('device1') }).code).toBe('ok');
      return t.send('alice', claim).code;
    },
  ],
  ['a hand-over', 'ok', alice((t) => handoverOp(t, 'device0', 'alice', 'bob'))],
  ['a hand-over to a new key', 'ok', alice((t) => handoverOp(t, 'device0', 'alice', 'dora'))],
  ['a hand-over of no device', 'device-unknown', alice((t) => handoverOp(t, 'new', 'alice', 'bob'))],
  [
    'a hand-over of a revoked device',
    'device-revoked',
    after(
      alice((t) => revokeOp(t, { device: publicKey('device0') })),
      alice((t) => handoverOp(t, 'device0', 'alice', 'bob')),
    ),
  ],
  [
    'a hand-over of a revoked batch’s device',
    'device-revoked',
    after(
      alice((t) => revokeOp(t, { kind: 1, batch: 1 })),
      alice((t) => handoverOp(t, 'device0', 'alice', 'bob')),
    ),
  ],
  ['a hand-over by another', 'device-not-owner', by('bob', (t) => handoverOp(t, 'device0', 'alice', 'bob'))],
  [
    'a hand-over of what nobody owns',
    'device-not-owner',
    alice((t) => handoverOp(t, 'device1', 'alice', 'bob')),
  ],
  ['a hand-over to oneself', 'device-owned', alice((t) => handoverOp(t, 'device0', 'alice', 'alice'))],
  [
    'a hand-over nobody accepted',
    'handover-signature',
    alice((t) => handoverOp(t, 'device0', 'alice', 'bob', 'carol')),
  ],
  [
    'a hand-over accepted from another owner',
    'handover-signature',
    alice((t) => handoverOp(t, 'device0', 'carol', 'bob')),
  ],
  ['a revoked device', 'ok', alice((t) => revokeOp(t, { device: publicKey('device1') }))],
  ['a revoked batch', 'ok', alice((t) => revokeOp(t, { kind: 1, batch: 1 }))],
  ['a revocation by nobody', 'maker-unknown', alice((t) => revokeOp(t, { maker: 9 }))],
  ['a revocation of no kind', 'revoke-kind', alice((t) => revokeOp(t, { kind: 2 }))],
  ['a revocation by another', 'revoke-signature', alice((t) => revokeOp(t, {}, 'maker2'))],
  ['a revocation of no device', 'device-unknown', alice((t) => revokeOp(t, { device: publicKey('new') }))],
  [
    "a revocation of another maker's device",
    'device-unknown',
    alice((t) => revokeOp(t, { maker: 2, device: publicKey('device1') }, 'maker2')),
  ],
  [
    'a device revoked twice',
    'device-revoked',
    after(
      alice((t) => revokeOp(t, { device: publicKey('device1') })),
      alice((t) => revokeOp(t, { device: publicKey('device1') })),
    ),
  ],
  ['a revocation of no batch', 'batch-unknown', alice((t) => revokeOp(t, { kind: 1, batch: 8 }))],
  [
    'a batch revoked twice',
    'batch-revoked',
    after(
      alice((t) => revokeOp(t, { kind: 1, batch: 1 })),
      alice((t) => revokeOp(t, { kind: 1, batch: 1 })),
    ),
  ],

  ['a ticket', 'ok', alice((t) => presenceOp(t, 'device1'))],
  ['a ticket of no device', 'device-unknown', alice((t) => presenceOp(t, 'device1', { device: 99 }))],
  ['a ticket for tomorrow', 'presence-epoch', alice((t) => presenceOp(t, 'device1', { epoch: 1 }))],
  ['a ticket at no host', 'presence-host', alice((t) => presenceOp(t, 'device1', { host: 3 }))],
  ['a ticket signed by another', 'presence-signature', alice((t) => presenceOp(t, 'device1', { device: 2 }))],
  [
    'two tickets in an epoch',
    'presence-repeated',
    after(
      alice((t) => presenceOp(t, 'device1')),
      alice((t) => presenceOp(t, 'device1', { host: 1 })),
    ),
  ],
  [
    'a ticket of a revoked device',
    'device-revoked',
    after(
      alice((t) => revokeOp(t, { kind: 1, batch: 1 })),
      alice((t) => presenceOp(t, 'device1')),
    ),
  ],
  [
    'a ticket before the batch is active',
    'device-inactive',
    after(
      alice((t) => registerOp(t, 'new', { batch: 3 })),
      alice((t) => presenceOp(t, 'new')),
    ),
  ],
  [
    'a ticket of a liar',
    'device-blacklisted',
    after(
      alice((t) => lieOp(t)),
      alice((t) => presenceOp(t, 'device3')),
    ),
  ],

  ['two headers at one height', 'ok', alice((t) => headerEvidence(t))],
  [
    'two votes at one height',
    'ok',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1), signedVote(t, 2))),
  ],
  [
    'two attestations with one number',
    'ok',
    alice((t) => evidenceOp('deviceEquivocation', signedAttestation(t), signedAttestation(t, { height: 2 }))),
  ],
  ['a false attestation', 'ok', alice((t) => lieOp(t))],
  [
    'evidence of no kind',
    'evidence-kind',
    alice(() => ({ type: 'evidence', kind: 4, first: ZEROS, second: ZEROS })),
  ],
  [
    'evidence that is noise',
    'evidence-malformed',
    alice(() => evidenceOp('headerEquivocation', ZEROS, ZEROS)),
  ],
  ['votes that are noise', 'evidence-malformed', alice(() => evidenceOp('voteEquivocation', ZEROS, ZEROS))],
  [
    'attestations that are noise',
    'evidence-malformed',
    alice(() => evidenceOp('deviceEquivocation', ZEROS, ZEROS)),
  ],
  [
    'a false attestation of noise',
    'evidence-malformed',
    alice(() => evidenceOp('falseAttestation', ZEROS, ZEROS)),
  ],
  [
    'one header twice',
    'evidence-not-proof',
    alice((t) => evidenceOp('headerEquivocation', signedHeader(t, header()), signedHeader(t, header()))),
  ],
  [
    'headers of two heights',
    'evidence-not-proof',
    alice((t) =>
      evidenceOp('headerEquivocation', signedHeader(t, header()), signedHeader(t, header({ height: 6 }))),
    ),
  ],
  [
    'one vote twice',
    'evidence-not-proof',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1), signedVote(t, 1))),
  ],
  [
    'votes of two witnesses',
    'evidence-not-proof',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1), signedVote(t, 2, 0))),
  ],
  [
    'attestations of two numbers',
    'evidence-not-proof',
    alice((t) =>
      evidenceOp('deviceEquivocation', signedAttestation(t), signedAttestation(t, { counter: 2 })),
    ),
  ],
  [
    'one attestation twice',
    'evidence-not-proof',
    alice((t) => evidenceOp('deviceEquivocation', signedAttestation(t), signedAttestation(t))),
  ],
  [
    'a true attestation',
    'evidence-not-proof',
    alice((t) =>
      evidenceOp(
        'falseAttestation',
        signedAttestation(t, { cited: alienHeader(t), hash: alienHeader(t) }),
        signedHeader(t, header()),
      ),
    ),
  ],
  [
    'headers of no lane',
    'lane-unknown',
    alice((t) =>
      evidenceOp(
        'headerEquivocation',
        signedHeader(t, header({ lane: 9 })),
        signedHeader(t, header({ lane: 9, timeMs: 2 })),
      ),
    ),
  ],
  [
    'votes of no node',
    'node-unknown',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1, 9), signedVote(t, 2, 9))),
  ],
  [
    'attestations of no device',
    'device-unknown',
    alice((t) =>
      evidenceOp(
        'deviceEquivocation',
        signedAttestation(t, { device: 99 }),
        signedAttestation(t, { device: 99, height: 2 }),
      ),
    ),
  ],
  [
    'headers signed by another',
    'evidence-signature',
    alice((t) =>
      evidenceOp(
        'headerEquivocation',
        signedHeader(t, header()),
        signedHeader(t, header({ timeMs: 2 }), 'trust0'),
      ),
    ),
  ],
  [
    'votes signed by another',
    'evidence-signature',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1), signedVote(t, 2, 2, 'trust1'))),
  ],
  [
    'attestations signed by another',
    'evidence-signature',
    alice((t) =>
      evidenceOp('deviceEquivocation', signedAttestation(t), signedAttestation(t, { height: 2 }, 'device4')),
    ),
  ],
  [
    'a false attestation of a header nobody signed',
    'evidence-signature',
    alice((t) =>
      evidenceOp(
        'falseAttestation',
        signedAttestation(t, { cited: alienHeader(t) }),
        signedHeader(t, header(), 'trust0'),
      ),
    ),
  ],
  [
    'evidence again, the other way round',
    'evidence-repeated',
    after(
      alice((t) => headerEvidence(t)),
      alice((t) => {
        const { first, second } = headerEvidence(t);
        return evidenceOp('headerEquivocation', second, first);
      }),
    ),
  ],
  [
    'evidence against a liar again',
    'evidence-repeated',
    after(
      alice((t) => lieOp(t)),
      alice((t) => lieOp(t)),
    ),
  ],

  ['funds for a lane', 'ok', alice(() => ({ type: 'laneFund', lane: 1, credit: 5, bond: 6 }))],
  ['funds for no lane', 'lane-unknown', alice(() => ({ type: 'laneFund', lane: 3, credit: 5, bond: 6 }))],
  ['no funds', 'amount-zero', alice(() => ({ type: 'laneFund', lane: 1, credit: 0, bond: 0 }))],
  [
    'funds that are not there',
    'balance-too-low',
    alice(() => ({ type: 'laneFund', lane: 1, credit: 999_999, bond: 6 })),
  ],
  [
    'funds that can’t be',
    'amount-overflow',
    alice(() => ({ type: 'laneFund', lane: 1, credit: Number.MAX_SAFE_INTEGER, bond: 1 })),
  ],

  ['new keys of a trust node', 'ok', by('operator0', (t) => rotateOp(t, 'operator0', 'fresh'))],
  [
    'new keys of a ledger server',
    'ok',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { role: 1 })),
  ],
  [
    'new keys of no role',
    'node-unknown',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { role: 2 })),
  ],
  [
    'new keys of no node',
    'node-unknown',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { index: 9 })),
  ],
  ["new keys of another's node", 'node-not-account', alice((t) => rotateOp(t, 'alice', 'fresh'))],
  ["another node's key", 'node-key-in-use', by('operator0', (t) => rotateOp(t, 'operator0', 'trust1'))],
  [
    "another node's link key",
    'node-key-in-use',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { linkKey: publicKey('trust-link1') })),
  ],
  [
    'a key that is not held',
    'node-signature',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { signature: NO_SIGNATURE })),
  ],
];

function cut(t: TestNetwork): ResultCode {
  const { id, envelope } = t.transaction('alice', [transferOp(1, 1)]);
  return t.apply({ id, envelope: envelope.subarray(0, envelope.length - 1) }).code;
}

function twice(t: TestNetwork): ResultCode {
  const tx = t.transaction('alice', [transferOp(1, 1)]);
  const { codes } = t.round([t.block(0, [tx, tx])]);
  expect(codes[0]).toBe(0);
  return codes[1] === RESULT_CODES['transaction-duplicate'] ? 'transaction-duplicate' : 'ok';
}

function countersignedTrade(t: TestNetwork, side: number, signer: string): ResultCode {
  return t.send('alice', countersigned(t, tradeOp('bob', 700, { side }), 'alice', signer)).code;
}

function refund(t: TestNetwork, sender: string, place: number, amount: number): ResultCode {
  return t.send(sender, refundOp(boughtFromBob(t), place, amount)).code;
}

function refundTwice(t: TestNetwork): ResultCode {
  const trade = boughtFromBob(t);
  expect(t.send('bob', refundOp(trade, 1, 600)).code).toBe('ok');
  return t.send('bob', refundOp(trade, 1, 101)).code;
}

describe('operations, one row per outcome', () => {
  it.each([...ROWS, ...TICKET_ROWS, ...WITNESS_ROWS, ...HOST_ROWS])('%s: %s', (_name, expected, run) => {
    const t = new TestNetwork();
    expect(run(t)).toBe(expected);
    expect(t.ledger.countSupply()).toBe(t.ledger.chain.supply);
  });

  it('has a row for every result code', () => {
    // Those of proposals and votes have theirs in proposals/proposals.test.ts.
    const elsewhere = /^(proposal|vote|committee|emergency)-|^maker-exists$/;
    const covered = new Set([...ROWS, ...TICKET_ROWS, ...WITNESS_ROWS, ...HOST_ROWS].map(([, code]) => code));
    const codes = Object.keys(RESULT_CODES).filter((code) => !elsewhere.test(code));
    expect(codes.filter((code) => !covered.has(code as ResultCode))).toEqual([]);
  });
});
