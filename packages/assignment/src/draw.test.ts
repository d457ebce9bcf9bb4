import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from '@iotw/protocol/domains';
import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RankedDraw } from './draw.js';
import { DrawStream } from './draw-stream.js';
import { range, testDevices, testSnapshot } from './test-network.js';

const NETWORK = new Uint8Array(32).fill(5);

function draw(snapshot: EpochSnapshot, height = 1, committeeSize = 4, excludeHost?: number) {
  return new RankedDraw(snapshot, NETWORK, 2, height, { committeeSize, excludeHost });
}
function wholeList(list: RankedDraw): PoolDevice[] {
  return range(0, list.eligible).map((rank) => list.at(rank)!);
}
function numbers(list: RankedDraw): number[] {
  return wholeList(list).map(({ device }) => device);
}

/** Pools of 0 to 60 devices with few owners, makers, regions and hosts, and weights over the whole range. */
const pools = fc
  .array(
    fc.record({
      host: fc.integer({ min: 0, max: 3 }),
      maker: fc.integer({ min: 0, max: 4 }),
      region: fc.integer({ min: 0, max: 2 }),
      owner: fc.integer({ min: 0, max: 9 }),
      weight: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 0xffff_ffff })),
    }),
    { maxLength: 60 },
  )
  .map((rows) => testDevices(rows.length, (i) => rows[i]!));
const sizes = fc.integer({ min: 1, max: 9 });

const FIELDS = ['owner', 'maker', 'region'] as const;

function capOf(devices: readonly PoolDevice[], field: (typeof FIELDS)[number], size: number): number {
  return Math.ceil(size / Math.min(size, new Set(devices.map((device) => device[field])).size));
}

/** The rule once more, with lists and nothing clever: lane 2, height 1, mode random. */
function plainList(devices: readonly PoolDevice[], seed: string, size: number) {
  const bytes = new Uint8Array(43);
  bytes.set(testSnapshot(devices, seed).seed);
  bytes[33] = 2;
  bytes[35] = 1;
  const stream = new DrawStream(signingDigest(DOMAIN.draw, NETWORK, bytes));
  let table = [...devices];
  let taken: PoolDevice[] = [];
  const weigh = (list: readonly PoolDevice[]) => list.reduce((sum, { weight }) => sum + weight, 0);
  const drawOne = (): PoolDevice | undefined => {
    if (taken.length === table.length) return undefined;
    if (2 * weigh(taken) > weigh(table)) {
      table = table.filter((device) => !taken.includes(device));
      taken = [];
    }
    for (;;) {
      let left = stream.below(weigh(table));
      const device = table.find(({ weight }) => {
        left -= weight;
        return left < 0;
      })!;
      if (taken.includes(device)) continue;
      taken.push(device);
      return device;
    }
  };
  const ranked: { device: PoolDevice; relaxed: boolean }[] = [];
  const deferred: PoolDevice[] = [];
  const fits = (device: PoolDevice) =>
    FIELDS.every((field) => {
      const before = ranked.slice(Math.max(0, ranked.length - size + 1));
      return (
        before.filter((other) => other.device[field] === device[field]).length < capOf(devices, field, size)
      );
    });
  while (ranked.length < devices.length) {
    let device = deferred.find(fits);
    if (device !== undefined) deferred.splice(deferred.indexOf(device), 1);
    while (device === undefined && deferred.length < 16 * size) {
      const drawn = drawOne();
      if (drawn === undefined) break;
      if (fits(drawn)) device = drawn;
      else deferred.push(drawn);
    }
    const relaxed = device === undefined;
    ranked.push({ device: device ?? deferred.shift()!, relaxed });
  }
  return ranked;
}

