/** Outcomes of the operations of makers and devices, as rows for operations.test. */
import { expect } from 'vitest';
import { publicKey } from './test-network.js';
import {
  claimOp,
  handoverOp,
  lieOp,
  makerBatchOp,
  NO_SIGNATURE,
  presenceOp,
  registerOp,
  revokeOp,
} from './test-operations.js';
import { after, alice, by, type Row } from './test-rows.js';

export const DEVICE_ROWS: readonly Row[] = [
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
];
