import { type Silence, silenceDigest, type ThresholdMiss, trustThreshold } from '@iotw/protocol/certificate';
import type { CertificateContext } from './certificate-context.js';
import { type Refusal, refuse } from './certificate-failure.js';
import { votersOf } from './certificate-signers.js';

/**
 * Statements that stand in for a host's miss: exactly floor(2n/3)+1, by different trust nodes of the epoch other than the
 * host, ascending by number, so that a certificate stays bounded and has one form. With less than a third
 * corrupt, one honest witness at least has asked the host in vain.
 * Errors: `certificate-silences`, `certificate-duplicate`, `certificate-silence-signature`.
 */
export function checkSilences(
  context: Pick<CertificateContext, 'network' | 'trustNodeKeys' | 'snapshot' | 'checker'>,
  place: Omit<Silence, 'witness' | 'signature'>,
  statements: ThresholdMiss['statements'],
): Refusal | undefined {
  const { network, checker } = context;
  const voters = votersOf(context);
  const { rank } = place;
  const threshold = trustThreshold(voters.size);
  if (statements.length !== threshold) {
    return refuse(
      'certificate-silences',
      `${statements.length} trust nodes say that the host at rank ${rank} is silent, it must be ${threshold}.`,
      { rank, threshold },
    );
  }
  let last = -1;
  for (const { witness, signature } of statements) {
    if (witness === last) {
      return refuse('certificate-duplicate', `Trust node ${witness} speaks twice of rank ${rank}.`, {
        rank,
        witness,
      });
    }
    const key = voters.get(witness);
    if (key === undefined || witness === place.host || witness < last) {
      return refuse(
        'certificate-silences',
        `Trust node ${witness} can't speak here of the host at rank ${rank}.`,
        { rank, witness },
      );
    }
    last = witness;
    if (!checker.verify(signature, silenceDigest(network, { ...place, witness }), key)) {
      return refuse(
        'certificate-silence-signature',
        `Trust node ${witness} did not sign that the host at rank ${rank} is silent.`,
        { rank, witness },
      );
    }
  }
  return undefined;
}
