import type { Hello, HostAddress } from '@iotw/protocol/hello';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostChoice, type Place } from './host-choice.js';

/** A place that knows where it is. */
type Known = Place & { readonly at: number };
const placeOf = (at: number) => ({ at }) as unknown as Known;
const address = (trustNode: number): HostAddress => ({ trustNode, address: `mqtt://host:${trustNode}` });
const hello = (trustNode: number, ...others: number[]) =>
  ({ trustNode, hosts: others.map(address) }) as unknown as Hello;
const move = (trustNode: number, epoch: number) => ({ ...address(trustNode), epoch });

function choice(reach: (trustNode: number) => boolean = () => true) {
  const made = new HostChoice(placeOf(0), ({ trustNode }) =>
    reach(trustNode) ? placeOf(trustNode) : undefined,
  );
  made.learned(hello(0, 0, 1, 2));
  return { made, at: () => (made.place as Known).at };
}

describe('where a device logs in', () => {
  it('names the new host at once, and goes there when its pool opens', () => {
    const { made, at } = choice();
    expect(made.ticketHost(0)).toBe(0);
    expect(made.told(move(2, 9), 6, 0)).toBe(true);
    expect([made.ticketHost(0), made.leaves(8), at()]).toEqual([2, false, 0]);
    expect([made.leaves(9), at(), made.ticketHost(2)]).toEqual([true, 2, 2]);
  });

  it('goes nowhere without the means, to its own host, or to where it can not speak', () => {
    expect(new HostChoice(placeOf(0)).told(move(2, 0), 6, 0)).toBe(false);
    const { made, at } = choice((trustNode) => trustNode !== 2);
    expect(made.told(move(0, 6), 6, 0)).toBe(false);
    made.told(move(2, 6), 6, 0);
    expect([made.leaves(6), at()]).toEqual([false, 0]);
  });

  it('is not sent to and fro: one move in three epochs', () => {
    const { made, at } = choice();
    made.told(move(1, 6), 6, 0);
    expect(made.leaves(6)).toBe(true);
    made.learned(hello(1, 0, 1, 2));
    expect([6, 7, 8].map((epoch) => made.told(move(0, epoch), epoch, 0))).toEqual([false, false, false]);
    expect(made.told(move(0, 9), 9, 0)).toBe(true);
    expect([made.leaves(9), at()]).toEqual([true, 0]);
  });

  it('tries another host after three failures, and is not sent back to the one that failed for a while', () => {
    const { made, at } = choice();
    expect([made.failed(0, 0), made.failed(1, 0), at()]).toEqual([false, false, 0]);
    expect([made.failed(2, 0.9), at()]).toEqual([true, 2]);
    made.learned(hello(2, 0, 1, 2));
    made.connected();
    expect(made.told(move(0, 5), 5, 1_000)).toBe(false);
    expect(made.ticketHost(2)).toBe(2);
    expect(made.told(move(0, 5), 5, 700_000)).toBe(true);
  });

  it('keeps so many addresses and no more, however many a hello tells', () => {
    const { made, at } = choice();
    made.learned(hello(0, ...Array.from({ length: 100 }, (_, i) => i)));
    for (let i = 0; i < 3; i++) made.failed(i, 0.999);
    expect(at()).toBe(63);
  });

  it('goes round where all fail, and stays where it knows no other', () => {
    const { made, at } = choice();
    const visited = new Set<number>();
    for (let i = 0; i < 12; i++) {
      made.failed(i, 0);
      visited.add(at());
    }
    expect([...visited].sort()).toEqual([0, 1, 2]);
    // None is left that did not just fail: it goes on trying all the same.
    const before = at();
    expect([1, 2, 3].map((i) => made.failed(20 + i, 0))).toEqual([false, false, true]);
    expect(at()).not.toBe(before);
    const lonely = new HostChoice(placeOf(0), ({ trustNode }) => placeOf(trustNode));
    expect([1, 2, 3, 4].map((i) => lonely.failed(i, 0))).toEqual([false, false, false, false]);
  });

  it('moves at most once in three epochs, whatever hosts tell it', () => {
    const told = fc.array(fc.tuple(fc.nat(2), fc.nat(3)), { maxLength: 80 });
    fc.assert(
      fc.property(told, (words) => {
        const { made, at } = choice();
        const moves: number[] = [];
        words.forEach(([to, ahead], i) => {
          const epoch = Math.floor(i / 2);
          made.told(move(to, epoch + ahead), epoch, 0);
          if (!made.leaves(epoch)) return;
          moves.push(epoch);
          made.learned(hello(at(), 0, 1, 2));
        });
        moves.forEach((epoch, i) => {
          if (i > 0) expect(epoch - moves[i - 1]!).toBeGreaterThanOrEqual(3);
        });
      }),
    );
  });
});
