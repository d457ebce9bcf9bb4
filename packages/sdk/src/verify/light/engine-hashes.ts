/** What CometBFT 0.38 hashes and signs, made anew from its parts (its spec/core/data_structures.md and encoding.md). */
import { concatBytes } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import type { EngineHeader, EngineValidator, EngineVote, LightBlock } from '@iotw/protocol/light-block';
import { bytesField, delimited, fixed64Field, messageField, numberField, timestamp } from './protobuf.js';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
/** SignedMsgType. */
const PRECOMMIT = 2;

/** The tree of RFC 6962: split at the largest power of two below the number of leaves. */
function treeRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return sha256(concatBytes(LEAF, only));
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  return sha256(concatBytes(NODE, treeRoot(leaves.slice(0, split)), treeRoot(leaves.slice(split))));
}

function blockId(hash: Uint8Array, partsTotal: number, partsHash: Uint8Array): Uint8Array {
  const parts = concatBytes(numberField(1, partsTotal), bytesField(2, partsHash));
  return concatBytes(bytesField(1, hash), messageField(2, parts));
}

/** The hash that names a block: of the fields of its header. 32 bytes. */
export function engineHeaderHash(header: EngineHeader): Uint8Array {
  const wrapped = (value: Uint8Array): Uint8Array => bytesField(1, value);
  return treeRoot([
    concatBytes(numberField(1, header.blockVersion), numberField(2, header.appVersion)),
    wrapped(header.chainId),
    numberField(1, header.height),
    timestamp(header),
    blockId(header.lastBlockHash, header.lastPartsTotal, header.lastPartsHash),
    wrapped(header.lastCommitHash),
    wrapped(header.dataHash),
    wrapped(header.validatorsHash),
    wrapped(header.nextValidatorsHash),
    wrapped(header.consensusHash),
    wrapped(header.appHash),
    wrapped(header.lastResultsHash),
    wrapped(header.evidenceHash),
    wrapped(header.proposer),
  ]);
}

/** The hash of a set of validators, in CometBFT's order: by power, highest first, then by address. 32 bytes. */
export function validatorsHash(validators: readonly EngineValidator[]): Uint8Array {
  return treeRoot(
    validators.map(({ key, power }) =>
      concatBytes(messageField(1, bytesField(1, key)), numberField(2, power)),
    ),
  );
}

/** The bytes that a validator signs when it votes to commit the block. */
export function voteBytes(
  block: Omit<LightBlock, 'votes' | 'validators'>,
  vote: Omit<EngineVote, 'signature'>,
): Uint8Array {
  const { header, round, blockHash, partsTotal, partsHash } = block;
  return delimited(
    concatBytes(
      numberField(1, PRECOMMIT),
      fixed64Field(2, header.height),
      fixed64Field(3, round),
      messageField(4, blockId(blockHash, partsTotal, partsHash)),
      messageField(5, timestamp(vote)),
      bytesField(6, header.chainId),
    ),
  );
}
