import { equalBytes } from '@iotw/kernel/bytes';
import { merkleRoot } from '@iotw/kernel/merkle';
import { idsOfBody } from '@iotw/nodes/trust-node/transaction-ids';
import { readBody } from '@iotw/protocol/body';
import { decodeCertifiedBlock, encodeCertifiedBlock } from '@iotw/protocol/certificate';
import { MAX_BLOCK_TRANSACTIONS } from '@iotw/protocol/limits';
import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** Every applied block survives its own encoding and is certified by the reference reading of the rules. */
export class CertificatesValid implements Invariant {
  readonly name = 'certificates-valid';

  applied({ ledger, outcome, first }: AppliedRound, reference: ReferenceRound | undefined): void {
    if (!first) return;
    outcome.applied.forEach((prepared, i) => {
      const decoded = decodeCertifiedBlock(encodeCertifiedBlock(prepared.block));
      if (!decoded.ok) throw new Violation(this.name, decoded.error.message);
      const { header, body: bytes } = decoded.value;
      const place = `block ${header.height} of lane ${header.lane} in round ${outcome.header.number}`;
      const committee = reference!.committees[i]!;
      if (typeof committee === 'string') throw new Violation(this.name, `${place}: ${committee}`);
      const body = readBody(bytes);
      const root =
        body.ok && merkleRoot(idsOfBody(ledger.network, body.value), header.count, MAX_BLOCK_TRANSACTIONS);
      if (root === false || !equalBytes(root, header.root)) throw new Violation(this.name, `${place}: root`);
    });
  }
}
