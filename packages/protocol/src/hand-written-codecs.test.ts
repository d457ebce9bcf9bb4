import { ContainerType, ListCompositeType, type Type } from '@chainsafe/ssz';
import { fromHex, writeU64 } from '@iotw/kernel/bytes';
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
  VoteType,
} from './certificate.js';
import {
  decodeDeviceResult,
  decodeDeviceStatus,
  encodeDeviceResult,
  encodeDeviceStatus,
} from './device-wire.js';
import { decodeSignedHeader, decodeVote, encodeSignedHeader, encodeVote } from './evidence.js';
import { decodeHeader, encodeHeader } from './header.js';
import { MAX_BODY_BYTES } from './limits.js';
import { Presence } from './operations.js';
import { decodePoolDevices, encodePoolDevice, encodePoolDevices, type PoolDevice } from './pool.js';
import { Bytes32, Bytes64, bytesUpTo, decodeSsz, U8, U16, U32, U64 } from './ssz.js';
import { arbitraryOf, envelopes, headers, RUNS, signatures, spoilt } from './test-arbitrary.js';
import { checkEnvelopeFrame, ENVELOPE } from './transaction.js';

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
