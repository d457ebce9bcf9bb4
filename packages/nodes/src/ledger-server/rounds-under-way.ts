import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import type { RoundInput } from '@iotw/protocol/round';
import type { ChainViewState, PeerId } from '../messages.js';
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

/** A view asked for while it is not durable. */
export interface Owed {
  readonly to: PeerId;
  readonly view: ChainViewState;
}

/** A round that is applied but not durable, and the views of it that were asked for. */
export interface Applied {
  readonly record: RoundRecord;
  readonly outcome: RoundOutcome;
  readonly views: Owed[];
}
