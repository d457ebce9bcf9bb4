// Vectors of clause 4: one transaction of every kind, and what must be refused.
import { utf8 } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { OPERATION_NAMES } from '@iotw/protocol/operations';
import { encodeProposal, PROPOSAL_KIND } from '@iotw/protocol/proposals';
import { decodeEnvelope, encodeEnvelope, encodeTransaction, transactionId } from '@iotw/protocol/transaction';
import { envelopeToJson } from '@iotw/protocol/transaction-json';
import { bytesOf, codeOf, keyOf, NETWORK, OTHER_NETWORK, patched } from './kit.mjs';

const signature64 = (label) => sign(bytesOf(label), keyOf(label).secretKey);
const key32 = (label) => keyOf(label).publicKey;

/** One operation of every kind; embedded signatures are over other things and do not verify. */
function everyOperation() {
  return [
    { type: 'transfer', to: 12, amount: 5 },
    { type: 'transferToKey', to: key32('receiver'), amount: 2 ** 53 - 1 },
    {
      type: 'trade',
      side: 0,
      counterparty: key32('seller'),
      amount: 1_500_000,
      quantity: 2,
      deliveryMs: 1_800_000_600_000,
      warrantyDays: 730,
      terms: bytesOf('terms'),
      item: utf8('85123A'),
      data: utf8('{"colour":"white"}'),
      countersignature: signature64('seller'),
    },
    { type: 'refund', transaction: bytesOf('trade id'), operation: 3, amount: 500_000 },
    everyProposal()[0],
    {
      type: 'makerBatch',
      maker: 7,
      batch: 1,
      key: key32('batch'),
      quota: 100,
      activationEpochs: 2,
      signature: signature64('maker'),
    },
    {
      type: 'deviceRegister',
      key: key32('device'),
      maker: 7,
      batch: 1,
      region: 3,
      deviceClass: 1,
      batchSignature: signature64('batch'),
      deviceSignature: signature64('device'),
    },
    { type: 'deviceClaim', device: key32('device'), deviceSignature: signature64('device') },
    { type: 'deviceRelease', device: key32('device') },
    {
      type: 'deviceRevoke',
      maker: 7,
      kind: 1,
      device: new Uint8Array(32),
      batch: 1,
      signature: signature64('maker'),
    },
    { type: 'presence', device: 41, epoch: 9, host: 2, signature: signature64('device') },
    { type: 'ticket', device: 41, epoch: 9, proof: new Uint8Array(80).fill(7) },
    { type: 'evidence', kind: 0, first: Uint8Array.of(1, 2, 3), second: new Uint8Array(0) },
    { type: 'laneFund', lane: 1, credit: 1000, bond: 2000 },
    {
      type: 'keyRotate',
      role: 0,
      index: 1,
      key: key32('new key'),
      linkKey: key32('new link key'),
      signature: signature64('new key'),
    },
    {
      type: 'deviceHandover',
      device: key32('device'),
      to: key32('receiver'),
      acceptance: signature64('receiver'),
    },
    { type: 'leftOutAnswer', header: Uint8Array.of(1), attestation: Uint8Array.of(2, 3) },
    { type: 'appeal', attestation: Uint8Array.of(1, 2, 3), header: Uint8Array.of(4, 5) },
    { type: 'vote', proposal: 5, approve: 1 },
    { type: 'publicValue', value: Uint8Array.of(6, 7) },
    { type: 'nodeAddress', index: 4, address: new TextEncoder().encode('mqtt://trust-4.example.net:1883') },
    { type: 'makerHosts', maker: 3, change: 1, hosts: [2, 0], signature: signature64('maker') },
  ];
}

