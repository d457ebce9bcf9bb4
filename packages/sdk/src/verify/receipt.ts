import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import { equalBytes, readU64, toHex } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { verifyMerklePath } from '@iotw/kernel/merkle';
import { ok, type Result } from '@iotw/kernel/result';
import { signingDigest } from '@iotw/kernel/signing';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { DOMAIN } from '@iotw/protocol/domains';
import { blockHash } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS, MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { type Receipt, ReceiptType } from '@iotw/protocol/receipt';
import { MAX_ROUND_RESULTS, RESULT_CODES, resultCodeName, resultLeaf } from '@iotw/protocol/result';
import { decodeSsz } from '@iotw/protocol/ssz';
import { decodeEnvelope, ENVELOPE, type Transaction, transactionId } from '@iotw/protocol/transaction';
import { checkBlockCertificate } from './certificate-checks.js';
import { type Check, CheckList } from './checks.js';
import { checkRoundCommit } from './light/round-commit.js';
import { checkRound } from './round-checks.js';
import type { Trust } from './trust.js';

export interface ReceiptReport {
  /** The transaction took effect: the proof is good and the result is 0. Inclusion is not payment. */
  readonly paid: boolean;
  /** The proof is good, whatever the result says. */
  readonly genuine: boolean;
  /** In the order made; `unchecked` ones name what could not be told from what was given. */
  readonly checks: readonly Check[];
  /** Transaction id, 32 bytes. */
  readonly id: Uint8Array;
  readonly transaction: Transaction | undefined;
  /** Name of the result code, or its number where this software does not know it. */
  readonly result: string;
  /** Base units. */
  readonly fee: number;
  /** Who completed the block. */
  readonly certifiedBy: keyof typeof CERTIFICATE_MODE | undefined;
  /** A single ledger server makes the seeds alone: the draw is random only if its operator is honest. */
  readonly randomness: Randomness;
  /** Who mined and witnessed, where the pool was given and shows it. */
  readonly committee: CertifiedCommittee | undefined;
}

const VRF_PROOF_BYTES = 80;

/**
 * Where the seed of the block's epoch came from. `genesis`: epoch 0. `public`: a vote turned to a public beacon, which the
 * proof shows that opened the epoch (`Trust.seedProof`); without the proof the source is what the parameters name.
 */
export type Randomness = 'genesis' | 'operator-trusted' | 'vrf' | 'threshold' | 'public';

/** By the proof and the parameters of the block's epoch where they were given, else by the genesis'. */
function randomnessOf(
  { network, ledgerServerKeys, pool, seedSource, seedProof }: Trust,
  epoch: number,
): Randomness {
  if (epoch === 0) return 'genesis';
  const threshold = (pool?.parameters.seedSource ?? seedSource) === SEED_SOURCE.threshold;
  const vrf = seedProof === undefined || seedProof.length === VRF_PROOF_BYTES;
  if (seedProof !== undefined && pool !== undefined && !vrf) {
    // A group's signature makes the seed by itself, a public value together with the seed before.
    const group = equalBytes(pool.seed, signingDigest(DOMAIN.seed, network, seedProof));
    return group ? (ledgerServerKeys.length === 1 ? 'operator-trusted' : 'threshold') : 'public';
  }
  if (ledgerServerKeys.length === 1) return 'operator-trusted';
  return threshold ? 'threshold' : 'vrf';
}

/** Reads a receipt's SSZ form (`application/octet-stream` of the API). Code: `malformed`. */
export function decodeReceipt(bytes: Uint8Array): Result<Receipt> {
  const receipt = decodeSsz(ReceiptType, bytes, 'receipt');
  return receipt.ok ? ok(receipt.value) : receipt;
}

/**
 * Verifies a receipt offline (spec: clause 9). Checks by name: `envelope`, `transaction-signature`,
 * `transaction-id` (where `expectedId` is given: a good receipt of another transaction proves nothing),
 * `transaction-path`, `round-signatures` (or `commit` and `commit-round`, where the receipt carries a commit and `trust.light` is
 * given), `lane-signature`, `votes`, `coherence`, `pool-root`, `pool-mode`,
 * `pool-anchor`, `committee`, `epoch`, `block-path`, `result-path`, `expiry`, `result`.
 * Never throws on foreign input that has the shape of a receipt.
 */
