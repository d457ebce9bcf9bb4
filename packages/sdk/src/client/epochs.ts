import type { Result } from '@iotw/kernel/result';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { getPage, type Page, type PageOptions } from './pages.js';
import { callJson, path } from './request.js';

export interface EpochInfo {
  readonly epoch: number;
  readonly state: 'running' | 'ended';
  readonly mode: string;
  /** Mode vrf with too few tickets: the whole frozen pool is drawn; null: not kept any more. */
  readonly fallback: boolean | null;
  /** Hex. */
  readonly seed: string;
  readonly randomness: string;
  readonly poolRoot: string;
  readonly poolDevices: number;
  /** Of this epoch, in the form of the genesis file. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whose votes count in it; keys in hex. */
  readonly trustNodes: readonly { readonly index: number; readonly key: string }[];
  /** Who may sign the epoch's assignments beside the lanes' trust nodes. */
  readonly assigners: readonly { readonly index: number; readonly server: number; readonly key: string }[];
  /** Agreed time and round that opened it, trust nodes that confirmed root and seed; null: not kept any more. */
  readonly startMs: number | null;
  readonly startRound: number | null;
  readonly confirmations: number | null;
  /** Hex; null while it runs. */
  readonly stateRoot: string | null;
  /** What it paid; null while it runs. */
  /** Amounts and counts; `witnessing` holds what all certificates come to (spec: clause 8.13). */
  readonly settlement: Readonly<Record<string, number | Readonly<Record<string, number>>>> | null;
}

/** GET /v1/epochs/:epoch. Codes: those of a call, `epoch-not-found`. */
export async function getEpoch(connection: Connection, epoch: number): Promise<Result<EpochInfo>> {
  return readResult<EpochInfo>(await callJson(connection, { path: path`/v1/epochs/${epoch}` }), EPOCH);
}

const EPOCH = {
  epoch: 'number',
  state: 'string',
  mode: 'string',
  fallback: 'any',
  seed: 'string',
  randomness: 'string',
  poolRoot: 'string',
  poolDevices: 'number',
  parameters: 'object',
  trustNodes: 'array',
  assigners: 'array',
  stateRoot: 'any',
  settlement: 'any',
  startMs: 'any',
  startRound: 'any',
  confirmations: 'any',
} as const;

/** GET /v1/epochs: one page, newest first. Codes: those of a call, `cursor-invalid`. */
export function getEpochPage(
  connection: Connection,
  options: PageOptions = {},
): Promise<Result<Page<EpochInfo>>> {
  return getPage(connection, '/v1/epochs', options, (json) => readAnswer<EpochInfo>(json, EPOCH));
}

/** What an epoch paid to one device. */
export interface PaymentInfo {
  readonly device: number;
  /** Address; null: nobody owned it. */
  readonly account: string | null;
  /** Base units. */
  readonly minerAmount: number;
  readonly witnessAmount: number;
}

/** The reward pool, and one page of what an ended epoch paid. Base units. */
export interface RewardsInfo {
  /** Left to issue, now. */
  readonly pool: number;
  /** Since the genesis. */
  readonly fees: number;
  readonly paid: number;
  /** The epoch shown; null before the first has ended. */
  readonly epoch: number | null;
  readonly payments: Page<PaymentInfo>;
}

/**
 * GET /v1/rewards: of an ended epoch, the last unless given. Codes: those of a call, `epoch-not-ended`,
 * `settlement-not-kept`, `cursor-invalid`.
 */
export async function getRewards(
  connection: Connection,
  epoch: number | undefined,
  { limit, cursor, signal }: PageOptions = {},
): Promise<Result<RewardsInfo>> {
  const answer = await callJson(connection, { path: '/v1/rewards', query: { epoch, limit, cursor }, signal });
  return readResult<RewardsInfo>(answer, {
    pool: 'number',
    fees: 'number',
    paid: 'number',
    epoch: 'any',
    payments: 'object',
  });
}
