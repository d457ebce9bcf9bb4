import { mulDivFloor } from '@iotw/kernel/wide';
import type { Operation } from '@iotw/protocol/operations';
import type { Parameters } from '@iotw/protocol/parameters';

const BASIS_POINTS = 10_000;

/** What a transaction costs its sender, base units. */
export interface FeeEstimate {
  /** Taken first, whatever the outcome. */
  readonly floor: number;
  /** Basis points of what was moved; only on success. */
  readonly share: number;
  readonly total: number;
}

/**
 * The exact fee of a transaction that succeeds under `parameters` (spec: clause 10): transfers, trades
 * and refunds count as moved. A trust node's own account carries presence tickets free of charge, which
 * an estimate does not know.
 */
export function estimateFee(
  parameters: Pick<Parameters, 'feeFloor' | 'feePerOperation' | 'feeBps'>,
  operations: readonly Operation[],
): FeeEstimate {
  const floor = parameters.feeFloor + parameters.feePerOperation * operations.length;
  const share = mulDivFloor(movedAmount(operations), parameters.feeBps, BASIS_POINTS);
  return { floor, share, total: floor + share };
}

/** Base units that the operations move between accounts; at most 2^53-1, as the ledger demands. */
export function movedAmount(operations: readonly Operation[]): number {
  let moved = 0;
  for (const operation of operations) {
    switch (operation.type) {
      case 'transfer':
      case 'transferToKey':
      case 'trade':
      case 'refund':
        moved += operation.amount;
    }
  }
  return Math.min(moved, Number.MAX_SAFE_INTEGER);
}
