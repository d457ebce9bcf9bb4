import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '@iotw/kernel/assert';
import { EnvelopeVerifier } from './envelope-verifier.js';
import { answerOf, unpackRun } from './run-codec.js';

// The thread behind worker-pool.ts: takes whole runs, answers with their ids and outcomes.
const port = parentPort;
assert(port !== null, 'verify-worker runs as a worker thread');
const verifier = new EnvelopeVerifier((workerData as { network: Uint8Array }).network);

port.on('message', ({ job, buffer }: { job: number; buffer: ArrayBuffer }) => {
  const { ids, valid } = answerOf(buffer);
  // The buffer was used before.
  ids.fill(0);
  verifier.verifyRun(unpackRun(buffer), ids, valid);
  port.postMessage({ job, buffer }, [buffer]);
});
