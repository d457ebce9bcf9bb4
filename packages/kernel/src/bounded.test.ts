import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedMap } from './bounded-map.js';
import { BoundedQueue } from './bounded-queue.js';

test('a queue is first in, first out, and refuses what exceeds its limit', () => {
  const queue = new BoundedQueue<string>(2);
  expect(queue.push('a')).toBe(true);
  expect(queue.push('b')).toBe(true);
  expect(queue.push('c')).toBe(false);
  expect(queue.peek()).toBe('a');
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['a', 'b', undefined]);
  expect(queue.peek()).toBeUndefined();
  expect(() => new BoundedQueue(0)).toThrow('positive');
});

test('a queue keeps its order where it grows with its start in the middle of the ring', () => {
  const queue = new BoundedQueue<number>(100);
  for (let i = 0; i < 16; i++) queue.push(i);
  for (let i = 0; i < 5; i++) queue.shift();
  for (let i = 16; i < 105; i++) expect(queue.push(i)).toBe(true);
  expect(queue.push(105)).toBe(false);
  expect(Array.from({ length: 100 }, () => queue.shift())).toEqual(
    Array.from({ length: 100 }, (_, i) => i + 5),
  );
});

test('a queue behaves as a bounded array', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('push' as const), value: fc.nat() }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('shift' as const), value: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), value: fc.constant(0) }) },
  );
  const property = fc.property(
    fc.integer({ min: 1, max: 50 }),
    fc.array(step, { maxLength: 300 }),
    (limit, steps) => {
      const queue = new BoundedQueue<number>(limit);
      let model: number[] = [];
      for (const { kind, value } of steps) {
        if (kind === 'push') {
          expect(queue.push(value)).toBe(model.length < limit);
          if (model.length < limit) model.push(value);
        } else if (kind === 'shift') expect(queue.shift()).toBe(model.shift());
        else {
          queue.clear();
          model = [];
        }
        expect(queue.size).toBe(model.length);
        expect(queue.peek()).toBe(model[0]);
      }
      expect(queue.limit).toBe(limit);
    },
  );
  fc.assert(property);
});

test('a map evicts its oldest insertion and tells of it', () => {
  const evicted: [string, number][] = [];
  const map = new BoundedMap<string, number>(2, (key, value) => evicted.push([key, value]));
  map.set('a', 1).set('b', 2);
  // A new value keeps the old place in the order.
  map.set('a', 3);
  expect(evicted).toEqual([]);
  map.set('c', 4);
  expect(evicted).toEqual([['a', 3]]);
  expect([...map]).toEqual([
    ['b', 2],
    ['c', 4],
  ]);
  expect([map.has('a'), map.get('a'), map.get('c'), map.size]).toEqual([false, undefined, 4, 2]);
  expect([map.delete('b'), map.delete('b')]).toEqual([true, false]);
  map.set('d', 5);
  expect([[...map.keys()], [...map.values()]]).toEqual([
    ['c', 'd'],
    [4, 5],
  ]);
  map.clear();
  expect(map.size).toBe(0);
  // Neither deletion nor clearing is an eviction.
  expect(evicted.length).toBe(1);
  expect(() => new BoundedMap(0)).toThrow('positive');
});

test('a map with undefined among its keys and values still evicts in order', () => {
  const map = new BoundedMap<string | undefined, undefined>(1);
  map.set(undefined, undefined).set('x', undefined);
  expect([...map.keys()]).toEqual(['x']);
});
