import type { Operation, OperationName } from '@iotw/protocol/operations';
import type { State } from '../state.js';
import { appeal } from './appeal.js';
import { deviceClaim } from './device-claim.js';
import { deviceHandover } from './device-handover.js';
import { deviceRegister } from './device-register.js';
import { deviceRelease } from './device-release.js';
import { deviceRevoke } from './device-revoke.js';
import { evidence } from './evidence.js';
import { keyRotate } from './key-rotate.js';
import { laneFund } from './lane-fund.js';
import { leftOutAnswer } from './left-out-answer.js';

import { makerBatch } from './maker-batch.js';
import { makerHosts } from './maker-hosts.js';
import { nodeAddress } from './node-address.js';
import { presence } from './presence.js';
import { propose } from './propose.js';
import { publicValue } from './public-value.js';
import { refund } from './refund.js';
import { ticket } from './ticket.js';
import { vote } from './vote.js';

type Decoded = Exclude<OperationName, 'transfer' | 'transferToKey' | 'trade'>;

/** One rule per decoded operation: changes the state and gives 0, or gives a code. The three hot ones are read in place. */
const RULES: {
  readonly [Name in Decoded]: (state: State, operation: Extract<Operation, { type: Name }>) => number;
} = {
  refund,
  propose,
  makerBatch,
  deviceRegister,
  deviceClaim,
  deviceRelease,
  deviceRevoke,
  presence,
  evidence,
  laneFund,
  keyRotate,
  ticket,
  deviceHandover,
  appeal,
  vote,
  publicValue,
  leftOutAnswer,
  nodeAddress,
  makerHosts,
};

/** Applies one decoded operation. */
export function applyDecoded(state: State, operation: Operation): number {
  const rule = RULES[operation.type as Decoded] as (state: State, operation: Operation) => number;
  return rule(state, operation);
}
