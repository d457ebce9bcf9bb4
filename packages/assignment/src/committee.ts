import type { Parameters } from '@iotw/protocol/parameters';

export type CommitteeRole = 'miner' | 'witness';

/** c: devices that are paid for one block. */
export function committeeSize(parameters: Pick<Parameters, 'miners' | 'witnesses'>): number {
  return parameters.miners + parameters.witnesses;
}

/** The role of the paid device with the `paidIndex`-th lowest rank (from 0): the lowest are the miners. */
export function roleOf(parameters: Pick<Parameters, 'miners'>, paidIndex: number): CommitteeRole {
  return paidIndex < parameters.miners ? 'miner' : 'witness';
}

/**
 * The host whose devices a lane may not ask: its own trust node (which has the lane's number), as soon as
 * there is another (spec: clause 7).
 */
export function excludedHost(lane: number, trustNodeCount: number): number | undefined {
  return trustNodeCount >= 2 ? lane : undefined;
}

/** Ranks that an attempt may use: first .. end-1. */
export function attemptRanks(
  parameters: Pick<Parameters, 'ranksPerAttempt'>,
  attempt: number,
): { readonly first: number; readonly end: number } {
  const first = attempt * parameters.ranksPerAttempt;
  return { first, end: first + parameters.ranksPerAttempt };
}
