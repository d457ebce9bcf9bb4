import type { Backend, NodeStatus, SubmitOutcome } from '@iotw/api/backend';
import type { Store } from '@iotw/kernel/ports/store';
import { StoreFaultError } from '@iotw/kernel/ports/store';
import { type Failure, ok, type Result } from '@iotw/kernel/result';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GuardedStore, storeFault } from './guarded-store.js';
import { Halt, HaltingBackend } from './halting-backend.js';

const RUN = { bytes: new Uint8Array(0), offsets: Uint32Array.of(0) };
const FULL: Failure = { code: 'store-full', message: 'It is full.' };
const OUTCOME: SubmitOutcome = { count: 0, ids: new Uint8Array(0), codes: new Uint16Array(0) };

/** A node that decides when told to. */
function node() {
  const answers: ((outcome: Result<SubmitOutcome>) => void)[] = [];
  const backend = {
    submit: () => new Promise<Result<SubmitOutcome>>((resolve) => answers.push(resolve)),
    status: () => ({ ready: true }) as NodeStatus,
  } as unknown as Backend;
  return { answers, backend: new HaltingBackend(backend) };
}

describe('a backend that halts', () => {
  test('answers what waits and what comes with the code of the first fault', async () => {
    const { backend } = node();
    const waiting = backend.submit(RUN, 'final');
    backend.halt(FULL);
    backend.halt({ code: 'ledger-halted', message: 'Later.' });
    const late = await backend.submit(RUN, 'accepted');
    for (const answer of [await waiting, late]) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'store-full' } });
      expect(!answer.ok && answer.error.message).toMatch(
        /^The node stops: It is full\. .*send the same bytes/,
      );
    }
    expect(backend.status().ready).toBe(false);
  });

  test('leaves what was decided before as it was', async () => {
    const { backend, answers } = node();
    const decided = backend.submit(RUN, 'final');
    answers[0]!(ok(OUTCOME));
    expect(await decided).toEqual(ok(OUTCOME));
    backend.halt(FULL);
    expect(await decided).toEqual(ok(OUTCOME));
  });
});

describe('the end of a node', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('comes once, by the first fault, after the answers', async () => {
    const ends: string[] = [];
    const halt = new Halt(({ code }) => ends.push(code));
    const { backend } = node();
    halt.tell(backend);
    halt.begin();
    const waiting = backend.submit(RUN, 'final');
    halt.now(FULL);
    halt.now({ code: 'ledger-halted', message: '' });
    expect(await waiting).toMatchObject({ error: { code: 'store-full' } });
    expect(ends).toEqual([]);
    vi.runAllTimers();
    expect(ends).toEqual(['store-full']);
  });

  test('comes at once where the disk failed', () => {
    const ends: string[] = [];
    const halt = new Halt(({ code }) => ends.push(code));
    halt.begin();
    halt.now({ code: 'store-io', message: '' });
    expect(ends).toEqual(['store-io']);
  });

  test('waits for the end of the start', () => {
    const ends: string[] = [];
    const halt = new Halt(({ code }) => ends.push(code));
    halt.now({ code: 'store-io', message: '' });
    expect(ends).toEqual([]);
    halt.begin();
    expect(ends).toEqual(['store-io']);
  });
});

describe('a store whose reads fail', () => {
  const failing = (error: Error) =>
    ({
      get: () => {
        throw error;
      },
      // biome-ignore lint/correctness/useYield: it fails at its first entry.
      range: function* () {
        throw error;
      },
    }) as unknown as Store;

  test.each([
    ['store-io', ['store-io', 'store-io']],
    ['store-corrupt', ['store-corrupt', 'store-corrupt']],
    ['store-closed', []],
  ] as const)('%s is told as %j, and thrown', (code, told) => {
    const faults: string[] = [];
    const store = new GuardedStore(failing(new StoreFaultError(code, 'why')), (fault) => {
      faults.push(fault.code);
    });
    expect(() => store.get('rounds', Uint8Array.of(1))).toThrow('why');
    expect(() => [...store.range('rounds', {})]).toThrow('why');
    expect(faults).toEqual(told);
  });

  test('other errors are bugs and no faults', () => {
    expect(storeFault(new Error('bug'))).toBeUndefined();
    const store = new GuardedStore(failing(new Error('bug')), () => expect.unreachable());
    expect(() => store.get('rounds', Uint8Array.of(1))).toThrow('bug');
  });
});
