import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Hello } from './hello.js';
import { backoffMs, DEFAULT_MESH_LIMITS } from './limits.js';
import { judgeLink, type TieLink } from './tie-break.js';
import type { PeerIdentity, PeerRole } from './types.js';

const identity = fc.record({
  role: fc.constantFrom<PeerRole>('trust', 'ledger', 'api'),
  index: fc.nat({ max: 3 }),
});
/** One connection of a pair (x, y): who dialled and the dial's number. */
const connection = fc.record({ dialedByX: fc.boolean(), dial: fc.nat({ max: 5 }) });

function seenFrom(x: boolean, peer: PeerIdentity, c: { dialedByX: boolean; dial: number }): TieLink {
  const remote: Hello = {
    network: new Uint8Array(32),
    identity: peer,
    instance: new Uint8Array(16),
    dial: c.dial,
    maxFrameBytes: 1,
  };
  return { dialed: c.dialedByX === x, remote };
}

it('both sides keep the same one of two connections, in whatever order each saw them come up', () => {
  fc.assert(
    fc.property(identity, identity, connection, connection, (x, y, first, second) => {
      fc.pre(x.role !== y.role || x.index !== y.index);
      fc.pre(first.dialedByX !== second.dialedByX || first.dial !== second.dial);
      const winners = [
        [true, x, y],
        [false, y, x],
      ].flatMap(([isX, self, peer]) => {
        const view = (c: typeof first) => seenFrom(isX as boolean, peer as PeerIdentity, c);
        const one =
          judgeLink(self as PeerIdentity, view(first), view(second)) === 'replaces' ? second : first;
        const two =
          judgeLink(self as PeerIdentity, view(second), view(first)) === 'replaces' ? first : second;
        return [one, two];
      });
      expect(new Set(winners).size).toBe(1);
    }),
  );
});

it('a new instance of the peer always wins', () => {
  const link = seenFrom(true, { role: 'trust', index: 1 }, { dialedByX: true, dial: 9 });
  const restarted = {
    dialed: false,
    remote: { ...link.remote!, instance: new Uint8Array(16).fill(1), dial: 0 },
  };
  expect(judgeLink({ role: 'trust', index: 0 }, link, restarted)).toBe('peer-restarted');
  expect(judgeLink({ role: 'trust', index: 0 }, undefined, link)).toBe('first');
});

it.each([
  [0, 0, 50],
  [0, 0.5, 75],
  [3, 0, 400],
  [7, 0, 5_000],
  [1_000, 0, 5_000],
])('the pause before dial %i at random %f is %i ms', (attempt, random, pause) => {
  expect(backoffMs(attempt, DEFAULT_MESH_LIMITS, random)).toBe(pause);
});
