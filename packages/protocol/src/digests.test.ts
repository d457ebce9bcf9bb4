import { readFileSync } from 'node:fs';
import { fromHex, toHex, utf8 } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign, verify } from '@iotw/kernel/ed25519';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attestationDigest, bootHead } from './attestation.js';
import { missDigest, silenceDigest, trustThreshold, voteDigest } from './certificate.js';
import {
  batchDigest,
  claimDigest,
  consentDigest,
  countersignDigest,
  handoverDigest,
  loginDigest,
  possessionDigest,
  presenceDigest,
  registerDigest,
  revokeDigest,
  rotateDigest,
} from './digests.js';
import { DOMAIN } from './domains.js';
import { blockHash } from './header.js';
import { MAX_SUPPLY } from './limits.js';
import { DEVNET_PARAMETERS } from './parameters.js';
import { type PoolContents, type PoolDevice, poolRoot } from './pool.js';
import { RESULT_CODES, resultCodeName, resultLeaf } from './result.js';
import { epochVoteDigest, laneResetDigest, roundHash } from './round.js';
import {
  checkEnvelopeFrame,
  decodeEnvelope,
  encodeEnvelope,
  encodeTransaction,
  transactionId,
} from './transaction.js';

const zeros32 = new Uint8Array(32);
const zeros64 = new Uint8Array(64);
const position = { lane: 0, incarnation: 0, height: 0 };
const registration = { key: zeros32, maker: 0, batch: 0, region: 0, deviceClass: 0 };

/** Every statement somebody signs, as much alike as they can be made. */
const DIGESTS: Readonly<Record<string, (network: Uint8Array) => Uint8Array>> = {
  transaction: (n) => transactionId(n, zeros32),
  countersign: (n) =>
    countersignDigest(
      n,
      {
        side: 0,
        counterparty: zeros32,
        amount: 0,
        quantity: 0,
        deliveryMs: 0,
        warrantyDays: 0,
        terms: zeros32,
        item: new Uint8Array(0),
        data: new Uint8Array(0),
        countersignature: zeros64,
      },
      zeros32,
      0,
      0,
    ),
  block: (n) =>
    blockHash(n, {
      ...position,
      previous: zeros32,
      root: zeros32,
      count: 0,
      timeMs: 0,
      epoch: 0,
      refRound: 0,
    }),
  attestation: (n) =>
    attestationDigest(n, {
      ...position,
      attempt: 0,
      rank: 0,
      cited: zeros32,
      hash: zeros32,
      device: 0,
      boot: 0,
      counter: 0,
      head: zeros32,
    }),
  head: (n) => bootHead(n, zeros32, 0),
  vote: (n) => voteDigest(n, { ...position, hash: zeros32, witness: 0 }),
  miss: (n) => missDigest(n, { ...position, attempt: 0, rank: 0, device: 0, host: 0, kind: 0 }),
  silence: (n) => silenceDigest(n, { ...position, attempt: 0, rank: 0, device: 0, host: 0, witness: 0 }),
  round: (n) =>
    roundHash(n, {
      version: 1,
      number: 0,
      timeMs: 0,
      epoch: 0,
      previous: zeros32,
      seed: zeros32,
      seedSource: 0,
      seedKey: new Uint8Array(48),
      poolRoot: zeros32,
      blocksRoot: zeros32,
      resultsRoot: zeros32,
      stateHash: zeros32,
    }),
  epochVote: (n) => epochVoteDigest(n, { epoch: 0, poolRoot: zeros32, seed: zeros32, witness: 0 }),
  laneReset: (n) => laneResetDigest(n, { lane: 0, incarnation: 0, reason: 0 }),
  presence: (n) => presenceDigest(n, 0, 0, 0),
  login: (n) => loginDigest(n, zeros32, 0, 0),
  claim: (n) => claimDigest(n, zeros32, zeros32, 0),
  consent: (n) => consentDigest(n, zeros32, zeros32, 0, false, 0),
  handover: (n) => handoverDigest(n, zeros32, zeros32, zeros32, 0),
  register: (n) => registerDigest(n, registration),
  possession: (n) => possessionDigest(n, registration),
  batch: (n) => batchDigest(n, { maker: 0, batch: 0, key: zeros32, quota: 0, activationEpochs: 0 }),
  revoke: (n) => revokeDigest(n, { maker: 0, kind: 0, device: zeros32, batch: 0 }),
  rotate: (n) => rotateDigest(n, { role: 0, index: 0, key: zeros32, linkKey: zeros32 }, zeros32, 0),
};

