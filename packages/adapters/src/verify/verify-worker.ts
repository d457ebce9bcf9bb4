import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '@iotw/kernel/assert';
import { EnvelopeVerifier, ID_BYTES } from './envelope-verifier.js';
import { ANSWER_BYTES, unpackRun } from './run-codec.js';

// The thread behind worker-pool.ts: takes whole runs, answers with their ids and outcomes.
const port = parentPort;
assert(port !== null, 'verify-worker runs as a worker thread');
const verifier = new EnvelopeVerifier((workerData as { network: Uint8Array }).network);

port.on('message', ({ job, buffer }: { job: number; buffer: ArrayBuffer }) => {
  const run = unpackRun(buffer);
  const count = run.offsets.length - 1;
  const answer = new ArrayBuffer(count * ANSWER_BYTES);
  const ids = new Uint8Array(answer, 0, count * ID_BYTES);
  verifier.verifyRun(run, ids, new Uint8Array(answer, count * ID_BYTES));
  port.postMessage({ job, buffer: answer }, [answer]);
});
