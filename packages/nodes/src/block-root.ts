import { merkleRoot } from '@iotw/kernel/merkle';
import { MAX_BLOCK_TRANSACTIONS } from '@iotw/protocol/limits';

const roots = new WeakMap<Uint8Array, Uint8Array>();

/**
 * The Merkle root of all ids of a block, 32 bytes, shared: not to be written. Made once per array of ids:
 * lane, witnesses and ledger server of one process hand the same array on, and nobody writes to it.
 */
export function rootOfIds(ids: Uint8Array): Uint8Array {
  const known = roots.get(ids);
  if (known !== undefined) return known;
  const root = merkleRoot(ids, ids.length / 32, MAX_BLOCK_TRANSACTIONS);
  roots.set(ids, root);
  return root;
}
