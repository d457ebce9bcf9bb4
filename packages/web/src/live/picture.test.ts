import { expect, it } from 'vitest';
import { FLOW_MS, LIT_MS, LivePicture, MOST_FLOWS } from './picture.ts';
import { readRoundNews } from './round-news.ts';
import { PerSecond, Samples } from './series.ts';

const round = (number: number, timeMs: number, blocks: [number, number, number][]) => ({
  ...{ number, timeMs, transactions: blocks.reduce((sum, [, , count]) => sum + count, 0) },
  blocks: blocks.map(([lane, height, count]) => ({ lane, height, count })),
});

it('a block flows to its lane and then to the ledger servers, and is gone', () => {
  const picture = new LivePicture(() => 4);
  picture.round(round(1, 50_000, [[2, 7, 1]]), 1_000);
  expect(picture.flowsAt(1_000 + FLOW_MS / 2)).toEqual([
    { flow: { leg: 'to-lane', lane: 2, startMs: 1_000, transactions: 1 }, gone: 0.5 },
  ]);
  expect(picture.flowsAt(1_000 + FLOW_MS).map(({ flow }) => flow.leg)).toEqual(['to-ledger']);
  expect(picture.moving(1_000 + 2 * FLOW_MS)).toBe(false);
  expect(picture.height(2)).toBe(7);
});

it('stays bounded at any rate, and leaves out lanes that are not there and rounds told twice', () => {
  const picture = new LivePicture(() => 4);
  for (let n = 1; n <= 5_000; n++) picture.round(round(n, n, [[n % 9, n, 500]]), n / 100);
  expect(picture.flowsAt(50).length).toBeLessThanOrEqual(MOST_FLOWS);
  expect(picture.height(8)).toBeUndefined();
  picture.round(round(1, 1, [[0, 1, 1]]), 60);
  expect(picture.height(0)).toBeGreaterThan(1);
});

it('a committee lights up and glows on', () => {
  const picture = new LivePicture(() => 4);
  picture.committee({ lane: 0, height: 1, members: [{ device: 1, region: 0, role: 'miner' }] }, 10);
  expect(picture.brightness(10)).toBe(1);
  expect(picture.brightness(10 + 9 * LIT_MS)).toBe(0.5);
  expect(picture.moving(10)).toBe(true);
  expect(picture.moving(10 + LIT_MS)).toBe(false);
});

it('sums per second, seconds of silence included', () => {
  const rate = new PerSecond(5);
  for (const [ms, count] of [
    [1_500, 9],
    [2_000, 1],
    [2_900, 2],
    [4_100, 4],
  ] as const)
    rate.add(ms, count);
  expect(rate.before(6_000)).toEqual({ at: [2, 3, 4, 5], values: [3, 0, 4, 0] });
  rate.add(9e12, 1);
  expect(rate.before(9e12 + 1_000).values.length).toBeLessThanOrEqual(5);
  const samples = new Samples(2);
  for (const at of [1, 2, 2, 3]) samples.push(at, at * 10);
  expect(samples.series).toEqual({ at: [2, 3], values: [20, 30] });
});

it('reads rounds of the stream, and nothing else', () => {
  const data = { number: 1, timeMs: 2, transactions: 3, blockList: [[0, 5, 3]] };
  expect(readRoundNews(data)?.blocks).toEqual([{ lane: 0, height: 5, count: 3 }]);
  for (const bad of [null, 1, {}, { ...data, number: '1' }, { ...data, blockList: [[0, -1, 3]] }])
    expect(readRoundNews(bad)).toBeUndefined();
});
