import { ok, type Result } from '@iotw/kernel/result';
import { readAnswer, readResult } from './answer.js';
import type { WitnessCountsInfo } from './chain.js';
import type { Connection } from './connection.js';
import { callJson, path } from './request.js';

export interface TrustNodeInfo {
  /** Its lane's number too. */
  readonly index: number;
  readonly operator: string;
  readonly region: string;
  readonly cloud: string;
  /** Address that it is paid to. */
  readonly account: string | null;
  /** Hex. */
  readonly key: string;
  /** Base units. */
  readonly credit: number;
  readonly bond: number;
  readonly earned: number;
  readonly suspended: boolean;
  /** Where its devices log in; null: not told. */
  readonly address: string | null;
  /** Votes in certificates of the running epoch. */
  readonly epochVotes: number;
  readonly witnessing: { readonly running: WitnessCountsInfo; readonly last: WitnessCountsInfo };
  /** What the answering process sees; null where the trust node runs elsewhere. */
  readonly live: {
    readonly devicesConnected: number;
    readonly blocksInFlight: number;
    readonly pending: number;
    readonly relayed: number;
    readonly answered: number;
    readonly missed: number;
  } | null;
}

const TRUST_NODE = {
  index: 'number',
  operator: 'string',
  region: 'string',
  cloud: 'string',
  account: 'any',
  key: 'string',
  credit: 'number',
  bond: 'number',
  earned: 'number',
  suspended: 'boolean',
  address: 'any',
  epochVotes: 'number',
  witnessing: 'object',
  live: 'any',
} as const;

/** GET /v1/trust-nodes: every trust node by number. Codes: those of a call. */
export async function getTrustNodes(connection: Connection): Promise<Result<readonly TrustNodeInfo[]>> {
  const answer = await callJson(connection, { path: '/v1/trust-nodes' });
  const list = readResult<{ items: readonly unknown[] }>(answer, { items: 'array' });
  if (!list.ok) return list;
  const nodes: TrustNodeInfo[] = [];
  for (const json of list.value.items) {
    const node = readAnswer<TrustNodeInfo>(json, TRUST_NODE);
    if (!node.ok) return node;
    nodes.push(node.value);
  }
  return ok(nodes);
}

/** GET /v1/trust-nodes/:index. Codes: those of a call, `node-unknown`. */
export async function getTrustNode(connection: Connection, index: number): Promise<Result<TrustNodeInfo>> {
  return readResult<TrustNodeInfo>(
    await callJson(connection, { path: path`/v1/trust-nodes/${index}` }),
    TRUST_NODE,
  );
}
