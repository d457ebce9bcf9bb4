import { BLS_SIGNATURE_BYTES } from '@iotw/kernel/bls';
import { ok, type Result } from '@iotw/kernel/result';
import {
  type PublicBlock,
  type PublicData,
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
import { networkOf } from './network.js';
import { callJson, path } from './request.js';

/** Bytes of a VRF proof (RFC 9381). */
const VRF_PROOF_BYTES = 80;

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

/**
 * All that shows one epoch to be what it is: the seed chain from the trusted epoch (0 unless given), the
 * epoch, the round that opened it. It proves nothing before `verifyPublicData`. Codes: as the parts'.
 */
export async function fetchEpochData(
  connection: Connection,
  epoch: number,
  trustedEpoch = 0,
): Promise<Result<PublicData>> {
  return gather(connection, [epoch], undefined, trustedEpoch);
}

/**
 * All that shows one block to be what it is: the seed chain, the epochs of block and round, the round, the
 * block. It proves nothing before `verifyPublicData`. Codes: as the parts'.
 */
export async function fetchBlockData(
  connection: Connection,
  lane: number,
  height: number,
  trustedEpoch = 0,
): Promise<Result<PublicData>> {
  const block = await getPublicBlock(connection, lane, height);
  if (!block.ok) return block;
  const round = await getPublicRound(connection, block.value.round);
  if (!round.ok) return round;
  const epochs = [block.value.block.header.epoch, round.value.header.epoch];
  return gather(connection, epochs, { block: block.value, round: round.value }, trustedEpoch);
}

async function gather(
  connection: Connection,
  wanted: readonly number[],
  found: { readonly block: PublicBlock; readonly round: PublicRound } | undefined,
  trustedEpoch: number,
): Promise<Result<PublicData>> {
  const network = await networkOf(connection);
  if (!network.ok) return network;
  const numbers = [...new Set(wanted)].sort((a, b) => a - b);
  const seeds = await getSeeds(connection, trustedEpoch + 1, numbers[0]! - 1);
  if (!seeds.ok) return seeds;
  const epochs: PublicEpoch[] = [];
  const rounds = new Map<number, PublicRound>();
  // A shared key's seed stands on no other: the chain begins anew at the last one. The rounds name the keys.
  const start = seeds.value.findLastIndex(({ proof }) => proof.length === BLS_SIGNATURE_BYTES);
  for (const { opened, proof } of seeds.value.slice(Math.max(0, start))) {
    if (proof.length === VRF_PROOF_BYTES) continue;
    const round = await getPublicRound(connection, opened);
    if (!round.ok) return round;
    rounds.set(opened, round.value);
  }
  if (found !== undefined) rounds.set(found.round.header.number, found.round);
  for (let number = numbers[0]!; number <= numbers.at(-1)!; number++) {
    const epoch = await getPublicEpoch(connection, number);
    if (!epoch.ok) return epoch;
    epochs.push(epoch.value);
    const { opened } = epoch.value;
    if (opened === 0 || rounds.has(opened)) continue;
    const round = await getPublicRound(connection, opened);
    if (!round.ok) return round;
    rounds.set(opened, round.value);
  }
  return ok({
    network: network.value,
    seeds: seeds.value,
    epochs,
    rounds: [...rounds.values()].sort((a, b) => a.header.number - b.header.number),
    blocks: found === undefined ? [] : [found.block],
  });
}
