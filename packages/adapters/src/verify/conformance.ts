import { writeU32, writeU64 } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import type { TransactionVerifier, VerifyRun } from '@iotw/kernel/ports/verifier';
import { encodeEnvelope, signTransaction, transactionId } from '@iotw/protocol/transaction';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

export const NETWORK = new Uint8Array(32).fill(7);
const OTHER_NETWORK = new Uint8Array(32).fill(8);

/** A signed transfer; `n` makes it differ, `memo` is its last bytes. */
export function signedTransfer(n: number, memo = new Uint8Array(0), network = NETWORK) {
  const keys = keyPairFromSeed(new Uint8Array(32).fill(1 + (n % 5)));
  const operations = [{ type: 'transfer', to: n, amount: 1_000 + n } as never];
  return signTransaction(
    network,
    { sender: keys.publicKey, sequence: n, expiryMs: 1_900_000_000_000, operations, memo },
    keys,
  );
}

/** Envelopes one after another, at an odd place in a larger buffer. */
export function runOf(envelopes: readonly Uint8Array[], shared = false): VerifyRun {
  const length = envelopes.reduce((sum, envelope) => sum + envelope.length, 0);
  const bytes = new Uint8Array(
    shared ? new SharedArrayBuffer(length + 8) : new ArrayBuffer(length + 8),
    3,
    length,
  );
  const offsets = new Uint32Array(envelopes.length + 1);
  let at = 0;
  for (const [i, envelope] of envelopes.entries()) {
    bytes.set(envelope, at);
    at += envelope.length;
    offsets[i + 1] = at;
  }
  return { bytes, offsets };
}

const good = signedTransfer(3, new Uint8Array([1, 2, 3]));

function changed(change: (envelope: Uint8Array) => void): Uint8Array {
  const copy = good.envelope.slice();
  change(copy);
  return copy;
}

/** `at` counts from the end where negative. */
function flipped(at: number, bits: number): Uint8Array {
  return changed((envelope) => {
    const i = at < 0 ? envelope.length + at : at;
    envelope[i] = envelope[i]! ^ bits;
  });
}

/** The group order L of Ed25519 (RFC 8032, 5.1), little-endian. */
const ORDER = Uint8Array.from(
  Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex'),
);

function addOrder(envelope: Uint8Array): void {
  let carry = 0;
  for (let i = 0; i < 32; i++) {
    const sum = envelope[36 + i]! + ORDER[i]! + carry;
    envelope[36 + i] = sum & 0xff;
    carry = sum >> 8;
  }
}

/** Key and R of order 1 with S = 0: the bare equation holds for every message. */
function smallOrderForgery(): Uint8Array {
  const transaction = good.envelope.slice(68);
  transaction.fill(0, 0, 32);
  transaction[0] = 1;
  const signature = new Uint8Array(64);
  signature[0] = 1;
  return encodeEnvelope(transaction, signature);
}

const CASES: readonly (readonly [name: string, envelope: Uint8Array, valid: 0 | 1, readable: boolean])[] = [
  ['as signed', good.envelope, 1, true],
  ['a bit of R flipped', flipped(4, 1), 0, true],
  ['a bit of S flipped', flipped(40, 128), 0, true],
  ['S + L', changed(addOrder), 0, true],
  ['a bit of the sender flipped', flipped(70, 16), 0, true],
  ['another sequence', changed((e) => writeU64(e, 100, 4)), 0, true],
  ['another expiry', changed((e) => writeU64(e, 108, 1_900_000_000_001)), 0, true],
  ['a bit of the memo flipped', flipped(-1, 2), 0, true],
  ['all zero signature', changed((e) => void e.fill(0, 4, 68)), 0, true],
  ['a small-order key', smallOrderForgery(), 0, true],
  ['signed for another network', signedTransfer(3, new Uint8Array(0), OTHER_NETWORK).envelope, 0, true],
  ['one byte longer', Uint8Array.from([...good.envelope, 0]), 0, true],
  ['one byte shorter', good.envelope.slice(0, -1), 0, true],
  ['another frame offset', changed((e) => writeU32(e, 0, 72)), 0, false],
  ['another operations offset', changed((e) => writeU32(e, 116, 60)), 0, false],
  ['cut before its operations', good.envelope.slice(0, 100), 0, false],
  ['empty', new Uint8Array(0), 0, false],
];

