import { toHex, utf8 } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { describe, expect, it } from 'vitest';
import { encodeAddress } from './address.js';
import type { Genesis } from './genesis.js';
import { genesisFromJson, genesisToJson } from './genesis-json.js';
import { DEVNET_PARAMETERS } from './parameters.js';
import { receiptFromJson } from './receipt-json.js';
import { signTransaction, type Transaction, transactionId } from './transaction.js';
import {
  envelopeFromJson,
  envelopeToJson,
  transactionFromJson,
  transactionToJson,
} from './transaction-json.js';

const network = new Uint8Array(32).fill(7);
const keys = keyPairFromSeed(new Uint8Array(32).fill(1));
const hexKey = toHex(keys.publicKey);
const address = encodeAddress('tiotw', 0, keys.publicKey);

const good = {
  sender: address,
  sequence: 4,
  expiryMs: 1_800_000_000_000,
  operations: [{ type: 'transfer', to: 12, amount: 5 } as Record<string, unknown>],
  memo: 'Grüße',
};
const transaction: Transaction = {
  sender: keys.publicKey,
  sequence: 4,
  expiryMs: 1_800_000_000_000,
  operations: [{ type: 'transfer', to: 12, amount: 5 }],
  memo: utf8('Grüße'),
};
const withOperation = (operation: unknown) => ({ ...good, operations: [good.operations[0], operation] });