describe('signing digests', () => {
  it('differ between all purposes and networks: a signature for one is void for every other', () => {
    const seen = new Map<string, string>();
    for (const network of [zeros32, new Uint8Array(32).fill(1)]) {
      for (const [name, digest] of Object.entries(DIGESTS)) {
        const hex = toHex(digest(network));
        expect(seen.get(hex), `${name} equals ${seen.get(hex)}`).toBeUndefined();
        seen.set(hex, name);
      }
    }
    expect(seen.size).toBe(2 * Object.keys(DIGESTS).length);
  });

  it('have domains of their own', () => {
    expect(new Set(Object.values(DOMAIN)).size).toBe(Object.keys(DOMAIN).length);
    for (const domain of Object.values(DOMAIN)) expect(domain).toMatch(/^iotw\/v1\/[a-z-]+$/);
  });

  it('a registration digest is bound to every field', () => {
    const fields = Object.keys(registration) as (keyof typeof registration)[];
    const all = fields.map((field) =>
      toHex(
        registerDigest(zeros32, {
          ...registration,
          [field]: field === 'key' ? new Uint8Array(32).fill(1) : 1,
        }),
      ),
    );
    expect(new Set([...all, toHex(registerDigest(zeros32, registration))]).size).toBe(fields.length + 1);
  });

  it('a countersignature covers sender, sequence, place and terms, not itself', () => {
    const trade = {
      side: 1,
      counterparty: zeros32,
      amount: 5,
      quantity: 1,
      deliveryMs: 0,
      warrantyDays: 0,
      terms: zeros32,
      item: utf8('x'),
      data: new Uint8Array(0),
      countersignature: new Uint8Array(0),
    };
    const base = toHex(countersignDigest(zeros32, trade, zeros32, 1, 0));
    expect(toHex(countersignDigest(zeros32, { ...trade, countersignature: zeros64 }, zeros32, 1, 0))).toBe(
      base,
    );
    const others = [
      countersignDigest(zeros32, { ...trade, amount: 6 }, zeros32, 1, 0),
      countersignDigest(zeros32, { ...trade, item: utf8('y') }, zeros32, 1, 0),
      countersignDigest(zeros32, trade, new Uint8Array(32).fill(1), 1, 0),
      countersignDigest(zeros32, trade, zeros32, 2, 0),
      countersignDigest(zeros32, trade, zeros32, 1, 1),
    ].map(toHex);
    expect(new Set([base, ...others]).size).toBe(6);
  });
});

it.each([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 3],
  [5, 4],
  [7, 5],
  [10, 7],
  [16, 11],
  [64, 43],
])('of %i trust nodes %i must vote', (n, threshold) => {
  expect(trustThreshold(n)).toBe(threshold);
  // Two thresholds meet in an honest node, and a third of the nodes can't stall.
  const faulty = Math.ceil(n / 3) - 1;
  expect(2 * threshold - n).toBeGreaterThan(faulty);
  expect(n - faulty).toBeGreaterThanOrEqual(threshold);
});

it('the largest supply is a safe integer below 2^53', () => {
  expect(MAX_SUPPLY).toBe(9e15);
  expect(MAX_SUPPLY).toBeLessThan(2 ** 53);
});

it('result codes have one name each and leave the lane its own range', () => {
  const entries = Object.entries(RESULT_CODES);
  expect(new Set(entries.map(([, n]) => n)).size).toBe(entries.length);
  for (const [name, n] of entries) expect(resultCodeName(n)).toBe(name);
  expect(resultCodeName(31)).toBeUndefined();
  const leaf = toHex(resultLeaf({ id: zeros32, code: 1, fee: 1 }));
  expect(toHex(resultLeaf({ id: zeros32, code: 1, fee: 2 }))).not.toBe(leaf);
  expect(toHex(resultLeaf({ id: zeros32, code: 2, fee: 1 }))).not.toBe(leaf);
});

