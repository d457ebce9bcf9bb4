import type { Result } from '@iotw/kernel/result';
import { readResult } from './answer.js';
import type { Connection } from './connection.js';
import { callJson } from './request.js';

/** State of the node behind the server; fields beside these depend on its roles. */
export type StatusInfo = Readonly<Record<string, unknown>>;

/** GET /v1/status. Codes: those of a call. */
export async function getStatus(connection: Connection): Promise<Result<StatusInfo>> {
  return readResult<StatusInfo>(await callJson(connection, { path: '/v1/status' }), {});
}

/** GET /v1/parameters: the form of the genesis file. Codes: those of a call. */
export async function getParameters(connection: Connection): Promise<Result<StatusInfo>> {
  return readResult<StatusInfo>(await callJson(connection, { path: '/v1/parameters' }), {});
}

/** Parameters of the running epoch and of those that are frozen already. */
export interface UpcomingParameters {
  readonly items: readonly { readonly epoch: number; readonly parameters: StatusInfo }[];
}

/** GET /v1/parameters/upcoming. Codes: those of a call. */
export async function getUpcomingParameters(connection: Connection): Promise<Result<UpcomingParameters>> {
  const answer = await callJson(connection, { path: '/v1/parameters/upcoming' });
  return readResult<UpcomingParameters>(answer, { items: 'array' });
}
