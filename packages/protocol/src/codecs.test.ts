import {
  ByteListType,
  ByteVectorType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  type Type,
  UintNumberType,
  UnionType,
} from '@chainsafe/ssz';
import { equalBytes, fromHex, writeU64 } from '@iotw/kernel/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAssignment, encodeAssignment } from './assignment.js';
import { type Attestation, decodeAttestation, encodeAttestation } from './attestation.js';
import { encodeBody, envelopeAt, readBody } from './body.js';
import {
  AttestationType,
  type CertifiedBlock,
  CertifiedBlockType,
  decodeCertifiedBlock,
  encodeCertifiedBlock,
  HeaderType,
  IncoherentAttemptType,
  MissType,
  VoteType,
} from './certificate.js';
import {
  decodeDeviceResult,
  decodeDeviceStatus,
  encodeDeviceResult,
  encodeDeviceStatus,
} from './device-wire.js';
import { decodeSignedHeader, decodeVote, encodeSignedHeader, encodeVote } from './evidence.js';
import { type Genesis, GenesisType } from './genesis.js';
import { genesisFromJson, genesisToJson } from './genesis-json.js';
import { type BlockHeader, decodeHeader, encodeHeader } from './header.js';
import { MAX_BODY_BYTES } from './limits.js';
import { OPERATION_NAMES, OPERATION_TYPES, type Operation, OperationUnion, Presence } from './operations.js';
import { ParametersType } from './parameters.js';
import { decodePoolDevices, encodePoolDevice, encodePoolDevices, type PoolDevice } from './pool.js';
import { type Receipt, ReceiptType } from './receipt.js';
import { receiptFromJson, receiptToJson } from './receipt-json.js';
import { EpochVoteType, LaneResetType, RoundHeaderType, RoundInputType } from './round.js';
import { Bytes32, Bytes64, bytesUpTo, decodeSsz, U8, U16, U32, U64 } from './ssz.js';
import {
  checkEnvelopeFrame,
  decodeEnvelope,
  decodeOperation,
  ENVELOPE,
  encodeEnvelope,
  encodeTransaction,
  type Transaction,
  TransactionType,
} from './transaction.js';
import {
  envelopeFromJson,
  envelopeToJson,
  transactionFromJson,
  transactionToJson,
} from './transaction-json.js';

const RUNS = { numRuns: 60 };

/** Values of an SSZ type with lists of up to three elements; integers lean to their edges. */
function arbitraryOf(type: Type<unknown>): fc.Arbitrary<unknown> {
  if (type instanceof UintNumberType) {
    const max = type.byteLength === 8 ? Number.MAX_SAFE_INTEGER : 2 ** (8 * type.byteLength) - 1;
    return fc.oneof(fc.constantFrom(0, 1, max - 1, max), fc.integer({ min: 0, max }));
  }
  if (type instanceof ByteVectorType) {
    return fc.uint8Array({ minLength: type.lengthBytes, maxLength: type.lengthBytes });
  }
  if (type instanceof ByteListType) return fc.uint8Array({ maxLength: Math.min(type.limitBytes, 40) });
  if (type instanceof ListCompositeType || type instanceof ListBasicType) {
    return fc.array(arbitraryOf(type.elementType), { maxLength: Math.min(type.limit, 3) });
  }
  if (type instanceof UnionType) {
    return fc.oneof(
      ...(type.types as readonly Type<unknown>[]).map((inner, selector) =>
        arbitraryOf(inner).map((value) => ({ selector, value })),
      ),
    );
  }
  if (type instanceof ContainerType) {
    const fields = Object.entries(type.fields as Record<string, Type<unknown>>);
    return fc.record(Object.fromEntries(fields.map(([name, inner]) => [name, arbitraryOf(inner)])));
  }
  throw new Error(`no arbitrary for ${type.typeName}`);
}

const operations: fc.Arbitrary<Operation> = arbitraryOf(OperationUnion).map((o) => {
  const { selector, value } = o as { selector: number; value: object };
  return { type: OPERATION_NAMES[selector]!, ...value } as Operation;
});
const transactions: fc.Arbitrary<Transaction> = fc.record({
  sender: arbitraryOf(Bytes32) as fc.Arbitrary<Uint8Array>,
  sequence: arbitraryOf(U64) as fc.Arbitrary<number>,
  expiryMs: arbitraryOf(U64) as fc.Arbitrary<number>,
  operations: fc.array(operations, { minLength: 1, maxLength: 4 }),
  memo: fc.oneof(fc.uint8Array({ maxLength: 256 }), fc.constant(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))),
});
const signatures = arbitraryOf(Bytes64) as fc.Arbitrary<Uint8Array>;
const headers = (arbitraryOf(HeaderType) as fc.Arbitrary<BlockHeader>).chain((h) =>
  fc.integer({ min: 1, max: 1024 }).map((count) => ({ ...h, count })),
);
const envelopes = fc
  .tuple(transactions, signatures)
  .map(([tx, s]) => encodeEnvelope(encodeTransaction(tx), s));

