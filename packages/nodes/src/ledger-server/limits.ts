export interface LedgerServerLimits {
  /** Certified blocks of one lane that may wait; more are dropped, the lane sends again. */
  readonly waitingPerLane: number;
  /** Certified blocks whose transactions are being verified; more are dropped, the lane sends again. */
  readonly maxVerifying: number;
  /** Body bytes in one round. */
  readonly maxRoundBytes: number;
  /** Notices kept for trust nodes that missed some. */
  readonly keptNotices: number;
  /** Epoch votes wait this long for blocks to ride with, ms. */
  readonly voteLingerMs: number;
  readonly knownContents: number;
}

export const DEFAULT_LEDGER_SERVER_LIMITS: LedgerServerLimits = {
  waitingPerLane: 64,
  maxVerifying: 256,
  maxRoundBytes: 16_777_216,
  keptNotices: 256,
  voteLingerMs: 500,
  knownContents: 1_024,
};
