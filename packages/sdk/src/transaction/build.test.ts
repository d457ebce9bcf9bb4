import { testKeys } from '@iotw/assignment/test-network';
import { verify } from '@iotw/kernel/ed25519';
import { ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { encodeAddress } from '@iotw/protocol/address';
import {
  batchDigest,
  claimDigest,
  countersignDigest,
  handoverDigest,
  possessionDigest,
  presenceDigest,
  registerDigest,
  revokeDigest,
  rotateDigest,
} from '@iotw/protocol/digests';
import { MAX_SUPPLY } from '@iotw/protocol/limits';
import type { Operation } from '@iotw/protocol/operations';
import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import { decodeEnvelope, ENVELOPE, transactionId } from '@iotw/protocol/transaction';
import { describe, expect, it } from 'vitest';
import { formatAmount, parseAmount } from './amount.js';
import { buildSigned, buildTransaction } from './build.js';
import { parameterChanges, propose, vote } from './committee-operations.js';
import {
  acceptHandover,
  deviceClaim,
  deviceHandover,
  deviceRegister,
  deviceRelease,
  deviceRevoke,
  makerBatch,
  makerHosts,
  presence,
} from './device-operations.js';
import { estimateFee } from './fee.js';
import { countersign, refund, trade, transfer } from './money-operations.js';
import {
  appeal,
  evidence,
  keyRotate,
  laneFund,
  leftOutAnswer,
  nodeAddress,
  publicValue,
} from './node-operations.js';

const network = sha256(new Uint8Array(1));
const [sender, other, device, root, batch] = ['sender', 'other', 'device', 'root', 'batch'].map((label) =>
  testKeys(label, 0),
) as [ReturnType<typeof testKeys>, ...ReturnType<typeof testKeys>[]] as ReturnType<typeof testKeys>[];
const keys = { sender: sender!, other: other!, device: device!, root: root!, batch: batch! };
const address = encodeAddress('tiotw', 0, keys.other.publicKey);
const position = { sender: keys.sender.publicKey, sequence: 5, operation: 0 };

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

const origin = { maker: 3, batch: 4, region: 2, deviceClass: 'meter' } as const;
const maker = { maker: 7, key: keys.root.publicKey, quota: 10, name: new Uint8Array([65]) };
const made: readonly (readonly [title: string, operation: Operation])[] = [
  ['transfer to a number', value(transfer(9, 500, 'tiotw'))],
  ['transfer to an address', value(transfer(address, 500, 'tiotw'))],
  ['transfer to a key', value(transfer(keys.other.publicKey, 1, 'iotw'))],
  [
    'trade',
    value(
      trade({ side: 'buyer', counterparty: address, amount: 700, item: 'mug', data: '{"n":1}' }, 'tiotw'),
    ),
  ],
  ['refund', value(refund(sha256(new Uint8Array(2)), 3, 100))],
  ['deviceRegister', deviceRegister(network, origin, keys.batch, keys.device)],
  ['deviceClaim', deviceClaim(network, keys.sender.publicKey, 1, keys.device)],
  ['deviceRelease', deviceRelease(keys.device.publicKey)],
  [
    'deviceHandover',
    deviceHandover(
      keys.device.publicKey,
      keys.other.publicKey,
      acceptHandover(network, keys.device.publicKey, keys.sender.publicKey, 2, keys.other),
    ),
  ],
  ['deviceRevoke of a device', deviceRevoke(network, 3, keys.device.publicKey, keys.root)],
  ['deviceRevoke of a batch', deviceRevoke(network, 3, 4, keys.root)],
  ['presence', presence(network, 11, 12, 1, keys.device)],
  [
    'makerBatch',
    makerBatch(
      network,
      { maker: 3, batch: 4, key: keys.batch.publicKey, quota: 9, activationEpochs: 1 },
      keys.root,
    ),
  ],
  ['propose', propose({ kind: 'makerAdmit', content: maker }, 7)],
  ['propose parameters', propose(value(parameterChanges({ electionMode: 'uptime', feeBps: 3 })), 7)],
  ['vote', vote(5, false)],
  ['laneFund', value(laneFund(1, 5, 6))],
  [
    'keyRotate',
    keyRotate(network, { role: 'trust', index: 1, linkKey: new Uint8Array(32) }, position, keys.other),
  ],
  ['publicValue', publicValue(new Uint8Array(96), new Uint8Array(96))],
  ['nodeAddress', nodeAddress(1, 'mqtt://trust-1.example.net:1883')],
  ['makerHosts', makerHosts(network, { maker: 3, change: 1, hosts: [1] }, keys.root)],
  ['leftOutAnswer', leftOutAnswer(new Uint8Array(100), new Uint8Array(189))],
  ['appeal', appeal(new Uint8Array(189), new Uint8Array(164))],
  ['evidence', evidence('falseAttestation', new Uint8Array(189))],
];

describe('builders', () => {
  it.each(made)('%s decodes as it was meant', (_, operation) => {
    const signed = value(
      buildSigned(network, keys.sender, { sequence: 5, operations: [operation], expiryMs: 99, memo: 'hé' }),
    );
    const { transaction, signature } = value(decodeEnvelope(signed.envelope));
    expect(transaction).toEqual({
      sender: keys.sender.publicKey,
      sequence: 5,
      expiryMs: 99,
      operations: [operation],
      memo: new TextEncoder().encode('hé'),
    });
    expect(signed.id).toEqual(transactionId(network, signed.envelope.subarray(ENVELOPE.transaction)));
    expect(verify(signature, signed.id, keys.sender.publicKey)).toBe(true);
  });

  it('every statement is signed by its own key', () => {
    const register = deviceRegister(network, origin, keys.batch, keys.device);
    const claim = deviceClaim(network, keys.sender.publicKey, 1, keys.device);
    const revoke = deviceRevoke(network, 3, 4, keys.root);
    const opened = { maker: 3, batch: 4, key: keys.batch.publicKey, quota: 9, activationEpochs: 1 };
    const rotate = keyRotate(
      network,
      { role: 'ledger', index: 1, linkKey: new Uint8Array(32) },
      position,
      keys.other,
    );
    const good: readonly [signature: Uint8Array, digest: Uint8Array, key: Uint8Array][] = [
      [register.batchSignature, registerDigest(network, register), keys.batch.publicKey],
      [register.deviceSignature, possessionDigest(network, register), keys.device.publicKey],
      [
        claim.deviceSignature,
        claimDigest(network, keys.device.publicKey, keys.sender.publicKey, 1),
        keys.device.publicKey,
      ],
      [
        acceptHandover(network, keys.device.publicKey, keys.sender.publicKey, 2, keys.other),
        handoverDigest(network, keys.device.publicKey, keys.sender.publicKey, keys.other.publicKey, 2),
        keys.other.publicKey,
      ],
      [revoke.signature, revokeDigest(network, revoke), keys.root.publicKey],
      [
        presence(network, 11, 12, 1, keys.device).signature,
        presenceDigest(network, 11, 12, 1),
        keys.device.publicKey,
      ],
      [makerBatch(network, opened, keys.root).signature, batchDigest(network, opened), keys.root.publicKey],
      [rotate.signature, rotateDigest(network, rotate, position.sender, 5), keys.other.publicKey],
    ];
    for (const [signature, digest, key] of good) expect(verify(signature, digest, key)).toBe(true);
  });

  it('a countersignature binds trade, sender, sequence and place', () => {
    const terms = value(trade({ side: 'seller', counterparty: address, amount: 9 }, 'tiotw'));
    const signed = value(countersign(network, terms, position, keys.other));
    const digest = countersignDigest(network, terms, position.sender, 5, 0);
    expect(verify(signed.countersignature, digest, keys.other.publicKey)).toBe(true);
    const moved = countersignDigest(network, terms, position.sender, 5, 1);
    expect(verify(signed.countersignature, moved, keys.other.publicKey)).toBe(false);
    expect(countersign(network, terms, position, keys.sender)).toMatchObject({
      error: { code: 'trade-counterparty' },
    });
  });

  const mainAddress = encodeAddress('iotw', 0, keys.other.publicKey);
  const policy = encodeAddress('tiotw', 1, keys.other.publicKey);
  const terms = { side: 'buyer', counterparty: address, amount: 1 } as const;
  const refused: readonly [code: string, result: Result<unknown>][] = [
    ['operation-amount', transfer(9, 0, 'tiotw')],
    ['operation-amount', transfer(9, 1.5, 'tiotw')],
    ['operation-amount', transfer(9, -1, 'tiotw')],
    ['operation-amount', transfer(9, MAX_SUPPLY + 1, 'tiotw')],
    ['operation-amount', transfer(9, Number.NaN, 'tiotw')],
    ['recipient-number', transfer(-1, 5, 'tiotw')],
    ['recipient-number', transfer(2 ** 32, 5, 'tiotw')],
    ['recipient-key', transfer(new Uint8Array(31), 5, 'tiotw')],
    ['recipient-key', transfer(policy, 5, 'tiotw')],
    ['address-wrong-network', transfer(mainAddress, 5, 'tiotw')],
    ['address-checksum', transfer(`${address.slice(0, -1)}${address.endsWith('q') ? 'p' : 'q'}`, 5, 'tiotw')],
    ['operation-amount', trade({ ...terms, amount: 0 }, 'tiotw')],
    ['trade-terms', trade({ ...terms, item: 'x'.repeat(65) }, 'tiotw')],
    ['trade-terms', trade({ ...terms, data: 'é'.repeat(129) }, 'tiotw')],
    ['trade-terms', trade({ ...terms, terms: new Uint8Array(31) }, 'tiotw')],
    ['trade-terms', trade({ ...terms, quantity: 0 }, 'tiotw')],
    ['trade-terms', trade({ ...terms, warrantyDays: 65_536 }, 'tiotw')],
    ['trade-terms', trade({ ...terms, deliveryMs: -1 }, 'tiotw')],
    ['address-wrong-network', trade({ ...terms, counterparty: mainAddress }, 'tiotw')],
    ['refund-trade', refund(new Uint8Array(31), 0, 5)],
    ['refund-trade', refund(new Uint8Array(32), 65_536, 5)],
    ['operation-amount', refund(new Uint8Array(32), 0, 0)],
    ['operation-amount', laneFund(1, 0, 0)],
    ['operation-amount', laneFund(1, -5, 9)],
  ];
  it.each(refused)('%s (%#)', (code, result) => {
    expect(result).toMatchObject({ ok: false, error: { code } });
  });
});

describe('buildTransaction', () => {
  const pay = transfer(9, 500, 'tiotw');
  const request = { sender: keys.sender.publicKey, sequence: 1, operations: [pay], expiryMs: 1 };
  const refused: readonly [code: string, change: Partial<typeof request> & { memo?: string }][] = [
    ['operation-amount', { operations: [pay, transfer(9, 0, 'tiotw')] }],
    ['transaction-request', { sender: new Uint8Array(33) }],
    ['transaction-request', { sequence: 0 }],
    ['transaction-request', { sequence: 2 ** 53 }],
    ['transaction-request', { expiryMs: -1 }],
    ['transaction-request', { operations: [] }],
    ['transaction-request', { operations: new Array(1025).fill(pay) }],
    ['transaction-request', { memo: 'é'.repeat(129) }],
    [
      'transaction-too-large',
      {
        operations: new Array(400).fill(
          trade(
            { side: 'buyer', counterparty: keys.other.publicKey, amount: 1, data: 'x'.repeat(256) },
            'tiotw',
          ),
        ),
      },
    ],
  ];
  it.each(refused)('refuses with %s (%#)', (code, change) => {
    expect(buildTransaction({ ...request, ...change })).toMatchObject({ ok: false, error: { code } });
  });

  it('gives ten minutes unless told otherwise', () => {
    const before = Date.now();
    const built = value(buildTransaction({ sender: request.sender, sequence: 1, operations: [pay] }));
    expect(built.expiryMs).toBeGreaterThanOrEqual(before + 600_000);
    expect(built.expiryMs).toBeLessThanOrEqual(Date.now() + 600_000);
  });
});

describe('fees and amounts', () => {
  it('a fee is the floor, each operation and a share of what moves', () => {
    const operations = [value(transfer(9, 1_000_000, 'tiotw')), value(laneFund(0, 5_000_000, 0))];
    expect(estimateFee(DEVNET_PARAMETERS, operations)).toEqual({ floor: 120, share: 1_000, total: 1_120 });
    const huge = [value(transfer(9, MAX_SUPPLY, 'tiotw'))];
    expect(estimateFee({ feeFloor: 0, feePerOperation: 0, feeBps: 9_999 }, huge).share).toBe(
      Number((BigInt(MAX_SUPPLY) * 9_999n) / 10_000n),
    );
  });

  it.each([
    ['12', 12_000_000],
    ['0.000001', 1],
    ['1500.5', 1_500_500_000],
    ['9000000000', MAX_SUPPLY],
  ])('%s IOTW', (text, units) => {
    expect(parseAmount(text)).toEqual(ok(units));
    expect(formatAmount(units)).toBe(text);
  });

  it.each([
    '',
    '0',
    '0.0000001',
    '1e3',
    '-1',
    '01',
    '1,5',
    '.5',
    '5.',
    ' 1',
    '9000000000.000001',
    '99999999999',
  ])('no amount: %j', (text) => {
    expect(parseAmount(text)).toMatchObject({ error: { code: 'amount-format' } });
  });
});
