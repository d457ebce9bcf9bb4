import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HostedDevice, type PlannedHost, planHosts } from './host-plan.js';

const at = (device: number, region: number, host: number, maker = 0): HostedDevice => ({
  ...{ device, region, host, maker },
});
const hosts = (...regions: number[]): PlannedHost[] => regions.map((region, index) => ({ index, region }));
const planned = (devices: HostedDevice[], nodes: PlannedHost[]) =>
  [...planHosts(devices, nodes)].sort(([a], [b]) => a - b);

describe('the plan of hosts', () => {
  it.each([
    [
      'leaves everybody where host, region and room are right',
      [at(1, 0, 0), at(2, 1, 1)],
      hosts(0, 1),
      [
        [1, 0],
        [2, 1],
      ],
    ],
    [
      'moves devices of a host that is gone to the least loaded of their region',
      [at(1, 0, 9), at(2, 0, 0), at(3, 0, 9), at(4, 0, 9)],
      hosts(0, 0),
      [
        [1, 1],
        [2, 0],
        [3, 0],
        [4, 1],
      ],
    ],
    [
      'brings a device home to its region',
      [at(1, 1, 0), at(2, 0, 0)],
      hosts(0, 1),
      [
        [1, 1],
        [2, 0],
      ],
    ],
    [
      'leaves a device of a region without hosts where it is',
      [at(1, 7, 1), at(2, 0, 0)],
      hosts(0, 1),
      [
        [1, 1],
        [2, 0],
      ],
    ],
    [
      'eases a host that is overfull, the higher numbers first',
      [at(1, 0, 0), at(2, 0, 0), at(3, 0, 0), at(4, 0, 0)],
      hosts(0, 0),
      [
        [1, 0],
        [2, 0],
        [3, 0],
        [4, 1],
      ],
    ],
    [
      'takes any host where the region has no room',
      [at(1, 0, 9), at(2, 0, 9), at(3, 0, 9), at(4, 0, 9)],
      hosts(0, 1),
      [
        [1, 0],
        [2, 0],
        [3, 0],
        [4, 1],
      ],
    ],
    [
      'has one host for all where there is one',
      [at(1, 3, 0), at(2, 1, 5)],
      hosts(0),
      [
        [1, 0],
        [2, 0],
      ],
    ],
  ] as const)('%s', (_, devices, nodes, expected) => {
    expect(planned([...devices], [...nodes])).toEqual(expected);
  });

  it('seats every device once at a host that is there, none above its room', () => {
    const devices = fc
      .array(fc.tuple(fc.nat(4), fc.nat(9)), { maxLength: 60 })
      .map((list) => list.map(([region, host], i) => at(2 * i, region, host)));
    const nodes = fc
      .uniqueArray(fc.nat(9), { minLength: 1, maxLength: 8 })
      .chain((indices) =>
        fc
          .array(fc.nat(4), { minLength: indices.length, maxLength: indices.length })
          .map((regions) =>
            indices.sort((a, b) => a - b).map((index, i) => ({ index, region: regions[i]! })),
          ),
      );
    fc.assert(
      fc.property(devices, nodes, (list, there) => {
        const plan = planHosts(list, there);
        expect([...plan.keys()].sort((a, b) => a - b)).toEqual(list.map(({ device }) => device));
        const loads = new Map<number, number>();
        for (const host of plan.values()) loads.set(host, (loads.get(host) ?? 0) + 1);
        const room = Math.ceil((list.length * 5) / (4 * there.length));
        for (const [host, load] of loads) {
          expect(there.some(({ index }) => index === host)).toBe(true);
          expect(load).toBeLessThanOrEqual(room);
        }
      }),
    );
  });

  const preferring = (list: HostedDevice[], nodes: PlannedHost[], ...named: [number, number[]][]) =>
    [...planHosts(list, nodes, new Map(named))].sort(([a], [b]) => a - b);

  it.each([
    [
      'brings devices to the hosts their maker named, whatever the region',
      [at(1, 0, 0, 7), at(2, 0, 0, 8)],
      hosts(0, 1),
      [7, [1]],
      [
        [1, 1],
        [2, 0],
      ],
    ],
    [
      'fills the named host to its room, then takes the region',
      [at(1, 0, 1, 7), at(2, 0, 1, 7), at(3, 0, 1, 7), at(4, 0, 1, 7)],
      hosts(0, 1),
      [7, [1]],
      [
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 0],
      ],
    ],
    [
      'forgets a named host that is gone',
      [at(1, 0, 9, 7), at(2, 1, 1, 7)],
      hosts(0, 1),
      [7, [9]],
      [
        [1, 0],
        [2, 1],
      ],
    ],
  ] as const)('%s', (_, devices, nodes, [maker, named], expected) => {
    expect(preferring([...devices], [...nodes], [maker, [...named]])).toEqual(expected);
  });

  it('moves few when a host leaves: its own devices, and those that were not where they should be', () => {
    const devices = fc
      .array(fc.tuple(fc.nat(2), fc.nat(5), fc.nat(2)), { minLength: 1, maxLength: 60 })
      .map((list) => list.map(([region, host, maker], i) => at(i, region, host, maker)));
    const named = fc.option(fc.tuple(fc.nat(2), fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 })));
    fc.assert(
      fc.property(
        devices,
        fc.array(fc.nat(2), { minLength: 3, maxLength: 6 }),
        named,
        fc.nat(5),
        (list, regions, wish, leaver) => {
          const nodes = hosts(...regions);
          const gone = leaver % nodes.length;
          const preferred = new Map(wish === null ? [] : [[wish[0], wish[1]] as const]);
          const before = planHosts(list, nodes, preferred);
          const settled = list.map((one) => ({ ...one, host: before.get(one.device)! }));
          const left = nodes.filter(({ index }) => index !== gone);
          const after = planHosts(settled, left, preferred);
          for (const one of settled) {
            const wishes =
              preferred.get(one.maker)?.filter((index) => left.some((node) => node.index === index)) ?? [];
            const near = left.filter(({ region }) => region === one.region).map(({ index }) => index);
            const group =
              wishes.length > 0 ? wishes : near.length > 0 ? near : left.map(({ index }) => index);
            if (one.host !== gone && group.includes(one.host)) expect(after.get(one.device)).toBe(one.host);
            expect(left.some(({ index }) => index === after.get(one.device))).toBe(true);
          }
        },
      ),
    );
  });
});
