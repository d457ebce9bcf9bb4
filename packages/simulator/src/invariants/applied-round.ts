import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import type { RoundInput } from '@iotw/protocol/round';

/** A round as one ledger server applied it (perhaps not durable yet). */
export interface AppliedRound {
  readonly server: number;
  readonly ledger: Ledger;
  readonly input: RoundInput;
  readonly outcome: RoundOutcome;
  /** No other server has applied this round before. */
  readonly first: boolean;
}
