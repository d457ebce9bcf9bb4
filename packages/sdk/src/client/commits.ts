import { ok, type Result } from '@iotw/kernel/result';
import { type LightBlock, LightBlockType, MAX_LIGHT_BLOCKS } from '@iotw/protocol/light-block';
import { decodeSsz } from '@iotw/protocol/ssz';
import { followLight, type LightTrust } from '../verify/light/follow.js';
import type { Connection } from './connection.js';
import { callBytes, path } from './request.js';

/**
 * GET /v1/commits/:height in SSZ: one height of CometBFT. It proves nothing before `followLight`. Codes: those of a call,
 * `commit-not-found`, `malformed`.
 */
export async function getCommit(
  connection: Connection,
  height: number | 'latest',
  signal?: AbortSignal,
): Promise<Result<LightBlock>> {
  const bytes = await callBytes(connection, {
    path: path`/v1/commits/${String(height)}`,
    accept: 'application/octet-stream',
    signal,
  });
  return bytes.ok ? decodeSsz(LightBlockType, bytes.value, 'commit') : bytes;
}

/**
 * The commits of a receipt behind those that lead to them from what is trusted, as far as the server gives them: the trusted
 * height first; where too many validators changed at once, heights in between, by halves. `followLight` tells whether they
 * hold. Codes: those of getCommit.
 */
export async function leadTo(
  connection: Connection,
  commits: readonly LightBlock[],
  trust: LightTrust,
): Promise<Result<LightBlock[]>> {
  const blocks = [...commits];
  const [first] = blocks;
  if (first === undefined) return ok(blocks);
  const { start } = trust;
  if ('hash' in start && first.header.height > start.height) {
    const begin = await getCommit(connection, start.height);
    if (!begin.ok) return begin;
    blocks.unshift(begin.value);
  }
  while (blocks.length < MAX_LIGHT_BLOCKS) {
    const followed = followLight(blocks, trust);
    if (followed.ok || followed.error.code !== 'light-trusted-power') break;
    const { height, trusted } = followed.error.data as { height: number; trusted: number };
    const middle = Math.floor((height + trusted) / 2);
    if (middle === trusted) break;
    const between = await getCommit(connection, middle);
    if (!between.ok) return between;
    blocks.splice(
      blocks.findIndex(({ header }) => header.height === height),
      0,
      between.value,
    );
  }
  return ok(blocks);
}
