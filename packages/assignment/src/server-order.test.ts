import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlacedNode, serverOrder } from './server-order.js';

const at = (region: number): PlacedNode => ({ region, standing: true });
const out = (region: number): PlacedNode => ({ region, standing: false });

describe('the order of ledger servers', () => {
  const rows: readonly [string, number, readonly PlacedNode[], readonly PlacedNode[], readonly number[]][] = [
    ['one server', 2, [at(0), at(1), at(2)], [at(7)], [0]],
    ['its region first', 0, [at(1)], [at(0), at(1), at(2), at(1)], [1, 3, 0, 2]],
    ['the second of a region begins at the next', 1, [at(1), at(1)], [at(1), at(1), at(0)], [1, 0, 2]],
    ['others do not count in its rank', 2, [at(1), at(5), at(1)], [at(1), at(1)], [1, 0]],
    ['a suspended trust node has no rank', 1, [out(1), at(1)], [at(1), at(1)], [0, 1]],
    ['a suspended server is left out', 0, [at(1)], [out(1), at(0), at(2)], [1, 2]],
    ['no server near: in turn from its rank', 1, [at(5), at(6)], [at(0), at(1), at(2)], [1, 2, 0]],
    ['those with a server near take no turn far', 1, [at(0), at(6)], [at(0), at(1), at(2)], [0, 1, 2]],
    ['not listed yet', 4, [], [at(0), at(1)], [0, 1]],
    ['no server stands', 0, [at(0)], [out(0)], []],
  ];
  it.each(rows)('%s', (_, index, trustNodes, servers, order) => {
    expect(serverOrder(index, trustNodes, servers)).toEqual(order);
  });

  const placed = fc.record({ region: fc.integer({ min: 0, max: 3 }), standing: fc.boolean() });
  const nodes = fc.array(placed, { maxLength: 12 });
  it('every standing server once, and first turns of a region differ by at most one', () => {
    fc.assert(
      fc.property(nodes, nodes, (trustNodes, servers) => {
        const standing = servers.flatMap((server, number) => (server.standing ? [number] : []));
        const first = new Map<number, number>();
        for (const [index, node] of trustNodes.entries()) {
          const order = serverOrder(index, trustNodes, servers);
          expect([...order].sort((a, b) => a - b)).toEqual(standing);
          if (node.standing && order.length > 0) first.set(order[0]!, (first.get(order[0]!) ?? 0) + 1);
        }
        for (let region = 0; region < 4; region++) {
          const near = standing.filter((number) => servers[number]!.region === region);
          // Servers are compared where only trust nodes of their region begin with them.
          if (
            trustNodes.some(
              (node) => node.standing && !servers.some((s) => s.standing && s.region === node.region),
            )
          )
            continue;
          const turns = near.map((number) => first.get(number) ?? 0);
          if (turns.length > 0) expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