/** One proposal of each kind. */
function everyProposal() {
  const keys = {
    key: key32('new node'),
    linkKey: key32('new node link'),
    account: key32('new node account'),
  };
  const node = { ...keys, region: 1, cloud: 0, operator: utf8('operator') };
  const contents = {
    makerAdmit: { maker: 7, key: key32('maker'), quota: 1000, name: utf8('Müller Geräte') },
    makerSuspend: { maker: 7 },
    makerReinstate: { maker: 7 },
    trustNodeAdmit: node,
    trustNodeSuspend: { index: 2 },
    trustNodeReinstate: { index: 2 },
    ledgerServerAdmit: { ...node, vrfKey: key32('new node vrf') },
    ledgerServerSuspend: { index: 1 },
    ledgerServerReinstate: { index: 1 },
    parameters: {
      changes: [
        { name: utf8('electionMode'), value: 2 },
        { name: utf8('feeFloor'), value: 2 ** 53 - 1 },
      ],
    },
    committee: { threshold: 2, members: [key32('member 0'), key32('member 1'), key32('member 2')] },
    deviceReinstate: { device: 41 },
    emergencyBeacon: { epoch: 9, chain: bytesOf('chain'), round: 12_345 },
    makerQuota: { maker: 7, quota: 500 },
    upgrade: { version: 2, epoch: 12 },
  };
  return Object.entries(contents).map(([kind, content]) => ({
    type: 'propose',
    kind: PROPOSAL_KIND[kind],
    expiryEpoch: 77,
    content: encodeProposal({ kind, content }),
  }));
}

function transactionCase(name, operations, fields = {}) {
  const keys = keyOf('sender');
  const transaction = {
    sender: keys.publicKey,
    sequence: 1,
    expiryMs: 1_800_000_000_000,
    operations,
    memo: new Uint8Array(0),
    ...fields,
  };
  const bytes = encodeTransaction(transaction);
  const id = transactionId(NETWORK, bytes);
  const signature = sign(id, keys.secretKey);
  return {
    name,
    seed: keys.seed,
    json: envelopeToJson(NETWORK, { transaction, signature }, 'tiotw'),
    transaction: bytes,
    id,
    signature,
    envelope: encodeEnvelope(bytes, signature),
  };
}

function addOrder(s) {
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  let n = order;
  for (let i = 31; i >= 0; i--) n += BigInt(s[i]) << BigInt(8 * i);
  return Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 255n));
}

