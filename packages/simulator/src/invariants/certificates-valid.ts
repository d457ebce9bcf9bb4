import { checkCertificate } from '@iotw/assignment/certificate-check';
import { equalBytes } from '@iotw/kernel/bytes';
import { merkleRoot } from '@iotw/kernel/merkle';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import { idsOfBody } from '@iotw/nodes/trust-node/transaction-ids';
import { readBody } from '@iotw/protocol/body';
import { decodeCertifiedBlock, encodeCertifiedBlock } from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS } from '@iotw/protocol/limits';
import { type AppliedRound, type Invariant, Violation } from './invariant.js';

/** Every applied block, from its bytes on: certificate, signatures and root. */
export class CertificatesValid implements Invariant {
  readonly name = 'certificates-valid';
  readonly #checker: SignatureChecker;

  /** `checker`: holds only what libsodium itself found valid, whatever a node says. */
  constructor(checker: SignatureChecker) {
    this.#checker = checker;
  }

  applied({ ledger, outcome, first }: AppliedRound): void {
    if (!first) return;
    for (const prepared of outcome.applied) {
      const decoded = decodeCertifiedBlock(encodeCertifiedBlock(prepared.block));
      if (!decoded.ok) throw new Violation(this.name, decoded.error.message);
      const block = decoded.value;
      const { header } = block;
      const place = `block ${header.height} of lane ${header.lane} in round ${outcome.header.number}`;
      const snapshot = ledger.snapshotOf(header.epoch);
      if (snapshot === undefined) throw new Violation(this.name, `${place}: no pool`);
      const trustNodeKeys = ledger.trustNodes.keys();
      const { network } = ledger;
      const context = { network, trustNodeKeys, snapshot, checker: this.#checker };
      const result = checkCertificate(
        {
          ...context,
          removed: (device, refRound) => ledger.removed(device, refRound),
          laneKey: trustNodeKeys[header.lane]!,
        },
        block,
        blockHash(network, header),
      );
      if (!result.ok) throw new Violation(this.name, `${place}: ${result.error.message}`);
      const body = readBody(block.body);
      const root =
        body.ok && merkleRoot(idsOfBody(network, body.value), header.count, MAX_BLOCK_TRANSACTIONS);
      if (root === false || !equalBytes(root, header.root)) throw new Violation(this.name, `${place}: root`);
    }
  }
}
