import { ok, type Result } from '@iotw/kernel/result';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import type { Diversity } from './diversity.js';
import { getPage, type Page, type PageOptions } from './pages.js';
import { callJson, path } from './request.js';

export interface BlockInfo {
  /** Hex. */
  readonly hash: string;
  readonly round: number;
  /** Place among the blocks of the round. */
  readonly index: number;
  readonly timeMs: number;
  readonly header: Readonly<Record<string, unknown>>;
  readonly certificate: Readonly<Record<string, unknown>>;
  /** null where the server has not kept the pool. */
  readonly diversity: Diversity | null;
  readonly transactions: readonly { readonly id: string; readonly code: string; readonly fee: number }[];
}

/** A block in a list. */
export interface BlockSummary {
  readonly lane: number;
  readonly height: number;
  readonly hash: string;
  readonly round: number;
  readonly timeMs: number;
  readonly epoch: number;
  readonly transactions: number;
  readonly attempt: number;
  /** Who completed it: `devices`, or why no device did. */
  readonly mode: string;
  readonly answers: number;
}

/** GET /v1/blocks: one page of all lanes' blocks, newest first. Codes: those of a call, `cursor-invalid`. */
export function getBlockPage(
  connection: Connection,
  options: PageOptions = {},
): Promise<Result<Page<BlockSummary>>> {
  return getPage(connection, '/v1/blocks', options, (json) =>
    readAnswer<BlockSummary>(json, {
      lane: 'number',
      height: 'number',
      hash: 'string',
      round: 'number',
      timeMs: 'number',
      epoch: 'number',
      transactions: 'number',
      attempt: 'number',
      mode: 'string',
      answers: 'number',
    }),
  );
}

/** What a list of rounds shows of one. */
export interface RoundSummary extends RoundInfo {
  /** How many. */
  readonly blocks: number;
}

/** GET /v1/rounds: one page, newest first. Codes: those of a call, `cursor-invalid`. */
export function getRoundPage(
  connection: Connection,
  options: PageOptions = {},
): Promise<Result<Page<RoundSummary>>> {
  return getPage(connection, '/v1/rounds', options, (json) =>
    readAnswer<RoundSummary>(json, { ...ROUND, blocks: 'number' }),
  );
}

/** A round with what its header says, bytes as hex. */
export interface RoundDetails extends RoundSummary {
  readonly version: number;
  readonly previous: string;
  readonly seed: string;
  readonly seedSource: string;
  readonly seedKey: string;
  readonly poolRoot: string;
  readonly blocksRoot: string;
  readonly resultsRoot: string;
  readonly stateHash: string;
  readonly opensEpoch: boolean;
  readonly signatures: readonly { readonly server: number; readonly signature: string }[];
  readonly blockList: readonly {
    readonly lane: number;
    readonly height: number;
    readonly hash: string;
    readonly transactions: number;
  }[];
}

/** GET /v1/rounds/:n with everything that it says. Codes: those of a call, `round-not-found`. */
export async function getRoundDetails(connection: Connection, number: number): Promise<Result<RoundDetails>> {
  return readResult<RoundDetails>(await callJson(connection, { path: path`/v1/rounds/${number}` }), {
    ...ROUND,
    blocks: 'number',
    version: 'number',
    previous: 'string',
    seed: 'string',
    seedSource: 'string',
    seedKey: 'string',
    poolRoot: 'string',
    blocksRoot: 'string',
    resultsRoot: 'string',
    stateHash: 'string',
    opensEpoch: 'boolean',
    signatures: 'array',
    blockList: 'array',
  });
}

export interface RoundInfo {
  readonly number: number;
  readonly timeMs: number;
  readonly epoch: number;
  /** Hex. */
  readonly hash: string;
  readonly transactions: number;
  readonly failed: number;
}

/**
 * Counts of one epoch of a trust node as lane and as host (spec: clause 8.13); its diversity is the sum over the lane's
 * blocks.
 */
export interface WitnessCountsInfo extends Diversity {
  readonly committees: number;
  readonly passedOver: number;
  readonly passedOverSoftly: number;
  readonly unheard: number;
  readonly failedAttempts: number;
  readonly leftOut: number;
  readonly answers: number;
  readonly misses: number;
  readonly softMisses: number;
  readonly silences: number;
  readonly answersLeftOut: number;
  readonly selfAssigned: number;
}

