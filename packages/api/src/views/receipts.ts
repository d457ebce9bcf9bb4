import { concatBytes } from '@iotw/kernel/bytes';
import { merklePath } from '@iotw/kernel/merkle';
import { resultPath } from '@iotw/ledger/results';
import { MAX_BLOCK_TRANSACTIONS, MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import type { Receipt } from '@iotw/protocol/receipt';
import type { ProvingCommits } from '../commits.js';
import type { ApiContext } from '../context.js';
import type { RoundLayout } from '../round-layout.js';

interface Results {
  readonly codes: Uint16Array;
  readonly fees: Float64Array;
  readonly ids: Uint8Array;
}

const results = new WeakMap<RoundLayout, Results>();

/** The results of a round in the order applied. */
function resultsOf(layout: RoundLayout): Results {
  const known = results.get(layout);
  if (known !== undefined) return known;
  const { record, count } = layout;
  const codes = new Uint16Array(count);
  const fees = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    codes[i] = layout.code(i);
    fees[i] = layout.fee(i);
  }
  const ids = concatBytes(...layout.blocks.map((b) => record.ids.subarray(b.idsAt, b.idsAt + 32 * b.count)));
  const made = { codes, fees, ids };
  results.set(layout, made);
  return made;
}

/**
 * The proof that the transaction at `position` was included and of what became of it (spec: clause 9). `commits`: what proves the
 * round, where it is provable.
 */
export function receiptOf(
  context: ApiContext,
  layout: RoundLayout,
  position: number,
  commits: ProvingCommits = [],
): Receipt {
  const { record } = layout;
  const blockIndex = layout.blockAt(position);
  const { block, first, count, idsAt } = layout.blocks[blockIndex]!;
  const index = position - first;
  const ids = record.ids.subarray(idsAt, idsAt + 32 * count);
  const hashes = concatBytes(...layout.blocks.map((_, i) => layout.hash(context.backend.network, i)));
  const { codes, fees, ids: applied } = resultsOf(layout);
  return {
    envelope: layout.envelope(position).slice(),
    index,
    path: merklePath(ids, count, MAX_BLOCK_TRANSACTIONS, index),
    header: block.header,
    signature: block.signature,
    certificate: block.certificate,
    round: record.header,
    signatures: record.signatures,
    blockIndex,
    blockPath: merklePath(hashes, layout.blocks.length, MAX_ROUND_BLOCKS, blockIndex),
    code: layout.code(position),
    fee: layout.fee(position),
    resultIndex: position,
    resultPath: resultPath(codes, fees, applied, position),
    commits: [...commits],
  };
}
