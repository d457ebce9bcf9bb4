import { readU64, toHex } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { merkleRoot, verifyMerklePath } from '@iotw/kernel/merkle';
import { verifyMerkleRange } from '@iotw/kernel/merkle-range';
import { bodyCount, envelopeAt, readBody } from '@iotw/protocol/body';
import type { BlockHeader } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS, MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import type { Operation } from '@iotw/protocol/operations';
import type { PublicBlock } from '@iotw/protocol/public-data';
import { MAX_ROUND_RESULTS, RESULT_CODES, resultLeaf } from '@iotw/protocol/result';
import type { RoundHeader } from '@iotw/protocol/round';
import { decodeEnvelope, ENVELOPE, transactionId } from '@iotw/protocol/transaction';
import type { CheckList } from '../checks.js';

/** The transactions of a block, read and checked. */
export interface ReadTransactions {
  readonly ids: Uint8Array;
  /** Each transaction that took effect. */
  readonly applied: readonly AppliedTransaction[];
}

export interface AppliedTransaction {
  /** Key of the sender's account. */
  readonly sender: Uint8Array;
  readonly operations: readonly Operation[];
}

/**
 * `body` (can be read, its root and count are the header's) and `transactions` (nothing took effect that
 * its sender did not sign, that can't be read or that had expired).
 */
export function checkBody(
  list: CheckList,
  network: Uint8Array,
  block: PublicBlock,
  round: RoundHeader | undefined,
): ReadTransactions | undefined {
  const { header } = block.block;
  const body = readBody(block.block.body);
  if (!body.ok) {
    list.reject('body', body.error.message, body.error.code);
    return undefined;
  }
  const count = bodyCount(body.value);
  const ids = new Uint8Array(32 * count);
  const applied: AppliedTransaction[] = [];
  let forged: string | undefined;
  for (let i = 0; i < count; i++) {
    const envelope = envelopeAt(body.value, i);
    const id = transactionId(network, envelope.subarray(ENVELOPE.transaction));
    ids.set(id, 32 * i);
    if (block.codes[i] !== RESULT_CODES.ok) continue;
    const decoded = decodeEnvelope(envelope);
    if (!decoded.ok) forged ??= `Transaction ${i} can't be read and is said to have taken effect.`;
    else if (!verify(decoded.value.signature, id, decoded.value.transaction.sender)) {
      forged ??= `Transaction ${i} is not signed by its sender and is said to have taken effect.`;
    } else if (round !== undefined && decoded.value.transaction.expiryMs < round.timeMs) {
      forged ??= `Transaction ${i} had expired and is said to have taken effect.`;
    } else applied.push(decoded.value.transaction);
  }
  list.same(
    'body',
    header.root,
    merkleRoot(ids, count, MAX_BLOCK_TRANSACTIONS),
    "The root of the body's transactions",
  );
  if (count !== header.count)
    list.reject('body-count', `The header counts ${header.count} transactions, the body ${count}.`);
  if (forged === undefined) list.pass('transactions', 'Nothing took effect that nobody signed.');
  else list.reject('transactions', forged, 'signature-invalid');
  return { ids, applied };
}

/** `block-link`: the block stands on the one below it in its lane. */
export function checkLink(
  list: CheckList,
  header: BlockHeader,
  below: { readonly height: number; readonly incarnation: number; readonly hash: Uint8Array } | undefined,
): void {
  const name = 'block-link';
  if (header.height === 1) {
    list.same(name, new Uint8Array(32), header.previous, 'The previous hash of a first block');
  } else if (below === undefined) {
    list.unchecked(name, `Block ${header.height - 1} of lane ${header.lane} was not given.`);
  } else if (header.height !== below.height + 1) {
    list.reject(
      name,
      `Block ${below.height + 1} of lane ${header.lane} is missing below ${header.height}.`,
      'block-height',
    );
  } else if (header.incarnation < below.incarnation) {
    list.reject(
      name,
      `Lane ${header.lane} went back from incarnation ${below.incarnation}.`,
      'block-incarnation',
    );
  } else list.same(name, below.hash, header.previous, 'The previous hash');
}

/** `block-path`: the round's blocks root holds the block at this place. */
export function checkPath(list: CheckList, block: PublicBlock, round: RoundHeader, hash: Uint8Array): void {
  list.test(
    'block-path',
    verifyMerklePath(round.blocksRoot, hash, block.index, block.path, MAX_ROUND_BLOCKS),
    `The block is number ${block.index} of round ${round.number}.`,
    `The path does not show that the block ${toHex(hash)} is number ${block.index} of round ${round.number}.`,
  );
}

/** Blocks of the round that a block's path proves; 0 where the path proves nothing. */
export function blocksInRound(block: PublicBlock): number {
  const length = block.path.at(-1);
  return length === undefined ? 0 : Math.min(readU64Low(length), MAX_ROUND_BLOCKS);
}

function readU64Low(bytes: Uint8Array): number {
  // Above 2^53 it is no length of ours; the path itself was refused then.
  return bytes[6] === 0 && bytes[7] === 0 ? readU64(bytes, 0) : 0;
}

/** `results`: codes and fees of the transactions stand under the round's results root at their places. */
export function checkResults(list: CheckList, block: PublicBlock, round: RoundHeader, ids: Uint8Array): void {
  const name = 'results';
  const count = ids.length / 32;
  if (block.codes.length !== count || block.fees.length !== count) {
    list.reject(
      name,
      `${count} transactions have ${block.codes.length} codes and ${block.fees.length} fees.`,
    );
    return;
  }
  const leaves = new Uint8Array(32 * count);
  for (let i = 0; i < count; i++) {
    const id = ids.subarray(32 * i, 32 * i + 32);
    leaves.set(resultLeaf({ id, code: block.codes[i]!, fee: block.fees[i]! }), 32 * i);
  }
  list.test(
    name,
    verifyMerkleRange(round.resultsRoot, leaves, block.first, block.results, MAX_ROUND_RESULTS),
    `The ${count} results stand in round ${round.number} from place ${block.first} on.`,
    `Round ${round.number} did not give the transactions these results and fees.`,
  );
}

/**
 * `epoch`: the block's epoch was running when the round was made, or the one before; and its refRound lies
 * between the round that opened its epoch and the including round (spec: clause 7.6).
 */
export function checkPlace(
  list: CheckList,
  header: BlockHeader,
  round: RoundHeader,
  opened: number | undefined,
): void {
  const name = 'epoch';
  // A round that ends an epoch names the next one; its blocks belong to the one that ended, or the one before.
  if (header.epoch > round.epoch || header.epoch + 2 < round.epoch) {
    list.reject(
      name,
      `A block of epoch ${header.epoch} can't be in a round of epoch ${round.epoch}.`,
      'block-epoch',
    );
  } else if (header.refRound >= round.number) {
    list.reject(
      name,
      `The block builds on round ${header.refRound} and is in round ${round.number}.`,
      'block-ref-round',
    );
  } else if (opened !== undefined && header.refRound < opened) {
    list.reject(
      name,
      `The block builds on round ${header.refRound}, before round ${opened} opened its epoch.`,
      'block-ref-round',
    );
  } else
    list.pass(
      name,
      `Epoch ${header.epoch} and round ${header.refRound} may be built on in round ${round.number}.`,
    );
}
