/** How a client gathers the commits that lead from what it trusts to a receipt's. */
import { type LightBlock, LightBlockType } from '@iotw/protocol/light-block';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { followLight, type LightTrust } from '../verify/light/follow.js';
import { BEGIN_S, server as key, TestChain } from '../verify/light/test-chain.js';
import { getCommit, leadTo } from './commits.js';
import { connect } from './connection.js';
import { octets, problem, TestServer } from './test-server.js';

/** Every ten heights one of four servers is another. */
const chain = new TestChain('iotw-test', (height) =>
  [0, 1, 2, 3].map((i) => key(i + 4 * Math.floor((height + 10 * i) / 40))),
);
const trust: LightTrust = {
  start: { chainId: 'iotw-test', timeMs: 1_000 * BEGIN_S, validators: chain.validators(1) },
  nowMs: 1_000 * (BEGIN_S + 200),
};
const from = (block: LightBlock): LightTrust => ({
  ...trust,
  start: { height: block.header.height, hash: block.blockHash },
});

const api = new TestServer();
const connection = () => connect({ url: api.url, retries: 0 });
const heights = (blocks: readonly LightBlock[]): number[] => blocks.map(({ header }) => header.height);

beforeAll(() => api.start());
afterAll(() => api.stop());
beforeEach(() => {
  for (let height = 1; height <= 160; height++)
    api.on(`GET /v1/commits/${height}`, octets(LightBlockType.serialize(chain.block(height))));
});

it.each<[string, number, LightTrust, number[]]>([
  ['nothing where the trusted servers signed', 15, trust, [15]],
  ['heights in between, by halves, where too many changed', 60, trust, [15, 30, 45, 60]],
  ['the trusted block first', 25, from(chain.block(12)), [12, 25]],
  ['the trusted block and heights in between', 90, from(chain.block(50)), [50, 70, 90]],
])('asks for %s', async (_, height, believed, expected) => {
  const led = await leadTo(connection(), [chain.block(height)], believed);
  const blocks = led.ok ? led.value : [];
  expect(heights(blocks)).toEqual(expected);
  expect(followLight(blocks, believed)).toMatchObject({ ok: true });
});

it('asks for nothing where there is no commit, and a forged chain is seen through by the heights before it', async () => {
  expect(await leadTo(connection(), [], trust)).toEqual({ ok: true, value: [] });
  const forged = new TestChain('iotw-test', () => [90, 91, 92, 93].map(key));
  const led = await leadTo(connection(), [forged.block(8)], trust);
  expect(led.ok && followLight(led.value, trust)).toMatchObject({ error: { code: 'light-next-validators' } });
});

it('tells what the server refuses', async () => {
  api.on('GET /v1/commits/30', problem(404, 'commit-not-found', 'Pruned.'));
  expect(await leadTo(connection(), [chain.block(60)], trust)).toMatchObject({
    error: { code: 'commit-not-found' },
  });
  api.on('GET /v1/commits/latest', octets(Uint8Array.of(1, 2, 3)));
  expect(await getCommit(connection(), 'latest')).toMatchObject({ error: { code: 'malformed' } });
});
