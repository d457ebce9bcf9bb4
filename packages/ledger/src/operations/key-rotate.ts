import { rotateDigest } from '@iotw/protocol/digests';
import { type KeyRotate, NODE_ROLE } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

/**
 * A node replaces its signing and link keys; the sender is the node's account. A key that any node
 * ever had is refused; the link key may stay.
 * Codes: `node-unknown`, `node-not-account`, `node-key-in-use`, `node-signature`.
 */
export function keyRotate(state: State, operation: KeyRotate): number {
  const { role, index, key, linkKey } = operation;
  if (role > NODE_ROLE.ledger) return RESULT_CODES['node-unknown'];
  const nodes = role === NODE_ROLE.trust ? state.trustNodes : state.ledgerServers;
  if (index >= nodes.rows) return RESULT_CODES['node-unknown'];
  if (nodes.col.account[index] !== state.sender) return RESULT_CODES['node-not-account'];
  const oldLink = nodes.bytes('linkKey', index);
  const sameLink = linkKey.every((byte, i) => byte === oldLink[i]);
  if (state.nodeKeys.has(key) || (!sameLink && state.nodeKeys.has(linkKey))) {
    return RESULT_CODES['node-key-in-use'];
  }
  const sender = state.accounts.key(state.sender);
  const digest = rotateDigest(state.network, operation, sender, state.sequence);
  if (!state.checker.verify(operation.signature, digest, key)) return RESULT_CODES['node-signature'];
  nodes.setBytes('key', index, key);
  nodes.setBytes('linkKey', index, linkKey);
  state.nodeKeys.record(role, index, key, state.round);
  if (!sameLink) state.nodeKeys.record(role, index, linkKey, state.round);
  state.changes.keys.push({ role, index });
  return 0;
}
