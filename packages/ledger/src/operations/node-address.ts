import { isHostAddress } from '@iotw/protocol/host-address';
import type { NodeAddress } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

/**
 * A trust node tells where its devices log in, empty: nowhere any more; the sender is the node's account. Codes: `node-unknown`,
 * `node-not-account`, `node-address`.
 */
export function nodeAddress({ trustNodes, sender }: State, { index, address }: NodeAddress): number {
  if (index >= trustNodes.rows) return RESULT_CODES['node-unknown'];
  if (trustNodes.col.account[index] !== sender) return RESULT_CODES['node-not-account'];
  if (address.length > 0 && !isHostAddress(String.fromCharCode(...address)))
    return RESULT_CODES['node-address'];
  trustNodes.setBytes('address', index, address);
  trustNodes.set('addressLength', index, address.length);
  return 0;
}
