import type { Result } from '@iotw/kernel/result';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { getPage, type Page, type PageOptions } from './pages.js';
import { callJson, path } from './request.js';

export interface MakerInfo {
  readonly maker: number;
  readonly name: string;
  /** Hex. */
  readonly key: string;
  /** Devices it may register; of them allotted to batches, and registered. */
  readonly quota: number;
  readonly allotted: number;
  readonly used: number;
  /** Trust nodes it wants for its devices. */
  readonly hosts: readonly number[];
  /** The first 100. */
  readonly batches: readonly {
    readonly batch: number;
    readonly key: string;
    readonly quota: number;
    readonly used: number;
    readonly people: boolean;
    readonly activeFrom: number;
    /** Round; 0: not revoked. */
    readonly revokedFrom: number;
  }[];
}

const MAKER = {
  maker: 'number',
  name: 'string',
  key: 'string',
  quota: 'number',
  allotted: 'number',
  used: 'number',
  hosts: 'array',
  batches: 'array',
} as const;

/** GET /v1/makers: one page, in the order they were admitted. Codes: those of a call, `cursor-invalid`. */
export function getMakerPage(
  connection: Connection,
  options: PageOptions = {},
): Promise<Result<Page<MakerInfo>>> {
  return getPage(connection, '/v1/makers', options, (json) => readAnswer<MakerInfo>(json, MAKER));
}

/** GET /v1/makers/:maker. Codes: those of a call, `maker-not-found`. */
export async function getMaker(connection: Connection, maker: number): Promise<Result<MakerInfo>> {
  return readResult<MakerInfo>(await callJson(connection, { path: path`/v1/makers/${maker}` }), MAKER);
}
