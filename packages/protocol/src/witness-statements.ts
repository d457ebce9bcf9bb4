import { ATTESTATION_BYTES, type Attestation, decodeAttestation } from './attestation.js';
import { bodyCount, envelopeAt, readBody } from './body.js';
import type { CertifiedBlock } from './certificate.js';
import { EVIDENCE_KIND, type Operation } from './operations.js';
import { decodeEnvelope } from './transaction.js';

/** Where an attestation was found on the ledger. */
export type StatementSource = 'certificate' | 'failedAttempt' | 'leftOutAnswer' | 'evidence' | 'appeal';

/** An attestation in a block, and how it came there. */
export interface WitnessStatement {
  readonly source: StatementSource;
  readonly attestation: Attestation;
}

/** The attestations that an operation shows to the ledger; nothing else in it is looked at. */
export function attestationsShown(operation: Operation): Attestation[] {
  const parts =
    operation.type === 'leftOutAnswer' || operation.type === 'appeal'
      ? [operation.attestation]
      : operation.type !== 'evidence'
        ? []
        : operation.kind === EVIDENCE_KIND.deviceEquivocation
          ? [operation.first, operation.second]
          : operation.kind === EVIDENCE_KIND.falseAttestation
            ? [operation.first]
            : [];
  return parts.flatMap((part) => {
    const read = decodeAttestation(part);
    return read.ok ? [read.value] : [];
  });
}

/**
 * Everything witnesses signed that a block holds: in its certificate, in attempts that failed, and in its transactions
 * that took effect. `tookEffect`: by place in the block. No signature is looked at.
 */
export function statementsIn(
  { certificate, body: bytes }: Pick<CertifiedBlock, 'certificate' | 'body'>,
  tookEffect: (transaction: number) => boolean,
): WitnessStatement[] {
  const found: WitnessStatement[] = [];
  for (const { attestations } of certificate.incoherent)
    for (const attestation of attestations) found.push({ source: 'failedAttempt', attestation });
  for (const attestation of certificate.attestations) found.push({ source: 'certificate', attestation });
  const body = readBody(bytes);
  if (!body.ok) return found;
  for (let i = 0; i < bodyCount(body.value); i++) {
    const envelope = envelopeAt(body.value, i);
    // The smallest that could hold an attestation: most transactions are not read for this.
    if (envelope.length < ATTESTATION_BYTES || !tookEffect(i)) continue;
    const read = decodeEnvelope(envelope);
    if (!read.ok) continue;
    for (const operation of read.value.transaction.operations)
      for (const attestation of attestationsShown(operation))
        found.push({ source: operation.type as StatementSource, attestation });
  }
  return found;
}