/** The definition that the frame check and the in-place readers are measured against. */
const EnvelopeType = new ContainerType({ transaction: TransactionType, signature: Bytes64 });
const AssignmentType = new ContainerType({
  header: HeaderType,
  signature: Bytes64,
  attempt: U8,
  rank: U16,
  device: U32,
  ids: new ListCompositeType(Bytes32, 1024),
});
const BodyType = new ListCompositeType(bytesUpTo(MAX_BODY_BYTES), 1024);
const SignedHeaderType = new ContainerType({ header: HeaderType, signature: Bytes64 });
const PoolDeviceType = new ContainerType({
  device: U32,
  key: Bytes32,
  host: U16,
  maker: U16,
  region: U8,
  owner: U32,
  weight: U32,
  deviceClass: U8,
});

const TYPES: readonly (readonly [string, Type<unknown>])[] = [
  ...OPERATION_NAMES.map((name) => [name, OPERATION_TYPES[name] as Type<unknown>] as const),
  ['transaction', TransactionType as Type<unknown>],
  ['header', HeaderType as Type<unknown>],
  ['attestation', AttestationType as Type<unknown>],
  ['vote', VoteType as Type<unknown>],
  ['miss', MissType as Type<unknown>],
  ['incoherent attempt', IncoherentAttemptType as Type<unknown>],
  ['certified block', CertifiedBlockType as Type<unknown>],
  ['lane reset', LaneResetType as Type<unknown>],
  ['epoch vote', EpochVoteType as Type<unknown>],
  ['round input', RoundInputType as Type<unknown>],
  ['round header', RoundHeaderType as Type<unknown>],
  ['receipt', ReceiptType as Type<unknown>],
  ['parameters', ParametersType as Type<unknown>],
  ['genesis', GenesisType as Type<unknown>],
];

/** A foreign byte string near a good one: cut, lengthened or with bytes changed. */
function spoilt(good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(good, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.integer({ min: -6, max: 6 }))
    .map(([bytes, edits, grow]) => {
      const out = new Uint8Array(Math.max(0, bytes.length + grow));
      out.set(bytes.subarray(0, out.length));
      for (const [at, value] of edits) if (out.length > 0) out[at % out.length] = value;
      return out;
    });
}

describe.each(TYPES)('strict SSZ of %s', (_name, type) => {
  const values = arbitraryOf(type);

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decodeSsz(type, type.serialize(value), 'value')).toEqual({ ok: true, value });
      }),
      RUNS,
    );
  });

  it('has one encoding per value: cut at any byte, lengthened or changed it is another value or refused', () => {
    const holds = (bytes: Uint8Array) => {
      const decoded = decodeSsz(type, bytes, 'value');
      if (decoded.ok) expect(type.serialize(decoded.value)).toEqual(bytes);
      else expect(decoded.error.code).toBe('malformed');
      return decoded.ok;
    };
    const [sample] = fc.sample(values, { seed: 7, numRuns: 1 });
    const bytes = type.serialize(sample);
    for (let cut = 0; cut < Math.min(bytes.length, 2000); cut++) {
      expect(holds(bytes.subarray(0, cut)) && type.fixedSize !== null).toBe(false);
    }
    fc.assert(
      fc.property(spoilt(values.map((v) => type.serialize(v))), (b) => void holds(b)),
      RUNS,
    );
  });
});

