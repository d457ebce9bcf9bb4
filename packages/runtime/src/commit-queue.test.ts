import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { fail } from '@iotw/kernel/result';
import { describe, expect, test } from 'vitest';
import { CommitQueue } from './commit-queue.js';

const write = (name: string): Write => ({ table: 't', key: utf8(name), value: utf8(name) });

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