/** Registers the suite every TransactionVerifier passes. */
export function describeVerifier(name: string, open: (network: Uint8Array) => TransactionVerifier): void {
  describe(`verifier conformance: ${name}`, () => {
    let verifier: TransactionVerifier;
    beforeAll(() => {
      verifier = open(NETWORK);
    });
    afterAll(() => verifier.close());

    test.each(CASES)('%s', async (_, envelope, valid, readable) => {
      const verified = await verifier.verify(runOf([envelope]));
      expect([...verified.valid]).toEqual([valid]);
      const id = readable ? transactionId(NETWORK, envelope.subarray(68)) : new Uint8Array(32);
      expect(verified.ids).toEqual(id);
    });

    test('all cases in one run, each judged alone', async () => {
      const envelopes = [...CASES, ...CASES].map(([, envelope]) => envelope);
      const verified = await verifier.verify(runOf(envelopes));
      expect([...verified.valid]).toEqual([...CASES, ...CASES].map(([, , valid]) => valid));
    });

    test('an empty run', async () => {
      expect(await verifier.verify(runOf([]))).toEqual({ ids: new Uint8Array(0), valid: new Uint8Array(0) });
    });

    test('bytes on shared memory', async () => {
      const verified = await verifier.verify(runOf([good.envelope, good.envelope], true));
      expect([...verified.valid]).toEqual([1, 1]);
    });

    test('a run that is a part of a larger one', async () => {
      const whole = runOf([0, 1, 2, 3, 4].map((n) => signedTransfer(n).envelope));
      const verified = await verifier.verify({ bytes: whole.bytes, offsets: whole.offsets.subarray(1, 5) });
      expect([...verified.valid]).toEqual([1, 1, 1]);
      expect(verified.ids.subarray(0, 32)).toEqual(signedTransfer(1).id);
    });

    test('runs of any size and mix, many at once', async () => {
      const pool = Array.from({ length: 20 }, (_, n) => signedTransfer(n, new Uint8Array(n)));
      const bad = pool.map(({ envelope }, n) => {
        const copy = envelope.slice();
        copy[4 + n]! ^= 1 << (n % 8);
        return copy;
      });
      const pick = fc.record({ n: fc.nat({ max: 19 }), valid: fc.boolean() });
      const runs = fc.array(fc.array(pick, { maxLength: 200 }), { maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(runs, async (picks) => {
          const answers = await Promise.all(
            picks.map((run) =>
              verifier.verify(runOf(run.map((p) => (p.valid ? pool[p.n]!.envelope : bad[p.n]!)))),
            ),
          );
          for (const [i, run] of picks.entries()) {
            expect([...answers[i]!.valid]).toEqual(run.map((p) => (p.valid ? 1 : 0)));
            expect(answers[i]!.ids).toEqual(Uint8Array.from(run.flatMap((p) => [...pool[p.n]!.id])));
          }
        }),
        { numRuns: 15 },
      );
    });

    test.each([
      ['no offsets at all', new Uint32Array([])],
      ['offsets beyond the bytes', new Uint32Array([0, 9])],
      ['descending offsets', new Uint32Array([0, 4, 2])],
    ])('%s is a bug of the caller', async (_, offsets) => {
      const judged = (async () => verifier.verify({ bytes: new Uint8Array(8), offsets }))();
      await expect(judged).rejects.toThrow('offsets');
    });

    test('after close it refuses', async () => {
      const other = open(NETWORK);
      await other.close();
      await other.close();
      await expect(other.verify(runOf([good.envelope]))).rejects.toMatchObject({ code: 'verifier-closed' });
    });
  });
}