export function verifyReceipt(receipt: Receipt, trust: Trust, expectedId?: Uint8Array): ReceiptReport {
  const list = new CheckList();
  const { header, round, certificate } = receipt;
  const { network } = trust;
  const id = transactionId(network, receipt.envelope.subarray(ENVELOPE.transaction));
  const transaction = checkEnvelope(list, receipt, id);
  if (expectedId !== undefined) {
    list.test(
      'transaction-id',
      equalBytes(id, expectedId),
      'The receipt is about the expected transaction.',
      `The receipt is about transaction ${toHex(id)}, not ${toHex(expectedId)}.`,
    );
  }
  checkInclusion(list, receipt, id);
  const hash = blockHash(network, header);
  const signed =
    receipt.commits.length > 0 && trust.light !== undefined
      ? checkRoundCommit(list, trust.light, network, round, receipt.commits)
      : checkRound(list, trust, round, receipt.signatures);
  const committee = checkBlockCertificate(list, trust, receipt, hash, signed ? [round] : []);
  list.test(
    'epoch',
    // Blocks of the running epoch and the one before go into a round, whose header may name the next.
    header.epoch <= round.epoch && header.epoch + 2 >= round.epoch && header.refRound < round.number,
    `A block of epoch ${header.epoch} may be in a round of epoch ${round.epoch}.`,
    `A block of epoch ${header.epoch} built on round ${header.refRound} can't be in round ${round.number} of epoch ${round.epoch}.`,
  );
  list.test(
    'block-path',
    verifyMerklePath(round.blocksRoot, hash, receipt.blockIndex, receipt.blockPath, MAX_ROUND_BLOCKS),
    `The block is number ${receipt.blockIndex} of round ${round.number}.`,
    `The path does not show that the block is in round ${round.number}.`,
  );
  checkResult(list, receipt, id, transaction);
  return {
    paid: list.sound(),
    genuine: list.sound('result'),
    checks: list.checks,
    id,
    transaction,
    result: resultCodeName(receipt.code) ?? String(receipt.code),
    fee: receipt.fee,
    certifiedBy: modeName(certificate.mode),
    randomness: randomnessOf(trust, receipt.header.epoch),
    committee,
  };
}

/** `envelope` and `transaction-signature`: good, or bad in the very way the result says. */
function checkEnvelope(list: CheckList, receipt: Receipt, id: Uint8Array): Transaction | undefined {
  const decoded = decodeEnvelope(receipt.envelope);
  const saidMalformed = receipt.code === RESULT_CODES['transaction-malformed'];
  if (!decoded.ok) {
    if (saidMalformed) list.pass('envelope', "The transaction can't be read, as its result says.");
    else list.reject('envelope', decoded.error.message, decoded.error.code);
    list.unchecked('transaction-signature', "The transaction can't be read.");
    return undefined;
  }
  const { transaction, signature } = decoded.value;
  list.test(
    'envelope',
    !saidMalformed,
    `The transaction can be read: ${transaction.operations.length} operations.`,
    "The transaction can be read, though its result says that it can't.",
  );
  const signed = verify(signature, id, transaction.sender);
  const saidInvalid = receipt.code === RESULT_CODES['signature-invalid'];
  if (signed && saidInvalid) {
    list.reject('transaction-signature', 'The sender signed, though the result says otherwise.');
  } else if (!signed && !saidInvalid) {
    list.reject('transaction-signature', 'The sender did not sign this transaction for this network.');
  } else {
    list.pass(
      'transaction-signature',
      signed ? 'The sender signed the transaction for this network.' : 'Not signed, as the result says.',
    );
  }
  return transaction;
}

/** `transaction-path`: from the id to the header's root, in a block of as many transactions as it counts. */
function checkInclusion(list: CheckList, receipt: Receipt, id: Uint8Array): void {
  const { header, index, path } = receipt;
  const proven = verifyMerklePath(header.root, id, index, path, MAX_BLOCK_TRANSACTIONS);
  const name = 'transaction-path';
  if (!proven) {
    list.reject(name, 'The path does not lead from the transaction to the root in the block header.');
    return;
  }
  const count = readU64(path.at(-1)!, 0);
  list.test(
    name,
    count === header.count,
    `The transaction is number ${index} of ${count} in block ${header.height} of lane ${header.lane}.`,
    `The header counts ${header.count} transactions, its root ${count}.`,
  );
}

/** `result-path`, `expiry` and `result`. */
function checkResult(
  list: CheckList,
  receipt: Receipt,
  id: Uint8Array,
  transaction: Transaction | undefined,
): void {
  const { code, fee, round } = receipt;
  const name = resultCodeName(code) ?? String(code);
  list.test(
    'result-path',
    verifyMerklePath(
      round.resultsRoot,
      resultLeaf({ id, code, fee }),
      receipt.resultIndex,
      receipt.resultPath,
      MAX_ROUND_RESULTS,
    ),
    `Round ${round.number} gave it the result ${name} and the fee ${fee}.`,
    `The path does not show that round ${round.number} gave it the result ${name} and the fee ${fee}.`,
  );
  if (transaction !== undefined && code === RESULT_CODES.ok) {
    list.test(
      'expiry',
      transaction.expiryMs >= round.timeMs,
      "It was included before it expired, in the round's agreed time.",
      'It had expired when the round was made, so it can have had no effect.',
    );
  }
  if (code === RESULT_CODES.ok) list.pass('result', 'The transaction took effect.');
  else list.reject('result', `The transaction was included but had no effect: ${name}.`, name);
}

function modeName(mode: number): keyof typeof CERTIFICATE_MODE | undefined {
  for (const [name, value] of Object.entries(CERTIFICATE_MODE)) {
    if (value === mode) return name as keyof typeof CERTIFICATE_MODE;
  }
  return undefined;
}
