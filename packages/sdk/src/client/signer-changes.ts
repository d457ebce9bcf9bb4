import { ok, type Result } from '@iotw/kernel/result';
import type { PublicBlock, PublicData, PublicRound, PublicSeed } from '@iotw/protocol/public-data';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { networkOf } from './network.js';
import { getPublicBlock, getPublicRound, getSeeds } from './public-data.js';
import { callJson } from './request.js';

/**
 * Public data that holds every change of who signs: the blocks in which nodes replaced keys and the committee voted, their
 * rounds, and the edges at which votes took effect. Empty where nothing ever changed. It proves nothing before
 * `verifyPublicData`, which then tells by `signersAt` whose keys count in a round; a server that hides a change leaves the
 * keys before it. Codes: those of a call, `round-not-found`, `public-data-json`.
 */
export async function fetchSignerChanges(connection: Connection): Promise<Result<PublicData>> {
  const network = await networkOf(connection);
  if (!network.ok) return network;
  const blocks: PublicBlock[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const page: Result<ChangePage> = await changePage(connection, from);
    if (!page.ok) return page;
    for (const { lane, height } of page.value.items) {
      const block = await getPublicBlock(connection, lane, height);
      if (!block.ok) return block;
      blocks.push(block.value);
    }
    from = page.value.next;
  }
  blocks.sort((a, b) => a.round - b.round || a.index - b.index);
  const rounds = new Map<number, PublicRound>();
  const seeds = new Map<number, PublicSeed>();
  for (const number of new Set(blocks.map(({ round }) => round))) {
    const added = await roundAndEdge(connection, number, rounds, seeds);
    if (!added.ok) return added;
  }
  return ok({
    network: network.value,
    seeds: [...seeds.values()].sort((a, b) => a.epoch - b.epoch),
    epochs: [],
    rounds: [...rounds.values()].sort((a, b) => a.header.number - b.header.number),
    blocks,
  });
}

/** Public data of one network as one: what both hold is there once. */
export function joinPublicData(a: PublicData, b: PublicData): PublicData {
  const once = <T>(lists: readonly T[], name: (item: T) => number): T[] => {
    const named = new Map(lists.map((item) => [name(item), item]));
    return [...named].sort(([x], [y]) => x - y).map(([, item]) => item);
  };
  return {
    network: a.network,
    seeds: once([...b.seeds, ...a.seeds], ({ epoch }) => epoch),
    epochs: once([...b.epochs, ...a.epochs], ({ epoch }) => epoch),
    rounds: once([...b.rounds, ...a.rounds], ({ header }) => header.number),
    blocks: once([...b.blocks, ...a.blocks], ({ round, index }) => round * 65_536 + index),
  };
}

interface ChangePage {
  readonly items: readonly { readonly lane: number; readonly height: number }[];
  readonly next: number | null;
}

async function changePage(connection: Connection, from: number): Promise<Result<ChangePage>> {
  const answer = await callJson(connection, { path: `/v1/signers?from=${from}` });
  const page = readResult<{ items: unknown[]; next: unknown }>(answer, { items: 'array', next: 'any' });
  if (!page.ok) return page;
  const items: { lane: number; height: number }[] = [];
  for (const json of page.value.items) {
    const item = readAnswer<{ lane: number; height: number }>(json, { lane: 'number', height: 'number' });
    if (!item.ok) return item;
    items.push(item.value);
  }
  const { next } = page.value;
  // A server that does not go forward is not followed.
  return ok({ items, next: typeof next === 'number' && next > from ? next : null });
}

/** The round, and the one that ended its epoch, with the links of the seed chain that say which that is. */
async function roundAndEdge(
  connection: Connection,
  number: number,
  rounds: Map<number, PublicRound>,
  seeds: Map<number, PublicSeed>,
): Promise<Result<void>> {
  const round = await getPublicRound(connection, number);
  if (!round.ok) return round;
  rounds.set(number, round.value);
  const { epoch } = round.value.header;
  const links = await getSeeds(connection, Math.max(1, epoch), epoch + 1);
  // The next epoch has not begun: what was decided takes effect later.
  if (!links.ok) return links.error.code === 'epoch-not-found' ? ok(undefined) : links;
  for (const link of links.value) seeds.set(link.epoch, link);
  const edge = links.value.find(({ opened }) => opened >= number);
  if (edge === undefined || rounds.has(edge.opened)) return ok(undefined);
  const opening = await getPublicRound(connection, edge.opened);
  if (!opening.ok) return opening;
  rounds.set(edge.opened, opening.value);
  return ok(undefined);
}
