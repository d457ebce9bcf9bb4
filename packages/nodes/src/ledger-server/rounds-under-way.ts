import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import type { RoundInput } from '@iotw/protocol/round';
import type { NodeEffect } from '../effects.js';
import type { RoundRecord } from './round-record.js';

/** A round that waits until the transactions of its blocks are verified. */
export interface Pending {
  readonly input: RoundInput;
  readonly judgeToken: number | undefined;
}

export interface Verified {
  readonly ids: Uint8Array;
  readonly valid: Uint8Array;
}

/** A round that is applied but not durable, and the answers with views of it. */
export interface Applied {
  readonly record: RoundRecord;
  readonly outcome: RoundOutcome;
  readonly views: NodeEffect[];
}
