import type { PeerMessage } from '@iotw/nodes/messages';
import { describe, expect, test } from 'vitest';
import { MessageRouter } from './message-router.js';

const ask = (after: number): PeerMessage => ({ kind: 'view-request', after });

describe('the router', () => {
  test('delivers by reference, in order, and only when told to', () => {
    const router = new MessageRouter();
    const got: [string, PeerMessage][] = [];
    router.add('ledger:0', (from, message) => got.push([from, message]));
    const [first, second] = [ask(1), ask(2)];
    router.send('trust:0', 'ledger:0', first);
    router.send('trust:1', 'ledger:0', second);
    expect([got.length, router.waiting]).toEqual([0, true]);
    router.deliverAll();
    expect(got.map(([from]) => from)).toEqual(['trust:0', 'trust:1']);
    expect(got[0]![1]).toBe(first);
    expect(router.waiting).toBe(false);
  });

  test('delivers what is said in answer too', () => {
    const router = new MessageRouter();
    let steps = 0;
    router.add('trust:0', () => {
      steps += 1;
      if (steps < 10) router.send('trust:0', 'trust:0', ask(steps));
    });
    router.send('trust:0', 'trust:0', ask(0));
    router.deliverAll();
    expect(steps).toBe(10);
  });

  test('hands what is for others to the mesh, and loses it without one', () => {
    const router = new MessageRouter();
    router.send('trust:0', 'trust:7', ask(1));
    router.deliverAll();
    const sent: string[] = [];
    router.connect((from, to) => sent.push(`${from} ${to}`));
    router.send('trust:0', 'trust:7', ask(2));
    router.deliverAll();
    expect(sent).toEqual(['trust:0 trust:7']);
  });
});