describe('uint64 above 2^53-1', () => {
  const above = (high: number) => {
    const b = new Uint8Array(8);
    writeU64(b, 0, 2 ** 53 - 1);
    b[7] = high;
    return b;
  };
  it.each([[0x20], [0x80], [0xff]])('is refused with the high byte %i', (high) => {
    expect(decodeSsz(U64, above(high), 'amount')).toMatchObject({ ok: false, error: { code: 'malformed' } });
  });
  it('is refused at 2^53 exactly and accepted below', () => {
    const b = new Uint8Array(8);
    b[6] = 0x20;
    expect(decodeSsz(U64, b, 'amount').ok).toBe(false);
    writeU64(b, 0, Number.MAX_SAFE_INTEGER);
    expect(decodeSsz(U64, b, 'amount')).toEqual({ ok: true, value: Number.MAX_SAFE_INTEGER });
  });
  it('is refused in every hand-written reader', () => {
    const header = encodeHeader({
      lane: 0,
      incarnation: 0,
      height: 1,
      previous: new Uint8Array(32),
      root: new Uint8Array(32),
      count: 1,
      timeMs: 0,
      epoch: 0,
      refRound: 0,
    });
    for (const at of [6, 80, 92]) {
      const bad = header.slice();
      bad[at + 7] = 1;
      expect(decodeHeader(bad).ok).toBe(false);
      expect(decodeSsz(HeaderType, bad, 'header').ok).toBe(false);
    }
    const attestation = new Uint8Array(189);
    attestation[13] = 1;
    expect(decodeAttestation(attestation).ok).toBe(false);
    const [envelope] = fc.sample(envelopes, { seed: 3, numRuns: 1 });
    for (const at of [ENVELOPE.sequence, ENVELOPE.expiryMs]) {
      const bad = envelope!.slice();
      bad[at + 7] = 0x20;
      expect(checkEnvelopeFrame(bad)).toMatchObject({ ok: false, error: { code: 'transaction-malformed' } });
    }
  });
});

