import { ok } from '@iotw/kernel/result';
import { getPoolDevicePage, type PoolDeviceInfo } from '@iotw/sdk/client/pool-devices';
import { connection } from '../data/connection.ts';
import { useResult } from '../data/use-result.ts';
import { MOST_DEVICES } from './scene.ts';

const PAGE = 500;
const NONE: readonly PoolDeviceInfo[] = [];

/** Devices of the running epoch's pool, as many as are drawn; asked for again only when the pool is another. */
export function usePoolDevices(epoch: number, poolRoot: string): readonly PoolDeviceInfo[] {
  const pool = useResult(
    ['pool-devices', poolRoot],
    async (signal) => {
      const devices: PoolDeviceInfo[] = [];
      let cursor: string | undefined;
      do {
        const page = await getPoolDevicePage(connection, epoch, {
          limit: PAGE,
          signal,
          ...(cursor === undefined ? {} : { cursor }),
        });
        if (!page.ok) return page;
        devices.push(...page.value.items);
        cursor = page.value.next ?? undefined;
      } while (cursor !== undefined && devices.length < MOST_DEVICES);
      return ok(devices);
    },
    { keep: true },
  );
  return pool.data ?? NONE;
}
