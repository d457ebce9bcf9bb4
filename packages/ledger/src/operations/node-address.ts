import type { NodeAddress } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

/** An MQTT URL of printable ASCII with a host; empty takes an address back. */
const ADDRESS = /^(mqtts?|wss?):[/][/][!-~]+$/;

/**
 * A trust node tells where its devices log in; the sender is the node's account. Codes: `node-unknown`,
 * `node-not-account`, `node-address`.
 */
export function nodeAddress({ trustNodes, sender }: State, { index, address }: NodeAddress): number {
  if (index >= trustNodes.rows) return RESULT_CODES['node-unknown'];
  if (trustNodes.col.account[index] !== sender) return RESULT_CODES['node-not-account'];
  if (address.length > 0 && !ADDRESS.test(String.fromCharCode(...address)))
    return RESULT_CODES['node-address'];
  const padded = new Uint8Array(trustNodes.col.address.length / trustNodes.col.addressLength.length);
  padded.set(address);
  trustNodes.setBytes('address', index, padded);
  trustNodes.set('addressLength', index, address.length);
  return 0;
}
