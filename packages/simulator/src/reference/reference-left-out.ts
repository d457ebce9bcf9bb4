import { equalBytes, toHex } from '@iotw/kernel/bytes';
import type { EpochEdge } from '@iotw/ledger/round-outcome';
import { attestationDigest, decodeAttestation } from '@iotw/protocol/attestation';
import type { Certificate } from '@iotw/protocol/certificate';
import { type BlockHeader, blockHash, decodeHeader } from '@iotw/protocol/header';
import type { AppliedRound } from '../invariants/applied-round.js';
import { referenceRanks } from './reference-draw.js';
import type { AppliedOperation, ReferenceRule } from './reference-rule.js';

interface Known {
  readonly header: BlockHeader;
  readonly certificate: Certificate;
  readonly shown: Set<number>;
}

/** Clause 8.12: which answers that a certificate left out are paid from its lane's bond. */
export class ReferenceLeftOut implements ReferenceRule {
  readonly name = 'left-out-just';
  readonly #blocks = new Map<string, Known>();

  certificates({ outcome }: AppliedRound): undefined {
    for (const { block, hash } of outcome.applied)
      this.#blocks.set(toHex(hash), {
        header: block.header,
        certificate: block.certificate,
        shown: new Set(),
      });
  }

  operation({ operation, epoch, network, ledger, checker }: AppliedOperation): string | undefined {
    if (operation.type !== 'leftOutAnswer') return undefined;
    const header = decodeHeader(operation.header);
    const decoded = decodeAttestation(operation.attestation);
    if (!header.ok || !decoded.ok) return 'an answer that nobody can read is paid as left out';
    const answer = decoded.value;
    const hash = blockHash(network, header.value);
    const known = this.#blocks.get(toHex(hash));
    const what = `the answer of device ${answer.device} at rank ${answer.rank}`;
    if (known === undefined || known.header.epoch + 1 < epoch) return `${what} is to no block that counts`;
    if (!equalBytes(answer.cited, hash) || !equalBytes(answer.hash, hash)) return `${what} disagrees`;
    const snapshot = ledger.snapshotOf(known.header.epoch)!;
    const { miners, witnesses, ranksPerAttempt } = snapshot.parameters;
    const { lane, incarnation, height } = known.header;
    if (answer.lane !== lane || answer.incarnation !== incarnation || answer.height !== height)
      return `${what} is to another place`;
    const place = { lane, height, trustNodes: snapshot.trustNodes.length };
    const ranks = referenceRanks(snapshot, network, place, miners + witnesses, answer.rank + 1);
    const device = ranks[answer.rank];
    if (device?.device !== answer.device || Math.floor(answer.rank / ranksPerAttempt) !== answer.attempt)
      return `${what} is not at its rank`;
    const attempt = [...known.certificate.incoherent, known.certificate].find(
      (each) => each.attempt === answer.attempt,
    );
    const heard = attempt?.attestations.map(({ rank }) => rank).sort((a, b) => a - b) ?? [];
    const last = heard[miners + witnesses - 1] ?? Number.POSITIVE_INFINITY;
    if (attempt === undefined || heard.includes(answer.rank) || answer.rank >= last)
      return `${what} was not left out`;
    if (known.shown.has(answer.rank)) return `${what} is paid again`;
    known.shown.add(answer.rank);
    if (!checker.verify(answer.signature, attestationDigest(network, answer), device.key))
      return `${what} is not signed by its device`;
    return undefined;
  }

  edge(_round: AppliedRound, { ended }: EpochEdge): undefined {
    for (const [hash, { header }] of this.#blocks) if (header.epoch < ended) this.#blocks.delete(hash);
  }
}
