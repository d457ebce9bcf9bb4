import type { Result } from '@iotw/kernel/result';
import { readAnswer } from './answer.js';
import type { Connection } from './connection.js';
import { getPage, type Page, type PageOptions } from './pages.js';
import { path } from './request.js';

/** A device of a frozen pool, as a list shows it. What is verified stands on `getPool`, whose root is checked. */
export interface PoolDeviceInfo {
  readonly device: number;
  /** Trust node that it is logged in at. */
  readonly host: number;
  readonly maker: number;
  /** Number of the region in the genesis. */
  readonly region: number;
}

/** GET /v1/epochs/:epoch/pool: one page by device number. Codes: those of a call, `epoch-not-found`, `cursor-invalid`. */
export function getPoolDevicePage(
  connection: Connection,
  epoch: number,
  options: PageOptions = {},
): Promise<Result<Page<PoolDeviceInfo>>> {
  return getPage(connection, path`/v1/epochs/${epoch}/pool`, options, (json) =>
    readAnswer<PoolDeviceInfo>(json, { device: 'number', host: 'number', maker: 'number', region: 'number' }),
  );
}