describe('the JSON of a transaction', () => {
  it('is what people write', () => {
    expect(transactionToJson(transaction, 'tiotw')).toEqual(good);
    expect(transactionFromJson(good, 'tiotw')).toEqual({ ok: true, value: transaction });
  });

  it.each<[string, object]>([
    ['a hex key', { ...good, sender: hexKey }],
    ['an upper-case hex key', { ...good, sender: hexKey.toUpperCase() }],
    ['digits for a sequence', { ...good, sequence: '4' }],
    ['digits for an amount', { ...good, operations: [{ type: 'transfer', to: 12, amount: '5' }] }],
    ['a hex memo', { ...good, memo: undefined, memoHex: toHex(utf8('Grüße')) }],
  ])('may hold %s', (_what, json) => {
    const plain = JSON.parse(JSON.stringify(json));
    expect(transactionFromJson(plain, 'tiotw')).toEqual({ ok: true, value: transaction });
  });

  it('writes bytes that are no UTF-8, or begin with a byte order mark, as hex', () => {
    for (const memo of [Uint8Array.of(0xff, 0), Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)]) {
      const json = transactionToJson({ ...transaction, memo }, 'iotw');
      expect(json).toMatchObject({ memoHex: toHex(memo) });
      expect(json).not.toHaveProperty('memo');
    }
  });

  it('gives a trade sensible defaults', () => {
    const trade = { type: 'trade', side: 'buyer', counterparty: address, amount: 10 };
    const read = transactionFromJson({ ...good, operations: [trade] }, 'tiotw');
    expect(read.ok && read.value.operations[0]).toEqual({
      type: 'trade',
      side: 0,
      counterparty: keys.publicKey,
      amount: 10,
      quantity: 1,
      deliveryMs: 0,
      warrantyDays: 0,
      terms: new Uint8Array(32),
      item: new Uint8Array(0),
      data: new Uint8Array(0),
      countersignature: new Uint8Array(0),
    });
  });

  const { memo: _memo, sequence: _sequence, ...short } = good;
  it.each<[string, RegExp, unknown]>([
    ['', /must be an object/, null],
    ['', /must be an object/, []],
    ['', /must be an object/, 'iotw'],
    ['/sequence', /is missing/, short],
    ['/ammount', /unknown: the fields are sender, sequence/, { ...good, ammount: 5 }],
    ['/a~1b~0c', /is unknown/, { ...good, 'a/b~c': 1 }],
    ['/__proto__', /is unknown/, JSON.parse(`${JSON.stringify(good).slice(0, -1)},"__proto__":{}}`)],
    ['/sender', /address or 64 characters of hex/, { ...good, sender: 5 }],
    ['/sender', /begins with "iotw1"/, { ...good, sender: encodeAddress('iotw', 0, keys.publicKey) }],
    ['/sender', /multi-key policy/, { ...good, sender: encodeAddress('tiotw', 1, keys.publicKey) }],
    ['/sender', /checksum/, { ...good, sender: `${address.slice(0, -1)}q` }],
    ['/sequence', /integer of 0 to 9007199254740991/, { ...good, sequence: -1 }],
    ['/sequence', /integer/, { ...good, sequence: 1.5 }],
    ['/sequence', /integer/, { ...good, sequence: 2 ** 53 }],
    ['/sequence', /integer/, { ...good, sequence: '9007199254740992' }],
    ['/sequence', /integer/, { ...good, sequence: '04' }],
    ['/sequence', /integer/, { ...good, sequence: '0x4' }],
    ['/sequence', /integer/, { ...good, sequence: '4e1' }],
    ['/sequence', /integer/, { ...good, sequence: null }],
    ['/memo', /at most 256 bytes/, { ...good, memo: 'x'.repeat(257) }],
    ['/memo', /256 bytes in UTF-8, this has 400/, { ...good, memo: 'ü'.repeat(200) }],
    ['/memo', /half a surrogate/, { ...good, memo: '\ud800' }],
    ['/memoHex', /beside memo/, { ...good, memoHex: '00' }],
    ['/memoHex', /characters of hex/, { ...short, sequence: 1, memoHex: '0' }],
    ['/operations', /must be a list/, { ...good, operations: {} }],
    ['/operations', /1 to 1024 elements/, { ...good, operations: [] }],
    ['/operations', /1 to 1024 elements/, { ...good, operations: new Array(1025).fill(good.operations[0]) }],
    ['/operations/1', /must be an object/, withOperation(7)],
    ['/operations/1/type', /must be one of transfer/, withOperation({ to: 1, amount: 1 })],
    ['/operations/1/type', /must be one of transfer/, withOperation({ type: 'constructor' })],
    ['/operations/1/amount', /is missing/, withOperation({ type: 'transfer', to: 1 })],
    ['/operations/1/to', /type transferToKey/, withOperation({ type: 'transfer', to: address, amount: 1 })],
    ['/operations/1/to', /0 to 4294967295/, withOperation({ type: 'transfer', to: 2 ** 32, amount: 1 })],
    ['/operations/1/memo', /unknown/, withOperation({ type: 'transfer', to: 1, amount: 1, memo: '' })],
    [
      '/operations/1/device',
      /64 characters of hex/,
      withOperation({ type: 'deviceRelease', device: address }),
    ],
    [
      '/operations/1/side',
      /one of buyer, seller/,
      withOperation({ type: 'trade', side: 'toString', counterparty: address, amount: 1 }),
    ],
    [
      '/operations/1/content/quota',
      /0 to 4294967295/,
      withOperation({
        type: 'propose',
        kind: 'makerAdmit',
        expiryEpoch: 3,
        content: { maker: 1, key: hexKey, quota: -1, name: 'm' },
      }),
    ],
    [
      '/operations/1/content/changes/electionMode',
      /one of random/,
      withOperation({
        type: 'propose',
        kind: 'parameters',
        expiryEpoch: 3,
        content: { changes: { electionMode: 'best' } },
      }),
    ],
    [
      '/operations/1/content/changes/epochMz',
      /no parameter: there are epochMs, /,
      withOperation({
        type: 'propose',
        kind: 'parameters',
        expiryEpoch: 3,
        content: { changes: { epochMz: 1 } },
      }),
    ],
    [
      '/operations/1/content/changes',
      /1 to 64 parameters/,
      withOperation({ type: 'propose', kind: 'parameters', expiryEpoch: 3, content: { changes: {} } }),
    ],
    [
      '/operations/1/content',
      /missing/,
      withOperation({ type: 'propose', kind: 'parameters', expiryEpoch: 3 }),
    ],
  ])('names the field %s', (pointer, message, json) => {
    const read = transactionFromJson(json, 'tiotw');
    expect(read).toMatchObject({ ok: false, error: { code: 'transaction-json', data: { pointer } } });
    expect(!read.ok && read.error.message).toMatch(message);
  });

  it('is refused where the envelope would be too large', () => {
    const evidence = { type: 'evidence', kind: 'falseAttestation', first: 'ab'.repeat(4096), second: '' };
    const read = transactionFromJson({ ...good, operations: new Array(32).fill(evidence) }, 'tiotw');
    expect(read).toMatchObject({ ok: false, error: { code: 'transaction-too-large' } });
  });

  it('does not repeat long foreign text in its message', () => {
    const read = transactionFromJson(
      { ...good, sequence: 'x'.repeat(1 << 20), ['y'.repeat(999)]: 1 },
      'tiotw',
    );
    expect(!read.ok && read.error.message.length).toBeLessThan(300);
  });
});

