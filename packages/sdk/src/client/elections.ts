import type { Result } from '@iotw/kernel/result';
import { readResult } from './answer.js';
import type { Connection } from './connection.js';
import type { Diversity } from './diversity.js';
import { callJson, path } from './request.js';

/** The election of one applied block as the server draws it; `verifyElection` draws it again. */
export interface ElectionInfo {
  readonly lane: number;
  readonly height: number;
  /** Block hash in hex. */
  readonly hash: string;
  readonly round: number;
  readonly epoch: number;
  readonly mode: string;
  readonly seed: string;
  readonly poolRoot: string;
  readonly attempt: number;
  readonly committeeSize: number;
  /** The lane's own trust node, whose devices it may not ask. */
  readonly excludedHost: number | null;
  readonly eligible: number;
  readonly ranks: readonly {
    readonly rank: number;
    readonly attempt: number;
    readonly device: number;
    readonly host: number;
    readonly maker: number;
    readonly region: number;
    readonly owner: number;
    readonly answer: string;
  }[];
  readonly diversity: Diversity;
}

/** GET /v1/elections/:lane/:height. Codes: those of a call, `block-not-found`, `epoch-not-found`. */
export async function getElection(
  connection: Connection,
  lane: number,
  height: number,
): Promise<Result<ElectionInfo>> {
  const answer = await callJson(connection, { path: path`/v1/elections/${lane}/${height}` });
  return readResult<ElectionInfo>(answer, {
    lane: 'number',
    height: 'number',
    hash: 'string',
    round: 'number',
    epoch: 'number',
    mode: 'string',
    seed: 'string',
    poolRoot: 'string',
    attempt: 'number',
    committeeSize: 'number',
    excludedHost: 'any',
    eligible: 'number',
    ranks: 'array',
    diversity: 'object',
  });
}
