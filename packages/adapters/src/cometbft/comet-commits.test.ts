// Commits as a ledger server tells them: from its CometBFT where that is up, with the reason where it is not.
import { ok } from '@iotw/kernel/result';
import type { LightBlock } from '@iotw/protocol/light-block';
import { expect, it } from 'vitest';
import { CometCommits } from './comet-commits.js';

function commits(socket: () => string | undefined, asked: string[] = []) {
  return new CometCommits({
    store: { get: () => undefined },
    originRound: 5,
    height: () => 9,
    socket,
    fetch: async (at, height) => {
      asked.push(`${at} ${height}`);
      return ok({ round: height } as unknown as LightBlock);
    },
  });
}

it('says that CometBFT is not up yet and asks nobody else', async () => {
  const asked: string[] = [];
  expect(await commits(() => undefined, asked).lightBlock(3)).toMatchObject({
    ok: false,
    error: { code: 'cometbft-rpc', message: expect.stringContaining('not up yet') },
  });
  expect(asked).toEqual([]);
});

it('asks where CometBFT answers by now, each height once', async () => {
  const asked: string[] = [];
  let socket: string | undefined;
  const source = commits(() => socket, asked);
  await source.lightBlock(3);
  socket = '/run/first';
  await source.lightBlock(3);
  socket = '/run/second';
  await source.lightBlock(3);
  await source.lightBlock(4);
  expect(asked).toEqual(['/run/first 3', '/run/second 4']);
});

it.each([
  [1, 0],
  [5, 0],
  [6, undefined],
])('knows the height of round %i: %s', (round, height) => {
  expect(commits(() => undefined).heightOf(round)).toBe(height);
});
