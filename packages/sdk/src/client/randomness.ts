import { ok, type Result } from '@iotw/kernel/result';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { callJson } from './request.js';

/** The round of a public beacon that a vote named for the next epoch (spec: clause 6.8). */
export interface EmergencyInfo {
  /** `drand default`, `drand quicknet`. */
  readonly beacon: string;
  /** Chain hash in hex. */
  readonly chain: string;
  readonly round: number;
  /** When it comes out, ms. */
  readonly outMs: number;
  /** Whether somebody brought its value. */
  readonly here: boolean;
}

/** Where seeds come from and what the next epoch waits for. */
export interface RandomnessInfo {
  readonly randomness: string;
  readonly source: 'vrf' | 'threshold' | 'public';
  readonly nextEpoch: number;
  /** Agreed time from which the next epoch may open, ms. */
  readonly dueMs: number;
  readonly waitsFor: string;
  readonly sharedKey: {
    readonly key: string;
    readonly threshold: number;
    readonly holders: readonly number[];
    readonly ceremony: number;
  } | null;
  readonly ceremony: {
    readonly number: number;
    readonly step: string;
    readonly sinceMs: number;
    readonly joined: readonly number[];
    readonly dealt: readonly number[];
    readonly checked: readonly number[];
  } | null;
  readonly emergency: EmergencyInfo | null;
}

/** The member `randomness` of GET /v1/network, with the agreed time of then. Codes: those of a call. */
export async function getRandomness(
  connection: Connection,
): Promise<Result<RandomnessInfo & { readonly timeMs: number; readonly epoch: number }>> {
  const network = readResult<{ randomness: unknown; timeMs: number; epoch: number }>(
    await callJson(connection, { path: '/v1/network' }),
    { randomness: 'object', timeMs: 'number', epoch: 'number' },
  );
  if (!network.ok) return network;
  const { timeMs, epoch, randomness } = network.value;
  const info = readAnswer<RandomnessInfo>(randomness, {
    randomness: 'string',
    source: 'string',
    nextEpoch: 'number',
    dueMs: 'number',
    waitsFor: 'string',
    sharedKey: 'any',
    ceremony: 'any',
    emergency: 'any',
  });
  return info.ok ? ok({ ...info.value, timeMs, epoch }) : info;
}
