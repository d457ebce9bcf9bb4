import { equalBytes } from '@iotw/kernel/bytes';
import { isPublicKey } from '@iotw/kernel/ed25519';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

interface Node {
  readonly key: Uint8Array;
  readonly linkKey: Uint8Array;
  readonly region: number;
  readonly cloud: number;
}

/**
 * What any new node must satisfy: known region and cloud, keys that can sign and that no node ever had.
 * Codes: `proposal-reference`, `proposal-key`, `node-key-in-use`.
 */
export function newNodeCode(state: State, { key, linkKey, region, cloud }: Node): number {
  const { genesis, nodeKeys } = state;
  if (region >= genesis.regions.length || cloud >= genesis.clouds.length) {
    return RESULT_CODES['proposal-reference'];
  }
  if (!isPublicKey(key) || !isPublicKey(linkKey) || equalBytes(key, linkKey)) {
    return RESULT_CODES['proposal-key'];
  }
  return nodeKeys.has(key) || nodeKeys.has(linkKey) ? RESULT_CODES['node-key-in-use'] : 0;
}
