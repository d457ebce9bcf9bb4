import type { Result } from '@iotw/kernel/result';
import { readResult } from './answer.js';
import type { WitnessCountsInfo } from './chain.js';
import type { Connection } from './connection.js';
import { callJson } from './request.js';

/** A lane, and its trust node as host, for whoever runs it. */
export interface LaneHealth {
  readonly lane: number;
  readonly operator: string;
  readonly region: string;
  /** Why it takes no blocks; empty: it takes them. */
  readonly suspended: readonly ('unfunded' | 'equivocation' | 'vote' | 'unseated')[];
  readonly height: number;
  /** How often it was reset. */
  readonly incarnation: number;
  /** Rounds since its last block or reset. */
  readonly quietRounds: number;
  /** Blocks of the running epoch, and those of them without any device. */
  readonly epochBlocks: number;
  readonly epochUnmined: number;
  /** Base units. */
  readonly credit: number;
  readonly bond: number;
  /** What the answering process sees; null where the trust node runs elsewhere. */
  readonly live: {
    readonly devicesConnected: number;
    readonly blocksInFlight: number;
    readonly pending: number;
  } | null;
  readonly witnessing: { readonly running: WitnessCountsInfo; readonly last: WitnessCountsInfo };
}

/** Something that calls for a look. */
export interface HealthFinding {
  /** Such as `lane-stalled`; newer servers may know more. */
  readonly what: string;
  /** `page`: somebody has to look at once. */
  readonly severity: 'page' | 'ticket';
  /** Lane, trust node or ledger server; null: the node or network as a whole. */
  readonly of: number | null;
  /** Seconds, rounds, a share or a count, by what it is. */
  readonly value: number;
}

/** How the node behind the server and its network are. */
export interface HealthInfo {
  readonly ready: boolean;
  readonly round: number;
  readonly roundAgeSeconds: number;
  readonly epoch: number;
  readonly epochOverdueSeconds: number;
  readonly uptimeSeconds: number;
  readonly memoryBytes: number;
  /** Transactions in verification, and those that wait for a block. */
  readonly verifying: number;
  readonly pending: number;
  readonly commits: { readonly count: number; readonly meanMs: number };
  readonly index: { readonly state: 'current' | 'behind' | 'failed'; readonly lagRounds: number };
  readonly links: readonly { readonly peer: string; readonly up: boolean }[];
  /** Of CometBFT; null: one ledger server orders alone. */
  readonly engineHeight: number | null;
  readonly servers: { readonly serving: number; readonly all: number };
  /** Quiet rounds after which a lane with lost blocks may be reset. */
  readonly stallRounds: number;
  readonly devices: { readonly all: number; readonly blacklisted: number; readonly connected: number };
  readonly lanes: readonly LaneHealth[];
  /** Urgent ones first; none: all is well. */
  readonly findings: readonly HealthFinding[];
}

/** GET /v1/health. Codes: those of a call. */
export async function getHealth(connection: Connection): Promise<Result<HealthInfo>> {
  return readResult<HealthInfo>(await callJson(connection, { path: '/v1/health' }), {
    ready: 'boolean',
    round: 'number',
    roundAgeSeconds: 'number',
    epoch: 'number',
    epochOverdueSeconds: 'number',
    uptimeSeconds: 'number',
    memoryBytes: 'number',
    verifying: 'number',
    pending: 'number',
    commits: 'object',
    index: 'object',
    links: 'array',
    engineHeight: 'any',
    servers: 'object',
    stallRounds: 'number',
    devices: 'object',
    lanes: 'array',
    findings: 'array',
  });
}
