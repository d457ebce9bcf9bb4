import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, assert, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeVerifier, NETWORK, runOf, signedTransfer } from './conformance.js';
import { inlineVerifier } from './inline-verifier.js';
import { answerOf, packedBytes, packRun, unpackRun } from './run-codec.js';
import { startWorkerPool } from './worker-pool.js';

beforeAll(() => {
  const built = fileURLToPath(new URL('../../dist/verify/verify-worker.js', import.meta.url));
  assert(existsSync(built), 'the worker threads run dist: build first (tsc -b)');
});

describeVerifier('inline', inlineVerifier);
describeVerifier('worker pool of 2', (network) => startWorkerPool({ network }));
describeVerifier('worker pool of 1', (network) => startWorkerPool({ network, workers: 1 }));

test('a packed part of a run reads back', () => {
  const envelopes = [1, 2, 3].map((n) => new Uint8Array(n * 5).fill(n));
  const run = runOf(envelopes);
  // A buffer that was used before, and is larger than it has to be.
  const buffer = new Uint8Array(packedBytes(run, 1, 3) + 100).fill(0xee).buffer;
  packRun(run, 1, 3, buffer);
  const { ids, valid } = answerOf(buffer);
  ids.fill(7);
  valid.fill(1);
  const part = unpackRun(buffer);
  expect([...part.offsets]).toEqual([0, 10, 25]);
  expect([...part.bytes]).toEqual([...envelopes[1]!, ...envelopes[2]!]);
  expect([...ids, ...valid]).toEqual([...new Array(64).fill(7), 1, 1]);
});

describe('the worker pool', () => {
  const many = (count: number) =>
    runOf(Array.from({ length: count }, (_, n) => signedTransfer(n % 10).envelope));

  test('refuses what exceeds its limits, and takes it again afterwards', async () => {
    const run = many(100);
    const busy = { name: 'VerifierFaultError', code: 'verifier-busy' };
    for (const limit of [{ maxPending: 250 }, { maxPendingBytes: run.bytes.length * 2.5 }]) {
      const pool = startWorkerPool({ network: NETWORK, ...limit });
      const first = [pool.verify(run), pool.verify(run)];
      await expect(pool.verify(run)).rejects.toMatchObject(busy);
      for (const verified of await Promise.all(first))
        expect(verified.valid.every((v) => v === 1)).toBe(true);
      expect((await pool.verify(run)).valid.length).toBe(100);
      await pool.close();
    }
  });

  test('a buffer that comes back keeps nothing of the run before', async () => {
    const pool = startWorkerPool({ network: NETWORK, workers: 1 });
    await pool.verify(many(8));
    const { ids, valid } = await pool.verify(runOf(Array.from({ length: 8 }, () => new Uint8Array(150))));
    expect([...valid]).toEqual(new Array(8).fill(0));
    expect(ids.every((byte) => byte === 0)).toBe(true);
    await pool.close();
  });

  test('close rejects what is not answered', async () => {
    const pool = startWorkerPool({ network: NETWORK });
    const judged = expect(pool.verify(many(300))).rejects.toMatchObject({ code: 'verifier-closed' });
    await pool.close();
    await judged;
  });

  describe('whose worker dies', () => {
    const program = new URL('./fixtures/dying-worker.mjs', import.meta.url);
    const ended = (memo: number) =>
      runOf([signedTransfer(1).envelope, signedTransfer(2, new Uint8Array([memo])).envelope]);
    let directory: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'iotw-verify-'));
      process.env.IOTW_DYING_WORKER = join(directory, 'mark');
    });
    afterEach(() => {
      delete process.env.IOTW_DYING_WORKER;
      rmSync(directory, { recursive: true, force: true });
    });

    test('repeats the run on a fresh worker', async () => {
      const pool = startWorkerPool({ network: NETWORK, workers: 1, program });
      const runs = [ended(1), ended(0xd2), ended(2), many(150)];
      const answers = await Promise.all(runs.map((run) => pool.verify(run)));
      for (const { valid } of answers) expect(valid.every((v) => v === 1)).toBe(true);
      expect(existsSync(`${process.env.IOTW_DYING_WORKER}-seen`)).toBe(true);
      await pool.close();
    });

    test('gives a run up that ends two workers, and only that', async () => {
      const pool = startWorkerPool({ network: NETWORK, workers: 2, program });
      const broken = expect(pool.verify(ended(0xd1))).rejects.toMatchObject({ code: 'verifier-broken' });
      const others = await Promise.all([
        pool.verify(many(150)),
        pool.verify(ended(3)),
        pool.verify(ended(4)),
      ]);
      for (const { valid } of others) expect(valid.every((v) => v === 1)).toBe(true);
      await broken;
      expect([...(await pool.verify(ended(5))).valid]).toEqual([1, 1]);
      await pool.close();
    });
  });
});
