import { writeU16, writeU64 } from '@iotw/kernel/bytes';
import { hashPairs } from '@iotw/kernel/hash-pairs';
import { merklePath, merkleRoot } from '@iotw/kernel/merkle';
import { Scratch } from '@iotw/kernel/scratch';
import { MAX_ROUND_RESULTS } from '@iotw/protocol/result';

const LEAF_INPUT = 64;

/** What is hashed (the end of each input, 22 bytes of zeros, is never written), and the leaves until the root is made of them. */
const inputScratch = new Scratch();
const leafScratch = new Scratch();

/** The leaves of the results root, 32 bytes each: resultLeaf of every result, hashed in one call. */
export function resultLeaves(codes: Uint16Array, fees: Float64Array, ids: Uint8Array): Uint8Array {
  return leavesInScratch(codes, fees, ids).slice();
}

function leavesInScratch(codes: Uint16Array, fees: Float64Array, ids: Uint8Array): Uint8Array {
  const count = codes.length;
  const input = inputScratch.take(LEAF_INPUT * count);
  for (let i = 0; i < count; i++) {
    const at = LEAF_INPUT * i;
    const id = 32 * i;
    for (let k = 0; k < 32; k++) input[at + k] = ids[id + k]!;
    writeU16(input, at + 32, codes[i]!);
    writeU64(input, at + 34, fees[i]!);
  }
  const leaves = leafScratch.take(32 * count);
  hashPairs(input, leaves);
  return leaves;
}

/** Merkle root of a round's results in the order applied. */
export function resultsRoot(codes: Uint16Array, fees: Float64Array, ids: Uint8Array): Uint8Array {
  return merkleRoot(leavesInScratch(codes, fees, ids), codes.length, MAX_ROUND_RESULTS);
}

/** The path that proves result `index` under the results root, for its receipt. */
export function resultPath(
  codes: Uint16Array,
  fees: Float64Array,
  ids: Uint8Array,
  index: number,
): Uint8Array[] {
  return merklePath(leavesInScratch(codes, fees, ids), codes.length, MAX_ROUND_RESULTS, index);
}