export interface LaneInfo {
  readonly lane: number;
  readonly incarnation: number;
  /** Of the last applied block. */
  readonly height: number;
  /** Hash of that block and its round. */
  readonly hash: string;
  readonly progressRound: number;
  /** Blocks of the running epoch, and those of them without any device. */
  readonly epochBlocks: number;
  readonly epochUnmined: number;
  /** Hex. */
  readonly key: string;
  readonly suspended: boolean;
  /** Base units. */
  readonly credit: number;
  readonly bond: number;
  readonly witnessing: { readonly running: WitnessCountsInfo; readonly last: WitnessCountsInfo };
}

export interface LedgerServerInfo {
  readonly index: number;
  readonly operator: string;
  readonly region: string;
  readonly cloud: string;
  /** Hex. */
  readonly key: string;
  /** Why it votes on no rounds; `not-yet`: it was admitted, and nothing was heard of it; null: it does. */
  readonly suspended: 'by-vote' | 'for-misbehaviour' | 'not-yet' | null;
  /** What the engine proved of it, oldest first; `height` is the engine's, `suspended` whether it cost the vote. */
  readonly misbehaviours: readonly {
    readonly kind: 'double-vote' | 'light-client-attack';
    readonly height: number;
    readonly timeMs: number;
    readonly round: number;
    readonly suspended: boolean;
  }[];
}

/** GET /v1/ledger-servers: every ledger server by number. Codes: those of a call. */
export async function getLedgerServers(connection: Connection): Promise<Result<readonly LedgerServerInfo[]>> {
  const answer = await callJson(connection, { path: '/v1/ledger-servers' });
  const list = readResult<{ items: readonly unknown[] }>(answer, { items: 'array' });
  if (!list.ok) return list;
  const servers: LedgerServerInfo[] = [];
  for (const json of list.value.items) {
    const server = readResult<LedgerServerInfo>(ok(json), LEDGER_SERVER_SHAPE);
    if (!server.ok) return server;
    servers.push(server.value);
  }
  return ok(servers);
}

/** GET /v1/blocks/:lane/:height. Codes: those of a call, `block-not-found`. */
export async function getBlock(
  connection: Connection,
  lane: number,
  height: number,
): Promise<Result<BlockInfo>> {
  const answer = await callJson(connection, { path: path`/v1/blocks/${lane}/${height}` });
  return readResult<BlockInfo>(answer, BLOCK);
}

/** GET /v1/blocks/:hash. Codes: those of a call, `request-invalid`, `block-not-found`. */
export async function getBlockByHash(connection: Connection, hash: string): Promise<Result<BlockInfo>> {
  return readResult<BlockInfo>(await callJson(connection, { path: path`/v1/blocks/${hash}` }), BLOCK);
}

const BLOCK = {
  hash: 'string',
  round: 'number',
  index: 'number',
  timeMs: 'number',
  header: 'object',
  certificate: 'object',
  diversity: 'any',
  transactions: 'array',
} as const;

/** GET /v1/rounds/:n. Codes: those of a call, `round-not-found`. */
export async function getRound(connection: Connection, number: number): Promise<Result<RoundInfo>> {
  return readResult<RoundInfo>(await callJson(connection, { path: path`/v1/rounds/${number}` }), ROUND);
}

const ROUND = {
  number: 'number',
  timeMs: 'number',
  epoch: 'number',
  hash: 'string',
  transactions: 'number',
  failed: 'number',
} as const;

const LEDGER_SERVER_SHAPE = {
  index: 'number',
  operator: 'string',
  region: 'string',
  cloud: 'string',
  key: 'string',
  suspended: 'any',
  misbehaviours: 'array',
} as const;

const LANE_SHAPE = {
  lane: 'number',
  hash: 'string',
  progressRound: 'number',
  epochBlocks: 'number',
  epochUnmined: 'number',
  key: 'string',
  incarnation: 'number',
  height: 'number',
  suspended: 'boolean',
  credit: 'number',
  bond: 'number',
  witnessing: 'object',
} as const;

/** GET /v1/lanes/:lane. Codes: those of a call, `lane-unknown`. */
export async function getLane(connection: Connection, lane: number): Promise<Result<LaneInfo>> {
  return readResult<LaneInfo>(await callJson(connection, { path: path`/v1/lanes/${lane}` }), LANE_SHAPE);
}

/** GET /v1/lanes: every lane by number. Codes: those of a call. */
export async function getLanes(connection: Connection): Promise<Result<readonly LaneInfo[]>> {
  const answer = await callJson(connection, { path: '/v1/lanes' });
  const list = readResult<{ items: readonly unknown[] }>(answer, { items: 'array' });
  if (!list.ok) return list;
  const lanes: LaneInfo[] = [];
  for (const json of list.value.items) {
    const lane = readAnswer<LaneInfo>(json, LANE_SHAPE);
    if (!lane.ok) return lane;
    lanes.push(lane.value);
  }
  return ok(lanes);
}
