import { z } from 'zod';
import { Amount, Count } from './forms.js';
import { WitnessingSchema } from './witnessing.js';

/**
 * What calls for a look, by the thresholds of deploy/prometheus/iotw-alerts.yml where a single look can tell. What to do:
 * docs/operate/run.md.
 */
export const FINDINGS = [
  'not-ready',
  'epoch-overdue',
  'nothing-applied',
  'upgrade-needed',
  'index-behind',
  'index-failed',
  'link-down',
  'commits-slow',
  'lane-suspended',
  'lane-stalled',
  'lane-credit-low',
  'host-silent',
  'server-suspended',
] as const;
export type FindingName = (typeof FINDINGS)[number];

const LaneHealthSchema = z.object({
  lane: Count,
  operator: z.string(),
  region: z.string(),
  suspended: z
    .array(z.enum(['unfunded', 'equivocation', 'vote', 'unseated']))
    .describe('why it takes no blocks; none: it takes them'),
  height: Count,
  incarnation: Count.describe('how often it was reset'),
  quietRounds: Count.describe('rounds since its last block or reset'),
  epochBlocks: Count,
  epochUnmined: Count.describe('of them without any device'),
  credit: Amount,
  bond: Amount,
  live: z
    .object({ devicesConnected: Count, blocksInFlight: Count, pending: Count })
    .nullable()
    .describe('what this process sees; null where the trust node runs elsewhere'),
  witnessing: WitnessingSchema,
});
export type LaneHealth = z.infer<typeof LaneHealthSchema>;

const FindingSchema = z.object({
  what: z.enum(FINDINGS),
  severity: z.enum(['page', 'ticket']).describe('page: somebody has to look at once'),
  of: Count.nullable().describe('lane, trust node or ledger server; null: the node or network as a whole'),
  value: z.number().describe('seconds, rounds, a share or a count, by what it is'),
});

export const HealthSchema = z
  .object({
    ready: z.boolean(),
    round: Count,
    roundAgeSeconds: z.number().describe('since the agreed time of the last round, by this node’s clock'),
    epoch: Count,
    epochOverdueSeconds: z.number().describe('since the running epoch was due to end'),
    uptimeSeconds: Count,
    memoryBytes: Count.describe('resident, of this process'),
    verifying: Count.describe('transactions in verification'),
    pending: Count.describe('verified and waiting for a block'),
    commits: z.object({ count: Count, meanMs: z.number() }).describe('durable commits since the start'),
    index: z.object({ state: z.enum(['current', 'behind', 'failed']), lagRounds: Count }),
    links: z.array(z.object({ peer: z.string(), up: z.boolean() })).describe('to nodes of other processes'),
    engineHeight: Count.nullable().describe('of CometBFT; null: one ledger server orders alone'),
    servers: z.object({ serving: Count, all: Count }).describe('ledger servers'),
    stallRounds: Count.describe('quiet rounds after which a lane with lost blocks may be reset'),
    devices: z.object({ all: Count, blacklisted: Count, connected: Count.describe('to this process') }),
    lanes: z.array(LaneHealthSchema),
    findings: z.array(FindingSchema).describe('what an operator should look at; none: nothing'),
  })
  .meta({ id: 'Health' });
export type HealthView = z.infer<typeof HealthSchema>;
/** What findings are made from. */
export type HealthFacts = Omit<HealthView, 'findings'>;