describe('hand-written codecs equal their SSZ definition', () => {
  const pairs: readonly (readonly [
    string,
    Type<unknown>,
    fc.Arbitrary<unknown>,
    (value: never) => Uint8Array,
    (bytes: Uint8Array) => { ok: boolean; value?: unknown },
  ])[] = [
    ['header', HeaderType as Type<unknown>, headers, encodeHeader, decodeHeader],
    [
      'attestation',
      AttestationType as Type<unknown>,
      arbitraryOf(AttestationType),
      encodeAttestation,
      decodeAttestation,
    ],
    [
      'signed header',
      SignedHeaderType as Type<unknown>,
      fc.record({ header: headers, signature: signatures }),
      encodeSignedHeader,
      decodeSignedHeader,
    ],
    ['vote', VoteType as Type<unknown>, arbitraryOf(VoteType), encodeVote, decodeVote],
    [
      'certified block',
      CertifiedBlockType as Type<unknown>,
      arbitraryOf(CertifiedBlockType) as fc.Arbitrary<CertifiedBlock>,
      encodeCertifiedBlock,
      decodeCertifiedBlock,
    ],
  ];

  it.each(pairs)('%s', (_name, type, values, encode, decode) => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(value as never);
        expect(bytes).toEqual(type.serialize(value));
        expect(decode(bytes)).toEqual({ ok: true, value });
      }),
      RUNS,
    );
    // What the reader accepts, strict SSZ accepts as the same value (a header also bounds its count).
    fc.assert(
      fc.property(spoilt(values.map((v) => encode(v as never))), (bytes) => {
        const own = decode(bytes);
        const ssz = decodeSsz(type, bytes, 'value');
        if (own.ok) expect(ssz).toEqual(own);
        const count = ssz.ok ? ((ssz.value as { count?: number }).count ?? 1) : 1;
        if (own.ok) expect(count >= 1 && count <= 1024).toBe(true);
        if (ssz.ok && !own.ok && type !== (SignedHeaderType as Type<unknown>))
          expect(count < 1 || count > 1024).toBe(true);
      }),
      RUNS,
    );
  });

  it('assignment', () => {
    const values = headers.chain((header) =>
      fc.record({
        header: fc.constant({ ...header, count: (header.count % 5) + 1 }),
        signature: signatures,
        attempt: fc.nat(255),
        rank: fc.nat(65_535),
        device: fc.nat(0xffff_ffff),
      }),
    );
    fc.assert(
      fc.property(values, fc.uint8Array({ minLength: 160, maxLength: 160 }), (a, pool) => {
        const ids = pool.slice(0, 32 * a.header.count);
        const bytes = encodeAssignment({ ...a, ids });
        const list = Array.from({ length: a.header.count }, (_, i) => ids.slice(32 * i, 32 * i + 32));
        expect(bytes).toEqual(AssignmentType.serialize({ ...a, ids: list }));
        expect(decodeAssignment(bytes)).toEqual({ ok: true, value: { ...a, ids } });
        for (let cut = 0; cut < bytes.length; cut++)
          expect(decodeAssignment(bytes.subarray(0, cut)).ok).toBe(false);
        expect(decodeAssignment(new Uint8Array([...bytes, 0])).ok).toBe(false);
        const moved = bytes.slice();
        moved[171] = 174;
        expect(decodeAssignment(moved).ok).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  it('body: what readBody accepts is a canonical SSZ list of non-empty envelopes, and the other way round', () => {
    const good = fc
      .array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 6 })
      .map((list) => {
        const body = encodeBody(list);
        expect(body.bytes).toEqual(BodyType.serialize(list));
        expect(list.map((_, i) => envelopeAt(body, i))).toEqual(list);
        return body.bytes;
      });
    fc.assert(
      fc.property(spoilt(good), (bytes) => {
        const own = readBody(bytes);
        const ssz = decodeSsz(BodyType, bytes, 'body');
        const wanted = ssz.ok && ssz.value.length > 0 && ssz.value.every((e) => e.length > 0);
        expect(own.ok).toBe(wanted);
        if (own.ok && ssz.ok) expect(ssz.value.map((_, i) => envelopeAt(own.value, i))).toEqual(ssz.value);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, string]>([
    ['an empty envelope in the middle', '0c0000000d0000000d000000aabb'],
    ['an empty envelope at the end', '080000000a000000aabb'],
    ['offsets that go back', '0c0000000e0000000d000000aabbcc'],
    ['an offset behind the end', '080000000b000000aabb'],
    ['a table that is no whole number of offsets', '07000000aabbcc'],
    ['an empty table', '00000000aa'],
    ['a table behind the end', '08000000'],
    ['no bytes', ''],
  ])('body: refuses %s', (_what, bytes) => {
    expect(readBody(fromHex(bytes)!)).toMatchObject({ ok: false, error: { code: 'malformed' } });
  });

  it('header: refuses a count outside 1..1024', () => {
    const [header] = fc.sample(headers, { seed: 1, numRuns: 1 });
    for (const count of [0, 1025, 65_535])
      expect(decodeHeader(encodeHeader({ ...header!, count })).ok).toBe(false);
    for (const count of [1, 1024]) expect(decodeHeader(encodeHeader({ ...header!, count })).ok).toBe(true);
  });

  it('pool device', () => {
    fc.assert(
      fc.property(arbitraryOf(PoolDeviceType), (d) => {
        expect(encodePoolDevice(d as PoolDevice)).toEqual(PoolDeviceType.serialize(d as PoolDevice));
      }),
      RUNS,
    );
  });

  it('a pool of more devices than a call takes arguments', () => {
    const one = {
      key: new Uint8Array(32).fill(1),
      host: 1,
      maker: 1,
      region: 1,
      owner: 7,
      weight: 1,
      deviceClass: 3,
    };
    const devices = Array.from({ length: 150_000 }, (_, device) => ({ ...one, device }));
    expect(decodePoolDevices(encodePoolDevices(devices))?.at(-1)).toEqual(devices.at(-1));
  });

  it('device result and status', () => {
    fc.assert(
      fc.property(arbitraryOf(AttestationType), arbitraryOf(Presence), fc.nat(255), (a, ticket, code) => {
        const attestation = a as Attestation;
        const result = encodeDeviceResult({ kind: 'attestation', attestation });
        expect(result).toEqual(Uint8Array.of(0, ...AttestationType.serialize(attestation)));
        expect(decodeDeviceResult(result)).toEqual({ ok: true, value: { kind: 'attestation', attestation } });
        const refusal = encodeDeviceResult({ kind: 'refusal', code });
        expect(decodeDeviceResult(refusal)).toEqual({ ok: true, value: { kind: 'refusal', code } });
        const status = encodeDeviceStatus({ kind: 'presence', ticket: ticket as never });
        expect(status).toEqual(Uint8Array.of(1, ...Presence.serialize(ticket as never)));
        expect(decodeDeviceStatus(status)).toEqual({ ok: true, value: { kind: 'presence', ticket } });
        for (const bytes of [result, refusal]) {
          for (let cut = 0; cut < bytes.length; cut++)
            expect(decodeDeviceResult(bytes.subarray(0, cut)).ok).toBe(false);
          expect(decodeDeviceResult(Uint8Array.of(...bytes, 0)).ok).toBe(false);
        }
        for (let cut = 0; cut < status.length; cut++)
          expect(decodeDeviceStatus(status.subarray(0, cut)).ok).toBe(false);
        expect(decodeDeviceStatus(Uint8Array.of(...status, 0)).ok).toBe(false);
      }),
      { numRuns: 10 },
    );
    expect(decodeDeviceStatus(encodeDeviceStatus({ kind: 'offline' }))).toEqual({
      ok: true,
      value: { kind: 'offline' },
    });
  });
});

describe('envelopes', () => {
  /** Strict SSZ says yes, and there is an operation. */
  const strict = (b: Uint8Array) => {
    const decoded = decodeSsz(EnvelopeType, b, 'envelope');
    return decoded.ok && decoded.value.transaction.operations.length > 0;
  };

  it('are the SSZ container of transaction and signature', () => {
    fc.assert(
      fc.property(transactions, signatures, (tx, signature) => {
        const envelope = encodeEnvelope(encodeTransaction(tx), signature);
        expect(strict(envelope)).toBe(true);
        expect(checkEnvelopeFrame(envelope)).toEqual({ ok: true, value: { count: tx.operations.length } });
        expect(decodeEnvelope(envelope)).toEqual({ ok: true, value: { transaction: tx, signature } });
      }),
      RUNS,
    );
  });

  it('the frame check accepts whatever strict decoding accepts, and both decoders agree', () => {
    let accepted = 0;
    fc.assert(
      fc.property(spoilt(envelopes), (b) => {
        const decoded = decodeEnvelope(b);
        expect(decoded.ok).toBe(strict(b));
        if (decoded.ok) accepted++;
        if (strict(b)) expect(checkEnvelopeFrame(b).ok).toBe(true);
        if (decoded.ok) {
          const again = encodeEnvelope(encodeTransaction(decoded.value.transaction), decoded.value.signature);
          expect(equalBytes(again, b)).toBe(true);
        } else expect(decoded.error.code).toBe('transaction-malformed');
      }),
      { numRuns: 1500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('an operation in place decodes to what whole decoding gives', () => {
    fc.assert(
      fc.property(operations, (operation) => {
        const bytes = OperationUnion.serialize({
          selector: OPERATION_NAMES.indexOf(operation.type),
          value: operation,
        } as never);
        expect(decodeOperation(bytes)).toEqual({ ok: true, value: operation });
      }),
      RUNS,
    );
    expect(decodeOperation(new Uint8Array(0)).ok).toBe(false);
    expect(decodeOperation(Uint8Array.of(14)).ok).toBe(false);
    expect(decodeOperation(Uint8Array.of(0, 1)).ok).toBe(false);
  });

  it.each([
    ['no bytes', 0],
    ['a byte short of the smallest frame', ENVELOPE.operations + 3],
  ])('refuse %s', (_what, length) => {
    expect(checkEnvelopeFrame(new Uint8Array(length)).ok).toBe(false);
  });

  /** One transfer and a memo of n bytes: frame 124, offset table 4, operation 13, memo. */
  const framed = (memo: number) =>
    encodeEnvelope(
      encodeTransaction({
        sender: new Uint8Array(32),
        sequence: 1,
        expiryMs: 1,
        operations: [
          { type: 'transfer', to: 1, amount: 1 },
          { type: 'transfer', to: 2, amount: 2 },
        ],
        memo: new Uint8Array(memo),
      }),
      new Uint8Array(64),
    );
  const patched = (bytes: Uint8Array, at: number, value: number) => {
    const out = bytes.slice();
    out[at] = value;
    return out;
  };

  it.each<[string, Uint8Array]>([
    ['whose transaction does not follow the signature', patched(framed(0), 0, 64)],
    ['whose operations do not follow the fixed fields', patched(framed(0), ENVELOPE.operationsOffset, 60)],
    ['whose memo begins before the operations end', patched(framed(0), ENVELOPE.memoOffset, 59)],
    ['whose memo begins behind the end', patched(framed(0), ENVELOPE.memoOffset, 200)],
    ['with a memo of 257 bytes', Uint8Array.of(...framed(256), 0)],
    ['whose offset table is no whole number of offsets', patched(framed(0), ENVELOPE.operations, 9)],
    ['whose offset table is empty', patched(framed(0), ENVELOPE.operations, 0)],
    ['whose offset table reaches behind the end', patched(framed(0), ENVELOPE.operations, 64)],
    ['with an empty operation', patched(framed(0), ENVELOPE.operations + 4, 8)],
    ['with an operation behind the end', patched(framed(0), ENVELOPE.operations + 4, 99)],
    ['with an unknown operation', patched(framed(0), ENVELOPE.operations + 8, OPERATION_NAMES.length)],
  ])('the frame check alone refuses one %s', (_what, bytes) => {
    expect(checkEnvelopeFrame(bytes)).toMatchObject({ ok: false, error: { code: 'transaction-malformed' } });
  });

  it('may have a memo of 256 bytes', () => {
    expect(decodeEnvelope(framed(256)).ok).toBe(true);
    expect(checkEnvelopeFrame(framed(256))).toEqual({ ok: true, value: { count: 2 } });
  });

  it('refuse more than 131,072 bytes before anything else', () => {
    expect(checkEnvelopeFrame(new Uint8Array(131_073))).toMatchObject({
      ok: false,
      error: { code: 'transaction-too-large' },
    });
  });

  it('hold 1 to 1,024 operations', () => {
    const make = (n: number) =>
      encodeEnvelope(
        encodeTransaction({
          sender: new Uint8Array(32),
          sequence: 1,
          expiryMs: 1,
          operations: Array.from({ length: n }, () => ({ type: 'transfer', to: 1, amount: 1 }) as const),
          memo: new Uint8Array(0),
        }),
        new Uint8Array(64),
      );
    expect(checkEnvelopeFrame(make(1024))).toEqual({ ok: true, value: { count: 1024 } });
    expect(decodeEnvelope(make(0)).ok).toBe(false);
    const many = make(1024);
    // One entry more in the offset table, as a foreign encoder would write it.
    const bad = new Uint8Array(many.length + 4);
    bad.set(many.subarray(0, ENVELOPE.operations));
    bad.set(many.subarray(ENVELOPE.operations), ENVELOPE.operations + 4);
    bad.set([4, 0x10, 0, 0], ENVELOPE.operations);
    expect(decodeEnvelope(bad)).toMatchObject({ ok: false, error: { code: 'transaction-malformed' } });
  });
});

describe('JSON forms', () => {
  const network = new Uint8Array(32).fill(9);

  it('transactions and envelopes come back exactly, also through text', () => {
    fc.assert(
      fc.property(
        transactions,
        signatures,
        fc.constantFrom('iotw' as const, 'tiotw' as const),
        (tx, signature, prefix) => {
          const json = JSON.parse(JSON.stringify(transactionToJson(tx, prefix)));
          expect(transactionFromJson(json, prefix)).toEqual({ ok: true, value: tx });
          const envelope = JSON.parse(
            JSON.stringify(envelopeToJson(network, { transaction: tx, signature }, prefix)),
          );
          const back = envelopeFromJson(network, envelope, prefix);
          expect(back.ok && back.value.envelope).toEqual(encodeEnvelope(encodeTransaction(tx), signature));
          expect(back.ok && back.value.transaction).toEqual(tx);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('genesis and receipt come back exactly, also through text', () => {
    fc.assert(
      fc.property(arbitraryOf(GenesisType), arbitraryOf(ReceiptType), (g, r) => {
        const genesis = g as Genesis;
        const whole = {
          ...genesis,
          testnet: genesis.testnet % 2,
          parameters: { ...genesis.parameters, adjudicate: genesis.parameters.adjudicate % 2 },
        };
        expect(genesisFromJson(JSON.parse(JSON.stringify(genesisToJson(whole))))).toEqual({
          ok: true,
          value: whole,
        });
        const receipt = JSON.parse(JSON.stringify(receiptToJson(r as Receipt)));
        expect(receiptFromJson(receipt)).toEqual({ ok: true, value: r });
      }),
      { numRuns: 100 },
    );
  });

  it('never throw, whatever they are given', () => {
    const hostile = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }),
      fc.json().map((t) => JSON.parse(t)),
    );
    fc.assert(
      fc.property(hostile, (json) => {
        for (const result of [
          transactionFromJson(json, 'iotw'),
          transactionFromJson(
            { sender: json, sequence: json, expiryMs: json, operations: [json], memo: json },
            'iotw',
          ),
          envelopeFromJson(network, json, 'tiotw'),
          genesisFromJson(json),
          receiptFromJson(json),
        ]) {
          expect(result.ok).toBe(false);
          if (!result.ok) expect(typeof result.error.data?.pointer).toBe('string');
        }
      }),
      { numRuns: 500 },
    );
  });
});