describe('the JSON of an envelope', () => {
  const signed = signTransaction(network, transaction, keys);
  const signature = signed.envelope.slice(4, 68);
  const json = envelopeToJson(network, { transaction, signature }, 'tiotw');

  it('carries transaction, signature and id', () => {
    expect(json).toEqual({ transaction: good, signature: toHex(signature), id: toHex(signed.id) });
    expect(envelopeFromJson(network, json, 'tiotw')).toEqual({ ok: true, value: { ...signed, transaction } });
    const { id: _id, ...without } = json;
    expect(envelopeFromJson(network, without, 'tiotw').ok).toBe(true);
  });

  it.each<[string, unknown]>([
    ['/id', { ...json, id: '00'.repeat(32) }],
    ['/id', { ...json, id: 5 }],
    ['/signature', { ...json, signature: '00' }],
    ['/transaction/sender', { ...json, transaction: { ...good, sender: '' } }],
    ['/more', { ...json, more: 1 }],
  ])('names the field %s', (pointer, bad) => {
    const read = envelopeFromJson(network, bad, 'tiotw');
    expect(read).toMatchObject({ ok: false, error: { code: 'transaction-json', data: { pointer } } });
  });

  it('notices another network by the id', () => {
    const other = new Uint8Array(32).fill(8);
    expect(transactionId(other, signed.envelope.subarray(68))).not.toEqual(signed.id);
    expect(envelopeFromJson(other, json, 'tiotw')).toMatchObject({
      ok: false,
      error: { data: { pointer: '/id' } },
    });
  });
});

describe('the JSON of a genesis', () => {
  const genesis: Genesis = {
    name: utf8('devnet'),
    testnet: 1,
    timeMs: 1_700_000_000_000,
    entropy: new Uint8Array(32).fill(3),
    parameters: DEVNET_PARAMETERS,
    regions: [utf8('Zürich'), Uint8Array.of(0xff)],
    clouds: [utf8('cloud-a')],
    committeeThreshold: 1,
    committee: [keys.publicKey],
    trustNodes: [
      {
        key: keys.publicKey,
        linkKey: keys.publicKey,
        account: keys.publicKey,
        region: 0,
        cloud: 0,
        operator: utf8('op'),
        credit: 5,
        bond: 6,
      },
    ],
    ledgerServers: [],
    apiServers: [{ key: keys.publicKey, server: 0, operator: utf8('api') }],
    makers: [{ maker: 1, key: keys.publicKey, quota: 10, name: utf8('maker') }],
    batches: [{ maker: 1, batch: 0, key: keys.publicKey, quota: 10, activationEpochs: 0 }],
    devices: [
      {
        key: keys.publicKey,
        maker: 1,
        batch: 0,
        region: 0,
        deviceClass: 0,
        host: 0,
        owner: new Uint8Array(32),
      },
    ],
    accounts: [{ key: keys.publicKey, amount: 1000 }],
    rewardPool: 7,
  };
  const json = genesisToJson(genesis) as Record<string, never>;

  it('is readable and exact', () => {
    expect(genesisFromJson(JSON.parse(JSON.stringify(json)))).toEqual({ ok: true, value: genesis });
    expect(json).toMatchObject({
      name: 'devnet',
      testnet: true,
      parameters: { electionMode: 'random', adjudicate: true },
      regions: ['Zürich', { hex: 'ff' }],
      devices: [{ owner: null, deviceClass: 'appliance' }],
      accounts: [{ key: address, amount: 1000 }],
    });
  });

  it.each<[string, unknown]>([
    ['', 5],
    ['/testnet', { ...json, testnet: 1 }],
    [
      '/parameters/epochMs',
      { ...json, parameters: { ...(json.parameters as unknown as object), epochMs: '10000' } },
    ],
    [
      '/parameters/electionMode',
      { ...json, parameters: { ...(json.parameters as unknown as object), electionMode: 'lottery' } },
    ],
    ['/regions/1', { ...json, regions: ['a', 5] }],
    ['/regions/0/hex', { ...json, regions: [{ hex: 'f' }] }],
    [
      '/accounts/0/key',
      { ...json, accounts: [{ key: encodeAddress('iotw', 0, keys.publicKey), amount: 1 }] },
    ],
    ['/accounts/0/amount', { ...json, accounts: [{ key: address, amount: 2 ** 60 }] }],
    ['/trustNodes/0/key', { ...json, trustNodes: [{}] }],
    ['/more', { ...json, more: [] }],
  ])('names the field %s', (pointer, bad) => {
    expect(genesisFromJson(bad)).toMatchObject({
      ok: false,
      error: { code: 'genesis-json', data: { pointer } },
    });
  });
});

it('the JSON of a receipt names the field that is wrong', () => {
  expect(receiptFromJson({ envelope: 'zz' })).toMatchObject({
    ok: false,
    error: { code: 'receipt-json', data: { pointer: '/envelope' } },
  });
  expect(receiptFromJson({ envelope: '00', index: 0, path: [1] })).toMatchObject({
    error: { data: { pointer: '/path/0' } },
  });
});
