import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { Amount, Count, TimeMs } from './forms.js';

const IndexState = z.object({
  state: z.enum(['current', 'behind', 'failed']),
  first: Count.describe('first round that is kept'),
  round: Count,
  latest: Count,
  lagRounds: Count,
  transactions: Count.describe('indexed since the start'),
  segments: Count,
  entries: Count,
  fault: z.string().optional(),
});

const ProtocolSchema = z
  .object({
    version: Count.describe('of the next round'),
    since: Count.describe('its first round'),
    known: z.array(Count).describe('versions that the software of this node knows'),
    pending: z
      .object({ version: Count, epoch: Count.describe('the first of that version') })
      .nullable()
      .describe('what the committee has decided for later'),
  })
  .describe('version of the protocol');

export const StatusSchema = z
  .object({
    roles: z.array(z.string()),
    ready: z.boolean(),
    round: Count,
    firstRound: Count.describe('first that is kept here: 1 on a server that keeps all'),
    timeMs: TimeMs,
    protocol: ProtocolSchema,
    epoch: Count,
    epochEndsMs: TimeMs.describe('agreed time at which the epoch may end'),
    uptimeSeconds: Count,
    transactionsPerSecond: z.number(),
    transactions: Count.describe('since this process started'),
    failed: Count,
    blocks: Count,
    accounts: Count,
    devices: Count,
    devicesConnected: Count,
    trades: Count,
    supply: Amount,
    rewardPool: Amount,
    verifying: Count,
    pending: Count.describe('verified and waiting for a block'),
    index: IndexState,
    peers: z.array(z.object({ peer: z.string(), up: z.boolean() })),
  })
  .meta({ id: 'Status' });
export type StatusView = z.infer<typeof StatusSchema>;

export function statusView(context: ApiContext): StatusView {
  const { backend, rounds, activity, index } = context;
  const { ledger } = backend;
  const node = backend.status();
  const indexed = index.status;
  return {
    roles: [...node.roles],
    ready: node.ready,
    round: rounds.latest,
    firstRound: backend.kept.first,
    timeMs: ledger.timeMs,
    protocol: {
      version: ledger.upgrades.version,
      since: ledger.upgrades.since,
      known: [...ledger.knownVersions],
      pending: ledger.upgrades.pending ?? null,
    },
    epoch: ledger.epoch,
    epochEndsMs: ledger.epochs.startMs + ledger.parameters.epochMs,
    uptimeSeconds: activity.uptimeSeconds,
    transactionsPerSecond: activity.transactionsPerSecond,
    transactions: activity.transactions,
    failed: activity.failed,
    blocks: activity.blocks,
    accounts: ledger.accounts.rows,
    devices: ledger.devices.rows,
    devicesConnected: node.trustNodes.reduce((sum, t) => sum + t.devicesConnected, 0),
    trades: ledger.trades.rows,
    supply: ledger.chain.supply,
    rewardPool: ledger.rewards.pool,
    verifying: node.verifying,
    pending: node.trustNodes.reduce((sum, t) => sum + t.pending, 0),
    index: { ...indexed, lagRounds: Math.max(0, indexed.latest - indexed.round) },
    peers: node.peers.map((peer) => ({ ...peer })),
  };
}
