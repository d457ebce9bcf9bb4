import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { fail } from '@iotw/kernel/result';
import { describe, expect, test, vi } from 'vitest';
import { CommitQueue } from './commit-queue.js';

const write = (name: string): Write => ({ table: 't', key: utf8(name), value: utf8(name) });

/** A store and the names of what each commit wrote. */
function watched(): { readonly store: Store; readonly committed: string[][] } {
  const store = openMemoryStore();
  const committed: string[][] = [];
  const commit: Store['commit'] = (writes) => {
    committed.push(writes.map(({ key }) => Buffer.from(key).toString()));
    return store.commit(writes);
  };
  return { store: { ...store, commit }, committed };
}

describe('the commit queue', () => {
  test('gathers what comes while a commit is under way into the next', async () => {
    const store = openMemoryStore();
    const queue = new CommitQueue(store, (fault) => expect(fault).toBeUndefined());
    const done: string[] = [];
    queue.add([write('a')], () => done.push('a'));
    queue.flush();
    queue.add([write('b')], () => done.push('b'));
    queue.add([write('c')], () => done.push('c'));
    queue.flush();
    expect(done).toEqual([]);
    await queue.drained();
    expect(done).toEqual(['a', 'b', 'c']);
    expect(queue.stats).toMatchObject({ commits: 2, writes: 3 });
    expect(store.get('t', utf8('c'))).toEqual(utf8('c'));
  });

  test('leaves out what it was given before to be written once, and acknowledges it no sooner than that is durable', async () => {
    const store = openMemoryStore();
    const committed: string[][] = [];
    const names = (writes: readonly Write[]) => writes.map(({ key }) => Buffer.from(key).toString());
    const commit: Store['commit'] = (writes) => {
      committed.push(names(writes));
      return store.commit(writes);
    };
    const queue = new CommitQueue({ ...store, commit }, (fault) => expect(fault).toBeUndefined());
    const body = utf8('body');
    const once = (value: Uint8Array): Write => ({ table: 't', key: utf8('body'), value, once: true });
    const done: string[] = [];
    queue.add([once(body), write('block')], () => done.push(`block after ${committed.length}`));
    queue.flush();
    queue.add([once(body), write('round')], () => done.push(`round after ${committed.length}`));
    queue.add([once(utf8('body')), write('again')], () => {});
    // Not said to be written once: the same array may stand under many keys.
    queue.add([write('x'), { ...write('x'), value: body }], () => {});
    await queue.drained();
    expect(committed).toEqual([
      ['body', 'block'],
      ['round', 'body', 'again', 'x', 'x'],
    ]);
    expect(done).toEqual(['block after 1', 'round after 2']);
  });

  test('what may wait goes with what may not, in the order given, or at last alone', async () => {
    const { store, committed } = watched();
    const queue = new CommitQueue(store, (fault) => expect(fault).toBeUndefined());
    const done: string[] = [];
    queue.addLater([write('tidied')], () => done.push('tidied'));
    queue.flush();
    expect(queue.stats.commits).toBe(0);
    queue.add([write('vote')], () => done.push('vote'));
    queue.addLater([write('tidied too')], () => {
      done.push('tidied too');
      queue.addLater([write('last')], () => done.push('last'));
    });
    queue.flush();
    await queue.drained();
    expect(committed).toEqual([['tidied', 'vote', 'tidied too'], ['last']]);
    expect(done).toEqual(['tidied', 'vote', 'tidied too', 'last']);
  });

  test('what everybody told of a commit asks for goes into one', async () => {
    const { store, committed } = watched();
    const settled: number[] = [];
    const onDurable = (): void => {
      settled.push(committed.length);
      if (settled.length === 1) queue.add([write('after all')], () => {});
      queue.flush();
    };
    const queue = new CommitQueue(store, (fault) => expect(fault).toBeUndefined(), onDurable);
    for (const name of ['a', 'b'])
      queue.add([write(name)], () => {
        queue.add([write(`after ${name}`)], () => {});
        queue.flush();
      });
    await queue.drained();
    expect(committed).toEqual([
      ['a', 'b'],
      ['after a', 'after b', 'after all'],
    ]);
    expect(settled).toEqual([1, 2]);
  });

  test('under load what was asked for before the pause is over goes into one, without anybody asking again', async () => {
    const { store, committed } = watched();
    const queue = new CommitQueue(store, (fault) => expect(fault).toBeUndefined());
    const large: Write = { table: 't', key: utf8('large'), value: new Uint8Array(1_000_000) };
    queue.add([large], () => {});
    queue.flush();
    await new Promise((resolve) => setImmediate(resolve));
    const done: Promise<void>[] = [];
    for (const name of ['a', 'b']) {
      done.push(new Promise((resolve) => queue.add([write(name)], resolve)));
      queue.flush();
      await undefined;
    }
    await Promise.all(done);
    expect(committed).toEqual([['large'], ['a', 'b']]);
  });

  test('waits for no pause where it is to stop', async () => {
    const { store, committed } = watched();
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    const queue = new CommitQueue(store, (fault) => expect(fault).toBeUndefined());
    queue.add([{ table: 't', key: utf8('large'), value: new Uint8Array(1_000_000) }], () => {
      queue.add([write('last')], () => {});
    });
    await queue.drained();
    vi.useRealTimers();
    expect(committed).toEqual([['large'], ['last']]);
  });

  test('acknowledges nothing of a commit that the disk refused, and does not wait for it', async () => {
    const refusing = { commit: () => Promise.resolve(fail('store-io', 'no')) } as unknown as Store;
    const faults: string[] = [];
    const queue = new CommitQueue(refusing, ({ code }) => faults.push(code));
    let done = 0;
    queue.add([write('a')], () => {
      done += 1;
    });
    await queue.drained();
    expect([faults, done]).toEqual([['store-io'], 0]);
  });
});
