import { RESULT_CODES } from '@iotw/protocol/result';
import { describe, expect, it } from 'vitest';
import { decide, newSubmission, type Submission, UNDECIDED } from '../intake/submission.js';
import { ProofQueue } from './proof-queue.js';

const proof = (n: number) =>
  ({ type: 'evidence', kind: n, first: new Uint8Array(0), second: new Uint8Array(0) }) as const;
const send = (): Submission =>
  newSubmission({ bytes: new Uint8Array(1), offsets: Uint32Array.of(0, 1) }, undefined);

describe('proofs of a trust node', () => {
  it.each([
    ['that was applied', RESULT_CODES.ok, false],
    ['that another sent before', RESULT_CODES['evidence-repeated'], false],
    ['that proves nothing', RESULT_CODES['evidence-not-proof'], false],
    ['whose result passed by', 0xff01, false],
    ['whose fee was not there', RESULT_CODES['fee-unpaid'], true],
    ['that came too late into a block', RESULT_CODES['transaction-expired'], true],
    ['that found no room', UNDECIDED, true],
  ])('%s', (_, code, again) => {
    const queue = new ProofQueue();
    queue.add(proof(2));
    const submission = queue.next(4, send)!;
    expect(queue.next(4, send)).toBeUndefined();
    if (code !== UNDECIDED) decide(submission, 0, code);
    queue.decided(submission, 4);
    // Not in the same epoch: its money comes with the next.
    expect(queue.next(4, send)).toBeUndefined();
    expect(queue.next(5, send) !== undefined).toBe(again);
  });

  it('come again at most eight times, and are at most 64 at once', () => {
    const queue = new ProofQueue();
    queue.add(proof(2));
    let sent = 0;
    for (let epoch = 0; epoch < 20; epoch++) {
      const submission = queue.next(epoch, send);
      if (submission === undefined) continue;
      sent += 1;
      queue.decided(submission, epoch);
    }
    expect(sent).toBe(8);
    for (let n = 0; n < 100; n++) queue.add(proof(n));
    for (sent = 0; queue.next(0, send) !== undefined; ) sent += 1;
    expect(sent).toBe(64);
    queue.add(proof(1));
    expect(queue.next(0, send)).toBeUndefined();
  });
});