export function transactions() {
  const all = everyOperation();
  const valid = [
    ...all.map((operation) => transactionCase(operation.type, [operation])),
    transactionCase('every operation, with a memo', all, { memo: utf8('Grüße'), sequence: 64 }),
    transactionCase('every kind of proposal', everyProposal()),
    transactionCase('largest integers', [{ type: 'transfer', to: 2 ** 32 - 1, amount: 2 ** 53 - 1 }], {
      sequence: 2 ** 53 - 1,
      expiryMs: 2 ** 53 - 1,
    }),
    transactionCase('a memo that is no UTF-8', [{ type: 'transfer', to: 0, amount: 0 }], {
      memo: Uint8Array.of(255, 0, 254),
    }),
    transactionCase('a memo of 256 bytes', [{ type: 'transfer', to: 1, amount: 1 }], {
      memo: new Uint8Array(256).fill(0x61),
    }),
  ];
  const good = transactionCase('', [
    { type: 'transfer', to: 12, amount: 5 },
    { type: 'transfer', to: 13, amount: 6 },
  ]).envelope;
  const one = transactionCase('', [{ type: 'transfer', to: 12, amount: 5 }]).envelope;
  const trade = transactionCase('', [{ ...all[2], countersignature: new Uint8Array(0) }]).envelope;
  const grown = (b, n) => Uint8Array.from([...b, ...new Array(n).fill(0x61)]);
  const malformed = [
    ['no bytes', new Uint8Array(0)],
    ['cut in the frame', good.slice(0, 127)],
    ['cut in the last operation', good.slice(0, -1)],
    ['first offset 69', patched(good, 0, 69)],
    ['first offset 64', patched(good, 0, 64)],
    ['operations offset 60', patched(good, 116, 60)],
    ['operations offset 52', patched(good, 116, 52)],
    ['memo offset beyond the end', patched(good, 120, 255)],
    ['memo offset before the operations', patched(good, 120, 8)],
    ['memo of 257 bytes', grown(one, 257)],
    [
      'no operations',
      encodeEnvelope(encodeTransaction({ ...plainTransaction(), operations: [] }), new Uint8Array(64)),
    ],
    ['offset table not a multiple of four', patched(good, 124, 9)],
    ['offset table of zero', patched(good, 124, 0)],
    ['second operation before the first', patched(good, 128, 4)],
    ['second operation beyond the end', patched(good, 128, 200)],
    ['an empty operation', patched(good, 128, 8)],
    ['the first operation type that there is not', patched(one, 128, OPERATION_NAMES.length)],
    ['unknown operation type 255', patched(one, 128, 255)],
    ['an operation one byte too long', patched(grown(one, 1), 120, readAt(one, 120) + 1)],
    ['an amount of 2^53', patched(one, 133, 0, 0, 0, 0, 0, 0, 0x20, 0)],
    ['a sequence of 2^53', patched(one, 100, 0, 0, 0, 0, 0, 0, 0x20, 0)],
    ['an expiry of 2^64-1', patched(one, 108, 255, 255, 255, 255, 255, 255, 255, 255)],
    ['a trade whose item offset leaves a gap', patched(trade, 129 + 87, readAt(trade, 129 + 87) + 1)],
  ].map(([name, envelope]) => ({ name, envelope, code: codeOf(decodeEnvelope(envelope)) }));
  const signature = good.slice(4, 68);
  const wrongNetwork = sign(transactionId(OTHER_NETWORK, good.slice(68)), keyOf('sender').secretKey);
  const signatures = [
    ['a bit of R flipped', patched(good, 4, good[4] ^ 1)],
    ['a bit of S flipped', patched(good, 40, good[40] ^ 1)],
    [
      'S + L: the same signature with a malleated scalar',
      patched(good, 36, ...addOrder(signature.slice(32))),
    ],
    ['signed for another network', patched(good, 4, ...wrongNetwork)],
    ['all zeros', patched(good, 4, ...new Uint8Array(64))],
    ['small-order key (identity), R = identity, S = 0', smallOrder(good, `01${'00'.repeat(31)}`)],
    ['small-order key (order 4), R = key, S = 0', smallOrder(good, '00'.repeat(32))],
    [
      'small-order key (order 8), R = key, S = 0',
      smallOrder(good, 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
    ],
    ['non-canonical key, R = identity, S = 0', smallOrder(good, `ee${'ff'.repeat(30)}7f`)],
    ['another sender', patched(good, 68, ...keyOf('receiver').publicKey)],
  ].map(([name, envelope]) => ({ name, envelope, code: 'signature-invalid' }));
  return {
    clause: '4',
    network: NETWORK,
    prefix: 'tiotw',
    valid,
    invalid: [...malformed, ...signatures],
    invalidBySize: [
      { name: '131,073 zero bytes', length: 131_073, code: codeOf(decodeEnvelope(new Uint8Array(131_073))) },
    ],
  };
}

function plainTransaction() {
  return {
    sender: keyOf('sender').publicKey,
    sequence: 1,
    expiryMs: 1,
    operations: [],
    memo: new Uint8Array(0),
  };
}

function readAt(b, at) {
  return b[at];
}

/** The key as sender and as R (the identity as R for keys that are not canonical), S = 0. */
function smallOrder(envelope, key) {
  const bytes = Uint8Array.from(key.match(/../g), (h) => Number.parseInt(h, 16));
  const r = key.startsWith('ee') ? patched(new Uint8Array(32), 0, 1) : bytes;
  return patched(patched(patched(envelope, 68, ...bytes), 4, ...r), 36, ...new Uint8Array(32));
}
