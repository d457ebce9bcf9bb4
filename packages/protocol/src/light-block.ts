import { ByteVectorType, ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { MAX_LEDGER_SERVERS } from './limits.js';
import { Bytes32, Bytes64, bytesUpTo, U16, U32, U64 } from './ssz.js';

/** A block that CometBFT's first block stands on has no hash: empty there. */
const HashOrNone = bytesUpTo(32);

/** A point in time as CometBFT signs it: whole seconds and nanoseconds (below 10^9) since 1970. */
const times = { seconds: U64, nanos: U32 };

/** CometBFT's block header: its fields, which hash to the block's name. */
export const EngineHeaderType = new ContainerType(
  {
    /** Versions of CometBFT's block format and of the application. */
    blockVersion: U64,
    appVersion: U64,
    /** Text in UTF-8. */
    chainId: bytesUpTo(50),
    height: U64,
    ...times,
    lastBlockHash: HashOrNone,
    lastPartsTotal: U32,
    lastPartsHash: HashOrNone,
    lastCommitHash: Bytes32,
    dataHash: Bytes32,
    validatorsHash: Bytes32,
    nextValidatorsHash: Bytes32,
    consensusHash: Bytes32,
    /** The last round's hash as the height before left it. */
    appHash: Bytes32,
    lastResultsHash: Bytes32,
    evidenceHash: Bytes32,
    proposer: new ByteVectorType(20),
  },
  { typeName: 'EngineHeader' },
);
export type EngineHeader = ValueOf<typeof EngineHeaderType>;

const EngineVoteType = new ContainerType(
  {
    /** Place in the block's list of validators. */
    validator: U16,
    ...times,
    signature: Bytes64,
  },
  { typeName: 'EngineVote' },
);
export type EngineVote = ValueOf<typeof EngineVoteType>;

const EngineValidatorType = new ContainerType({ key: Bytes32, power: U64 }, { typeName: 'EngineValidator' });
export type EngineValidator = ValueOf<typeof EngineValidatorType>;

/** One height of the engine without its content: header, validators in CometBFT's order, and the votes that committed it (spec: clause 9.15). */
export const LightBlockType = new ContainerType(
  {
    header: EngineHeaderType,
    /** CometBFT's round of voting in which the block was decided. */
    round: U32,
    /** What the votes name: the block's hash and its parts. */
    blockHash: Bytes32,
    partsTotal: U32,
    partsHash: Bytes32,
    votes: new ListCompositeType(EngineVoteType, MAX_LEDGER_SERVERS),
    validators: new ListCompositeType(EngineValidatorType, MAX_LEDGER_SERVERS),
  },
  { typeName: 'LightBlock' },
);
export type LightBlock = ValueOf<typeof LightBlockType>;

/** Most light blocks of one receipt: the one that proves its round, and those that lead there from what is trusted. */
export const MAX_LIGHT_BLOCKS = 64;
