import { ok, type Result } from '@iotw/kernel/result';
import {
  type PublicBlock,
  type PublicEpoch,
  type PublicRound,
  type PublicSeed,
  publicBlockFromJson,
  publicEpochFromJson,
  publicRoundFromJson,
  publicSeedsFromJson,
} from '@iotw/protocol/public-data';
import { readAnswer } from './answer.js';
import type { Connection } from './connection.js';
import { callJson, path } from './request.js';

/** GET /v1/blocks/:lane/:height/proof. Codes: those of a call, `block-not-found`, `public-data-json`. */
export async function getPublicBlock(
  connection: Connection,
  lane: number,
  height: number,
): Promise<Result<PublicBlock>> {
  const json = await callJson(connection, { path: path`/v1/blocks/${lane}/${height}/proof` });
  return json.ok ? publicBlockFromJson(json.value) : json;
}

/** GET /v1/epochs/:epoch/proof. Codes: those of a call, `epoch-not-found`, `public-data-json`. */
export async function getPublicEpoch(connection: Connection, epoch: number): Promise<Result<PublicEpoch>> {
  const json = await callJson(connection, { path: path`/v1/epochs/${epoch}/proof` });
  return json.ok ? publicEpochFromJson(json.value) : json;
}

/** GET /v1/rounds/:number/proof. Codes: those of a call, `round-not-found`, `public-data-json`. */
export async function getPublicRound(connection: Connection, number: number): Promise<Result<PublicRound>> {
  const json = await callJson(connection, { path: path`/v1/rounds/${number}/proof` });
  if (!json.ok) return json;
  const answer = readAnswer<{ round: unknown }>(json.value, { round: 'string' });
  return answer.ok ? publicRoundFromJson(answer.value.round) : answer;
}

/** The links of the seed chain of epochs `from` .. `to`. Codes: those of a call, `epoch-not-found`, `public-data-json`. */
export async function getSeeds(
  connection: Connection,
  from: number,
  to: number,
): Promise<Result<PublicSeed[]>> {
  const seeds: PublicSeed[] = [];
  for (let next = from; next <= to; ) {
    const json = await callJson(connection, {
      path: `/v1/seeds?from=${next}&limit=${Math.min(500, to - next + 1)}`,
    });
    if (!json.ok) return json;
    const answer = readAnswer<{ items: unknown[] }>(json.value, { items: 'array' });
    if (!answer.ok) return answer;
    const page = publicSeedsFromJson(answer.value.items);
    if (!page.ok) return page;
    if (page.value.length === 0) break;
    for (const seed of page.value) seeds.push(seed);
    next = seeds.at(-1)!.epoch + 1;
  }
  return ok(seeds);
}