describe('the ranked list', () => {
  it('follows its vectors', () => {
    // Ten equal devices of as many owners and makers, hosts 0..3, one region.
    const devices = testDevices(10, (i) => ({ maker: i, region: 0 }));
    expect(numbers(draw(testSnapshot(devices, 'vector')))).toMatchInlineSnapshot(`
      [
        8,
        1,
        5,
        3,
        2,
        0,
        6,
        7,
        9,
        4,
      ]
    `);
    expect(numbers(draw(testSnapshot(devices, 'vector'), 2))).toMatchInlineSnapshot(`
      [
        8,
        1,
        4,
        5,
        9,
        7,
        0,
        3,
        6,
        2,
      ]
    `);
    expect(numbers(draw(testSnapshot(devices, 'vector'), 1, 4, 1))).toMatchInlineSnapshot(`
      [
        0,
        7,
        3,
        2,
        6,
        4,
        8,
      ]
    `);
    expect(numbers(draw(testSnapshot(devices, 'vector', 'uptime')))).toMatchInlineSnapshot(`
      [
        8,
        3,
        6,
        4,
        5,
        1,
        2,
        0,
        7,
        9,
      ]
    `);
  });

  it('holds every eligible device once and nobody of the excluded host', () => {
    fc.assert(
      fc.property(pools, sizes, fc.integer({ min: 0, max: 3 }), (devices, size, host) => {
        const list = draw(testSnapshot(devices, 'once'), 1, size, host);
        const eligible = devices.filter((device) => device.host !== host).map(({ device }) => device);
        expect(numbers(list).sort((a, b) => a - b)).toEqual(eligible);
        expect(list.at(list.eligible)).toBeUndefined();
        expect(list.at(65_535)).toBeUndefined();
      }),
    );
  });

  it('does not depend on what was asked for before', () => {
    fc.assert(
      fc.property(pools, sizes, fc.array(fc.nat(45), { maxLength: 20 }), (devices, size, ranks) => {
        const snapshot = testSnapshot(devices, 'order');
        const straight = wholeList(draw(snapshot, 1, size));
        const jumping = draw(snapshot, 1, size);
        for (const rank of ranks) expect(jumping.at(rank)).toBe(straight[rank]);
        // A snapshot of the same content that was never prepared.
        expect(numbers(draw({ ...snapshot }, 1, size))).toEqual(straight.map(({ device }) => device));
      }),
    );
  });

  it('is what a plain reading of the rule gives, and breaks a cap only where the rule says so', () => {
    fc.assert(
      fc.property(pools, sizes, (devices, size) => {
        const plain = plainList(devices, 'plain', size);
        const ranked = wholeList(draw(testSnapshot(devices, 'plain'), 1, size));
        expect(ranked.map(({ device }) => device)).toEqual(plain.map(({ device }) => device.device));
        for (const [rank, { relaxed }] of plain.entries()) {
          const window = ranked.slice(Math.max(0, rank - size + 1), rank + 1);
          for (const field of FIELDS) {
            const own = window.filter((device) => device[field] === ranked[rank]![field]).length;
            if (!relaxed) expect(own).toBeLessThanOrEqual(capOf(devices, field, size));
          }
        }
      }),
    );
  });

  it('gives nearly every first committee distinct owners, makers and regions where there are enough', () => {
    const devices = testDevices(200, (i) => ({ maker: i % 5, region: (i >> 1) % 4 }));
    let distinct = 0;
    for (let height = 1; height <= 1_000; height++) {
      const list = draw(testSnapshot(devices, 'first committees'), height);
      const committee = range(0, 4).map((rank) => list.at(rank)!);
      if (FIELDS.every((field) => new Set(committee.map((device) => device[field])).size === 4)) distinct++;
    }
    expect(distinct).toBeGreaterThan(980);
  });

  const same = { owner: 1, maker: 1, region: 1 };
  it.each([
    ['no device', testDevices(0), 0],
    ['one device', testDevices(1), 1],
    ['two devices', testDevices(2), 2],
    ['three devices', testDevices(3), 3],
    ['five devices', testDevices(5), 5],
    ['one owner', testDevices(30, () => ({ owner: 1 })), 30],
    ['one maker', testDevices(30, () => ({ maker: 1 })), 30],
    ['one owner, maker and region', testDevices(30, () => same), 30],
    ['one owner of all devices but one', testDevices(60, (i) => (i === 59 ? {} : { owner: 1 })), 60],
    [
      'one device with nearly all the weight',
      testDevices(30, (i) => ({ weight: i === 3 ? 0xffff_ffff : 1 })),
      30,
    ],
  ])('is complete for a pool of %s', (_, devices, length) => {
    const list = numbers(draw(testSnapshot(devices, 'small')));
    expect(new Set(list).size).toBe(length);
    expect(list).toHaveLength(length);
  });

  it('does not degrade when few of many devices remain', () => {
    // 20,000 devices to the last: tries without compaction would be about n ln n, and the last ones 20,000 each.
    const list = draw(testSnapshot(testDevices(20_000), 'many'));
    expect(new Set(numbers(list)).size).toBe(20_000);
  });

  it('differs by seed, mode, lane, height and network', () => {
    const devices = testDevices(60);
    const snapshot = testSnapshot(devices, 'a');
    const options = { committeeSize: 4, excludeHost: undefined };
    const lists = [
      draw(snapshot),
      draw(testSnapshot(devices, 'b')),
      draw({ ...snapshot, mode: 'uptime' }),
      draw(snapshot, 2),
      new RankedDraw(snapshot, NETWORK, 3, 1, options),
      new RankedDraw(snapshot, new Uint8Array(32), 2, 1, options),
    ];
    expect(new Set(lists.map((list) => numbers(list).join())).size).toBe(lists.length);
  });
});

describe('the first rank', () => {
  // 0.9999 quantile of chi-square with 19 degrees of freedom; seeds are fixed, so the outcome is too.
  const LIMIT = 50.8;
  const DRAWS = 200_000;
  it.each([
    ['random', () => 1],
    ['reputation', (i: number) => 1 + i * 52_631],
    ['uptime', (i: number) => (i < 10 ? 100 : 101)],
  ] as const)('falls on each device by its weight in mode %s', (mode, weight) => {
    const devices = testDevices(20, (i) => ({ weight: weight(i), maker: 1, region: 1 }));
    const snapshot = testSnapshot(devices, `chi-square ${mode}`, mode);
    const seen = new Array<number>(20).fill(0);
    for (let height = 1; height <= DRAWS; height++) seen[draw(snapshot, height).at(0)!.device]! += 1;
    const total = devices.reduce((sum, device) => sum + device.weight, 0);
    const chi = devices.reduce((sum, device) => {
      const expected = (DRAWS * device.weight) / total;
      return expected === 0 ? sum : sum + (seen[device.device]! - expected) ** 2 / expected;
    }, 0);
    expect(chi).toBeLessThan(LIMIT);
  });

  it('shows a weight that is a fifth too high', () => {
    const devices = testDevices(20, (i) => ({ weight: i < 10 ? 6 : 5, maker: 1, region: 1 }));
    const snapshot = testSnapshot(devices, 'chi-square control');
    const seen = new Array<number>(20).fill(0);
    for (let height = 1; height <= 20_000; height++) seen[draw(snapshot, height).at(0)!.device]! += 1;
    const chi = seen.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
    expect(chi).toBeGreaterThan(LIMIT);
  });
});
