import { ok, type Result } from '@iotw/kernel/result';
import { type CertifiedBlock, decodeCertifiedBlock } from '@iotw/protocol/certificate';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { callBytes, callJson, path } from './request.js';

export interface BlockInfo {
  /** Hex. */
  readonly hash: string;
  readonly round: number;
  /** Place among the blocks of the round. */
  readonly index: number;
  readonly timeMs: number;
  readonly header: Readonly<Record<string, unknown>>;
  readonly certificate: Readonly<Record<string, unknown>>;
  /** Distinct values among the paid devices; null where the server has not kept the pool. */
  readonly diversity: {
    readonly seats: number;
    readonly owners: number;
    readonly makers: number;
    readonly regions: number;
    readonly hosts: number;
    readonly clouds: number;
  } | null;
  readonly transactions: readonly { readonly id: string; readonly code: string; readonly fee: number }[];
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

/** Counts of one epoch of a trust node as lane and as host (spec: clause 8.13). */
export interface WitnessCountsInfo {
  readonly committees: number;
  readonly seats: number;
  readonly owners: number;
  readonly makers: number;
  readonly regions: number;
  readonly hosts: number;
  readonly clouds: number;
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
  return readResult<BlockInfo>(answer, {
    hash: 'string',
    round: 'number',
    index: 'number',
    timeMs: 'number',
    header: 'object',
    certificate: 'object',
    diversity: 'any',
    transactions: 'array',
  });
}

/**
 * GET /v1/blocks/:lane/:height in SSZ, with its body: what `verifyBlock` takes.
 * Codes: those of a call, `block-not-found`, `malformed`.
 */
export async function getCertifiedBlock(
  connection: Connection,
  lane: number,
  height: number,
): Promise<Result<CertifiedBlock>> {
  const bytes = await callBytes(connection, {
    path: path`/v1/blocks/${lane}/${height}`,
    accept: 'application/octet-stream',
  });
  return bytes.ok ? decodeCertifiedBlock(bytes.value) : bytes;
}

/** GET /v1/rounds/:n. Codes: those of a call, `round-not-found`. */
export async function getRound(connection: Connection, number: number): Promise<Result<RoundInfo>> {
  return readResult<RoundInfo>(await callJson(connection, { path: path`/v1/rounds/${number}` }), {
    number: 'number',
    timeMs: 'number',
    epoch: 'number',
    hash: 'string',
    transactions: 'number',
    failed: 'number',
  });
}

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
