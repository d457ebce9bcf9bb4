import { fromHex } from '@iotw/kernel/bytes';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { resolveAccount } from './accounts.js';
import { findBlock, findBlockByHash, findRoundByHash } from './blocks.js';
import { findMaker } from './makers.js';
import { nameText } from './nodes.js';
import { findTransaction } from './transactions.js';

export const SearchHitSchema = z
  .object({
    kind: z.enum([
      ...(['account', 'transaction', 'block', 'round', 'device', 'epoch', 'lane', 'maker'] as const),
      ...(['trust-node', 'proposal'] as const),
    ]),
    id: z.string(),
    path: z.string().describe('where it is served'),
  })
  .meta({ id: 'SearchHit' });
export type SearchHit = z.infer<typeof SearchHitSchema>;

/** Everything that `q` may name: an id, hash, key, address, number, `lane:height` or the name of a maker or operator. */
export function search(context: ApiContext, q: string): SearchHit[] {
  const text = q.trim();
  const bytes = fromHex(text, 32);
  if (bytes !== undefined) return searchBytes(context, text.toLowerCase(), bytes);
  const place = /^([0-9]{1,5})[:/]([0-9]{1,10})$/.exec(text);
  if (place !== null) return searchPlace(context, Number(place[1]), Number(place[2]));
  if (/^[0-9]{1,10}$/.test(text)) return searchNumber(context, Number(text));
  const account = resolveAccount(context, text);
  if (account.ok) return [{ kind: 'account', id: text, path: `/v1/accounts/${text}` }];
  return searchNames(context, text);
}

function searchBytes(context: ApiContext, id: string, bytes: Uint8Array): SearchHit[] {
  const hits: SearchHit[] = [];
  const { ledger } = context.backend;
  if (ledger.accounts.find(bytes) >= 0) hits.push({ kind: 'account', id, path: `/v1/accounts/${id}` });
  if (ledger.devices.find(bytes) >= 0) hits.push({ kind: 'device', id, path: `/v1/devices/${id}` });
  if (findTransaction(context, bytes).ok)
    hits.push({ kind: 'transaction', id, path: `/v1/transactions/${id}` });
  if (findBlockByHash(context, bytes).ok) hits.push({ kind: 'block', id, path: `/v1/blocks/${id}` });
  const round = findRoundByHash(context, bytes);
  if (round !== undefined) hits.push({ kind: 'round', id: String(round), path: `/v1/rounds/${round}` });
  return hits;
}

function searchPlace(context: ApiContext, lane: number, height: number): SearchHit[] {
  if (lane >= context.backend.ledger.lanes.rows || !findBlock(context, lane, height).ok) return [];
  return [{ kind: 'block', id: `${lane}:${height}`, path: `/v1/blocks/${lane}/${height}` }];
}

function searchNumber(context: ApiContext, number: number): SearchHit[] {
  const { ledger } = context.backend;
  const id = String(number);
  const hits: SearchHit[] = [];
  if (number >= 1 && number <= context.rounds.latest)
    hits.push({ kind: 'round', id, path: `/v1/rounds/${id}` });
  if (number < ledger.accounts.rows) hits.push({ kind: 'account', id, path: `/v1/accounts/${id}` });
  if (number < ledger.devices.rows) hits.push({ kind: 'device', id, path: `/v1/devices/${id}` });
  if (number <= ledger.epoch) hits.push({ kind: 'epoch', id, path: `/v1/epochs/${id}` });
  if (number < ledger.lanes.rows) hits.push({ kind: 'lane', id, path: `/v1/lanes/${id}` });
  if (number < ledger.trustNodes.rows) hits.push({ kind: 'trust-node', id, path: `/v1/trust-nodes/${id}` });
  if (findMaker(context, number).ok) hits.push({ kind: 'maker', id, path: `/v1/makers/${id}` });
  if (number < ledger.proposals.rows) hits.push({ kind: 'proposal', id, path: `/v1/proposals/${id}` });
  return hits;
}

/** Most hits of one kind that a name gives. */
const NAME_HITS = 20;

function searchNames(context: ApiContext, text: string): SearchHit[] {
  const { ledger, genesis } = context.backend;
  const wanted = text.toLowerCase();
  if (wanted.length === 0) return [];
  const has = (name: string) => name.toLowerCase().includes(wanted);
  const hits: SearchHit[] = [];
  for (let row = 0; row < ledger.makers.rows && hits.length < NAME_HITS; row++) {
    const { maker, name } = ledger.makers.read(row)!;
    if (has(nameText(name))) hits.push({ kind: 'maker', id: String(maker), path: `/v1/makers/${maker}` });
  }
  const nodes = Array.from({ length: ledger.trustNodes.rows }, (_, index) => index);
  const operated = nodes.filter((index) => has(nameText(genesis.trustNodes[index]?.operator)));
  for (const index of operated.slice(0, NAME_HITS)) {
    hits.push({ kind: 'trust-node', id: String(index), path: `/v1/trust-nodes/${index}` });
  }
  return hits;
}
