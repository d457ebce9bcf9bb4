import { Worker } from 'node:worker_threads';

const PROGRAM = new URL('./verify-limit-worker.js', import.meta.url);

/**
 * What two cores can verify at most: bare libsodium Ed25519 verification of 32-byte digests on `threads`
 * threads for `ms`, nothing else running. Signatures per second.
 */
export async function verifyLimit(threads: number, ms: number): Promise<number> {
  const counts = await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(PROGRAM, { workerData: { ms } });
          worker.once('message', (perSecond: number) => resolve(perSecond));
          worker.once('error', reject);
        }),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
