import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { CertificateType, HeaderType } from './certificate.js';
import { LightBlockType, MAX_LIGHT_BLOCKS } from './light-block.js';
import { MAX_LEDGER_SERVERS, MAX_TRANSACTION_BYTES } from './limits.js';
import { RoundHeaderType, RoundSignatureType } from './round.js';
import { Bytes32, Bytes64, bytesUpTo, U16, U32, U64 } from './ssz.js';

const Path = new ListCompositeType(Bytes32, 64);

/**
 * Proof that a transaction was included and of what became of it (spec: clause 9). A client must refuse
 * a nonzero code: inclusion is not payment.
 */
export const ReceiptType = new ContainerType(
  {
    envelope: bytesUpTo(MAX_TRANSACTION_BYTES),
    index: U16,
    /** From the transaction id to the header's root. */
    path: Path,
    header: HeaderType,
    signature: Bytes64,
    certificate: CertificateType,
    round: RoundHeaderType,
    signatures: new ListCompositeType(RoundSignatureType, MAX_LEDGER_SERVERS),
    /** From the block hash to the round's blocks root. */
    blockIndex: U32,
    blockPath: Path,
    code: U16,
    fee: U64,
    /** From the result leaf to the round's results root. */
    resultIndex: U32,
    resultPath: Path,
    /**
     * Where ledger servers order on CometBFT: the commit that proves the round, the last one, behind those that lead to it from
     * what a verifier trusts. Empty: not provable yet, or proven by `signatures`.
     */
    commits: new ListCompositeType(LightBlockType, MAX_LIGHT_BLOCKS),
  },
  { typeName: 'Receipt' },
);
export type Receipt = ValueOf<typeof ReceiptType>;
