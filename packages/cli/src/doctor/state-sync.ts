import { TRUST_HOURS } from '@iotw/adapters/cometbft/home';
import type { NodeConfig } from '../node/node-config.js';
import { bad, type Finding, good } from './check.js';

type StateSync = NonNullable<NonNullable<NodeConfig['cometbft']>['stateSync']>;

const ANSWER_MS = 5_000;
const ANSWER_BYTES = 1_000_000;
const GET_TRUST =
  'read height and block_id.hash from http://SERVER/commit of a ledger server that you trust (docs/operate/state-sync.md)';

/** Whether each of the servers has the trusted block, under the trusted hash, and whether it is young enough. */
export async function checkStateSync(
  { trustHeight, trustHash, rpcServers }: StateSync,
  nowMs: number,
): Promise<Finding[]> {
  const name = (server: string): string => `state sync, ${server}`;
  return Promise.all(
    rpcServers.map(async (server) => {
      const block = await commitOf(server, trustHeight);
      if (typeof block === 'string')
        return bad(name(server), block, `start it, or name another; ${GET_TRUST}`);
      if (block.hash.toLowerCase() !== trustHash.toLowerCase())
        return bad(name(server), `has the hash ${block.hash} at height ${trustHeight}`, GET_TRUST);
      const hours = (nowMs - block.timeMs) / 3_600_000;
      if (hours > TRUST_HOURS)
        return bad(name(server), `height ${trustHeight} is ${Math.floor(hours)} hours old`, GET_TRUST);
      return good(name(server), `has the trusted block ${trustHeight}`);
    }),
  );
}

/** Hash and time of the block at that height; or what is wrong. */
async function commitOf(server: string, height: number): Promise<{ hash: string; timeMs: number } | string> {
  try {
    const response = await fetch(`${server}/commit?height=${height}`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await response.text();
    if (text.length > ANSWER_BYTES) return 'its answer is too long';
    const { signed_header } = (JSON.parse(text) as Answer).result ?? {};
    const hash = signed_header?.commit?.block_id?.hash;
    const timeMs = Date.parse(signed_header?.header?.time ?? '');
    if (typeof hash !== 'string' || Number.isNaN(timeMs)) return `has no block ${height}`;
    return { hash, timeMs };
  } catch (error) {
    return `does not answer (${(error as Error).message})`;
  }
}

/** CometBFT's answer, as far as it is read. */
interface Answer {
  readonly result?: {
    readonly signed_header?: {
      readonly header?: { readonly time?: string };
      readonly commit?: { readonly block_id?: { readonly hash?: string } };
    };
  };
}
