import { assignedDigestOf, signsAssignments } from '@iotw/protocol/assigned';
import { CERTIFICATE_MODE, type CertifiedBlock } from '@iotw/protocol/certificate';
import type { CertificateContext } from './certificate-context.js';
import { type Refusal, refuse } from './certificate-failure.js';

type Context = Pick<CertificateContext, 'network' | 'checker' | 'snapshot'>;
type Block = Pick<CertifiedBlock, 'header' | 'certificate'>;

/**
 * Every statement of an assigner is about an attempt of this certificate, at most one each, by an assigner of the
 * epoch and signed (spec: clause 7.9). Where there is none the lane's trust node assigned the attempt itself, by
 * its signature of the header. Errors: `certificate-assigner`, `certificate-assigner-signature`.
 */
export function checkAssigned(
  { network, checker, snapshot }: Context,
  { header, certificate }: Block,
  hash: Uint8Array,
): Refusal | undefined {
  const role = snapshot.parameters.assigner;
  let last = -1;
  for (const statement of certificate.assigned) {
    const { attempt, index } = statement;
    const assigner = snapshot.assigners.find((a) => a.index === index);
    if (statement.role !== role || assigner === undefined || !signsAssignments(role)) {
      return refuse('certificate-assigner', `Attempt ${attempt} names an assigner that the epoch has not.`, {
        attempt,
      });
    }
    if (attempt <= last || attempt > certificate.attempt || certificate.mode === CERTIFICATE_MODE.noDevices) {
      return refuse('certificate-assigner', `A statement about attempt ${attempt} does not belong here.`, {
        attempt,
      });
    }
    last = attempt;
    if (
      !checker.verify(
        statement.signature,
        assignedDigestOf(network, header, hash, statement, assigner),
        assigner.key,
      )
    ) {
      return refuse('certificate-assigner-signature', `Assigner ${index} did not sign attempt ${attempt}.`, {
        attempt,
      });
    }
  }
  return undefined;
}

/** Attempts that the lane's trust node assigned itself although the epoch names another assigner. */
export function selfAssigned(
  { snapshot }: Pick<Context, 'snapshot'>,
  { certificate }: Pick<Block, 'certificate'>,
): number {
  if (!signsAssignments(snapshot.parameters.assigner) || certificate.mode === CERTIFICATE_MODE.noDevices)
    return 0;
  return certificate.attempt + 1 - certificate.assigned.length;
}
