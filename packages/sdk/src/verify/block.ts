import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import { equalBytes } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { type BlockBody, bodyCount, envelopeAt, readBody } from '@iotw/protocol/body';
import type { CertifiedBlock } from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS } from '@iotw/protocol/limits';
import type { RoundHeader } from '@iotw/protocol/round';
import { decodeEnvelope, ENVELOPE, transactionId } from '@iotw/protocol/transaction';
import { checkBlockCertificate } from './certificate-checks.js';
import { type Check, CheckList } from './checks.js';
import type { Trust } from './trust.js';

export interface BlockReport {
  /** No check failed. Certified is not final: only a round's receipt says so. */
  readonly genuine: boolean;
  readonly checks: readonly Check[];
  /** Block hash, 32 bytes. */
  readonly hash: Uint8Array;
  /** Transaction ids in block order, 32 bytes each. */
  readonly ids: readonly Uint8Array[];
  /**
   * Places of transactions that can't be read or are not signed: the lane pays for them. Signatures are
   * not under the root: who hands over the body can spoil one, never make one.
   */
  readonly invalid: readonly number[];
  readonly committee: CertifiedCommittee | undefined;
}

/**
 * Verifies a whole certified block offline (spec: clauses 5, 8 and 9): `body` (can be read), `root` (the
 * header's root and count are those of the body), and the certificate as in `verifyReceipt`. `rounds`:
 * round headers verified before that may vouch for the pool.
 */
export function verifyBlock(
  block: CertifiedBlock,
  trust: Trust,
  rounds: readonly RoundHeader[] = [],
): BlockReport {
  const list = new CheckList();
  const { header } = block;
  const hash = blockHash(trust.network, header);
  const body = readBody(block.body);
  const ids: Uint8Array[] = [];
  const invalid: number[] = [];
  if (body.ok) {
    list.pass('body', `The body holds ${bodyCount(body.value)} transactions.`);
    readTransactions(body.value, trust.network, ids, invalid);
    const leaves = new Uint8Array(32 * ids.length);
    for (const [i, id] of ids.entries()) leaves.set(id, 32 * i);
    list.test(
      'root',
      ids.length === header.count &&
        equalBytes(merkleRoot(leaves, ids.length, MAX_BLOCK_TRANSACTIONS), header.root),
      "The header's root and count are those of the body.",
      "The header's root or count is not that of the body.",
    );
  } else {
    list.reject('body', body.error.message, body.error.code);
    list.unchecked('root', "The body can't be read.");
  }
  const committee = checkBlockCertificate(list, trust, block, hash, rounds);
  return { genuine: list.sound(), checks: list.checks, hash, ids, invalid, committee };
}

function readTransactions(body: BlockBody, network: Uint8Array, ids: Uint8Array[], invalid: number[]): void {
  for (let i = 0; i < bodyCount(body); i++) {
    const envelope = envelopeAt(body, i);
    const id = transactionId(network, envelope.subarray(ENVELOPE.transaction));
    ids.push(id);
    const decoded = decodeEnvelope(envelope);
    if (!decoded.ok || !verify(decoded.value.signature, id, decoded.value.transaction.sender)) {
      invalid.push(i);
    }
  }
}