it('the pool root is bound to every field of every device and to their order, to parameters, trust nodes and assigners', () => {
  const device: PoolDevice = {
    device: 1,
    key: zeros32,
    host: 2,
    maker: 3,
    region: 4,
    owner: 5,
    weight: 6,
    deviceClass: 0,
  };
  const second = { ...device, device: 2 };
  const trustNodes = [{ index: 0, key: zeros32 }];
  const root = (devices: PoolDevice[], change: Partial<PoolContents> = {}) =>
    toHex(poolRoot({ devices, parameters: DEVNET_PARAMETERS, trustNodes, assigners: [], ...change }));
  const base = root([device, second]);
  const changed = (['device', 'host', 'maker', 'region', 'owner', 'weight', 'deviceClass'] as const).map(
    (field) => root([{ ...device, [field]: 9 }, second]),
  );
  const others = [
    root([second, device]),
    root([device]),
    root([device, second], { parameters: { ...DEVNET_PARAMETERS, slashBps: 1 } }),
    root([device, second], { trustNodes: [{ index: 1, key: zeros32 }] }),
    root([device, second], { trustNodes: [{ index: 0, key: new Uint8Array(32).fill(1) }] }),
    root([device, second], { trustNodes: [] }),
    root([device, second], { assigners: [{ index: 0, server: 0, key: zeros32 }] }),
    root([device, second], { assigners: [{ index: 0, server: 1, key: zeros32 }] }),
    root([device, second], { assigners: [{ index: 1, server: 0, key: zeros32 }] }),
  ];
  expect(new Set([base, ...others, ...changed]).size).toBe(17);
});

describe('edge-case signatures in envelopes', () => {
  interface Wycheproof {
    readonly testGroups: readonly {
      readonly publicKey: { readonly pk: string };
      readonly tests: readonly {
        readonly tcId: number;
        readonly sig: string;
        readonly msg: string;
        readonly result: string;
      }[];
    }[];
  }
  const file = new URL('../../../spec/vectors/external/wycheproof_ed25519_test.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Wycheproof;
  const network = new Uint8Array(32).fill(5);
  const accepted = (envelope: Uint8Array) => {
    const decoded = decodeEnvelope(envelope);
    if (!decoded.ok) return false;
    return verify(
      decoded.value.signature,
      transactionId(network, envelope.subarray(68)),
      decoded.value.transaction.sender,
    );
  };
  const make = (sender: Uint8Array) =>
    encodeTransaction({
      sender,
      sequence: 1,
      expiryMs: 9,
      operations: [{ type: 'transfer', to: 1, amount: 1 }],
      memo: new Uint8Array(0),
    });

  it("every signature of Wycheproof's list is refused in a transaction, whatever it is valid for", () => {
    let tried = 0;
    for (const group of vectors.testGroups) {
      const bytes = make(fromHex(group.publicKey.pk)!);
      for (const test of group.tests) {
        const signature = fromHex(test.sig)!;
        const frame = new Uint8Array(68 + bytes.length);
        if (signature.length !== 64) {
          // A signature of another length shifts the frame: it is not even read.
          expect(checkEnvelopeFrame(encodeEnvelope(bytes, signature)).ok, `case ${test.tcId}`).toBe(false);
        } else {
          frame.set(encodeEnvelope(bytes, signature));
          expect(accepted(frame), `case ${test.tcId}`).toBe(false);
        }
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(100);
  });

  it('S + L, a flipped bit, a foreign key and another network are refused; the id does not cover the signature', () => {
    const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(511), (seed, bit) => {
        const keys = keyPairFromSeed(seed);
        const bytes = make(keys.publicKey);
        const signature = sign(transactionId(network, bytes), keys.secretKey);
        expect(accepted(encodeEnvelope(bytes, signature))).toBe(true);
        const s = signature.slice(32).reduceRight((n, byte) => (n << 8n) | BigInt(byte), 0n) + ORDER;
        const malleated = signature.slice();
        for (let i = 0; i < 32; i++) malleated[32 + i] = Number((s >> BigInt(8 * i)) & 0xffn);
        expect(accepted(encodeEnvelope(bytes, malleated))).toBe(false);
        const flipped = signature.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(accepted(encodeEnvelope(bytes, flipped))).toBe(false);
        const other = sign(transactionId(zeros32, bytes), keys.secretKey);
        expect(accepted(encodeEnvelope(bytes, other))).toBe(false);
        const foreign = make(keyPairFromSeed(new Uint8Array(32)).publicKey);
        expect(accepted(encodeEnvelope(foreign, signature))).toBe(seed.every((byte) => byte === 0));
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['the identity', `01${'00'.repeat(31)}`],
    ['the point of order 2', `ec${'ff'.repeat(30)}7f`],
    ['a point of order 4', '00'.repeat(32)],
    ['a point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['a non-canonical identity', `ee${'ff'.repeat(30)}7f`],
    ['bytes that are no point', `02${'00'.repeat(31)}`],
  ])('a sender key that is %s signs nothing', (_what, key) => {
    const bytes = make(fromHex(key)!);
    // R = the key, S = 0: valid for small-order keys wherever the equation alone decides.
    for (const r of [key, `01${'00'.repeat(31)}`]) {
      const signature = new Uint8Array(64);
      signature.set(fromHex(r)!);
      expect(accepted(encodeEnvelope(bytes, signature))).toBe(false);
    }
  });
});
