import type { TransactionVerifier, VerifyRun } from '@iotw/kernel/ports/verifier';
import { describe, expect, test } from 'vitest';
import { VerifyQueue } from './verify-queue.js';

/** Answers run by run when told to; notes how much it holds at once. */
class SlowVerifier implements TransactionVerifier {
  readonly #answers: (() => void)[] = [];
  readonly taken: number[] = [];
  held = 0;
  most = 0;

  verify(run: VerifyRun) {
    const count = run.offsets.length - 1;
    this.taken.push(count);
    this.held += count;
    this.most = Math.max(this.most, this.held);
    const ids = new Uint8Array(32 * count);
    const valid = new Uint8Array(count);
    for (let i = 0; i < count; i++) valid[i] = ids[32 * i] = run.bytes[run.offsets[i]!]!;
    return new Promise<{ ids: Uint8Array; valid: Uint8Array }>((resolve) => {
      this.#answers.push(() => {
        this.held -= count;
        resolve({ ids, valid });
      });
    });
  }

  async answerAll(): Promise<void> {
    while (this.#answers.length > 0) {
      this.#answers.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function runOf(...bytes: number[]): VerifyRun {
  return {
    bytes: Uint8Array.from(bytes),
    offsets: Uint32Array.from({ length: bytes.length + 1 }, (_, i) => i),
  };
}

describe('the queue before the verifier', () => {
  test('never hands over more than the bound, and answers in order', async () => {
    const verifier = new SlowVerifier();
    const queue = new VerifyQueue(verifier, 4);
    const order: number[] = [];
    const runs = [runOf(1, 2, 3), runOf(4), runOf(5, 6), runOf(7)].map((run, i) =>
      queue.verify(run).then((answer) => {
        order.push(i);
        return [...answer.valid];
      }),
    );
    await verifier.answerAll();
    expect(await Promise.all(runs)).toEqual([[1, 2, 3], [4], [5, 6], [7]]);
    expect(order).toEqual([0, 1, 2, 3]);
    expect([verifier.most, verifier.held]).toEqual([4, 0]);
  });

  test('cuts a run above the bound and joins the answers', async () => {
    const verifier = new SlowVerifier();
    const bytes = Array.from({ length: 11 }, (_, i) => i + 1);
    const whole = new VerifyQueue(verifier, 4).verify(runOf(...bytes));
    await verifier.answerAll();
    const { ids, valid } = await whole;
    expect([...valid]).toEqual(bytes);
    expect(bytes.map((_, i) => ids[32 * i])).toEqual(bytes);
    expect([verifier.taken, verifier.most]).toEqual([[4, 4, 3], 4]);
  });

  test('passes a failure on and goes on with the next', async () => {
    let calls = 0;
    const verifier: TransactionVerifier = {
      verify: (run) => {
        calls += 1;
        if (calls === 1) return Promise.reject(new Error('broken'));
        return Promise.resolve({ ids: new Uint8Array(32), valid: run.bytes.slice() });
      },
      close: () => Promise.resolve(),
    };
    const queue = new VerifyQueue(verifier, 1);
    const first = queue.verify(runOf(1));
    const second = queue.verify(runOf(2));
    await expect(first).rejects.toThrow('broken');
    expect([...(await second).valid]).toEqual([2]);
  });
});
