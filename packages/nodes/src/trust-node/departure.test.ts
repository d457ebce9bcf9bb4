import { describe, expect, it } from 'vitest';
import { newSubmission } from '../intake/submission.js';
import { Departure } from './departure.js';
import { LaneQueue } from './lane-queue.js';

const one = () => newSubmission({ bytes: new Uint8Array(1), offsets: Uint32Array.of(0, 1) }, undefined);

function waiting() {
  const queue = new LaneQueue(4);
  return { queue, departure: new Departure(queue, { lingerMs: 30, ticketLingerMs: 250 }) };
}

describe('the departure of a block that is not full', () => {
  it('comes when the oldest transaction has waited for the linger, whatever came behind it', () => {
    const { queue, departure } = waiting();
    expect(departure.atMs).toBeUndefined();
    departure.offered(0);
    expect(departure.due(1_000)).toBe(false);
    queue.offer(one(), 0);
    departure.offered(100);
    queue.offer(one(), 0);
    departure.offered(120);
    expect([departure.due(129), departure.due(130)]).toEqual([false, true]);
  });

  it('comes later for the node’s own transactions alone, and no later for what joins them', () => {
    const { queue, departure } = waiting();
    expect(departure.offerOwn(one(), 100)).toBe(true);
    // Told of an offer to another lane.
    departure.offered(110);
    expect(departure.atMs).toBe(350);
    queue.offer(one(), 0);
    departure.offered(120);
    expect(departure.atMs).toBe(150);
  });

  it('begins anew for what a block left behind', () => {
    const { queue, departure } = waiting();
    departure.offerOwn(one(), 100);
    departure.offerOwn(one(), 100);
    queue.take();
    departure.left(140);
    expect(departure.atMs).toBe(170);
    queue.take();
    departure.left(150);
    expect(departure.atMs).toBeUndefined();
  });

  it('knows nothing of what found no room', () => {
    const { queue, departure } = waiting();
    while (queue.offer(one(), 0));
    expect(departure.offerOwn(one(), 100)).toBe(false);
    expect(departure.atMs).toBeUndefined();
  });
});
