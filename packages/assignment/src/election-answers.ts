import { type Certificate, MISS_KIND } from '@iotw/protocol/certificate';
import type { Parameters } from '@iotw/protocol/parameters';
import { type CommitteeRole, committeeSize, roleOf } from './committee.js';

/** What a certificate says of a rank; `incoherent`, and misses of failed attempts, are of attempts before the certified one. */
export type RankAnswer = CommitteeRole | 'extra' | 'incoherent' | 'missed' | 'late' | 'host-silent';

/** By rank, every rank of which the certificate holds any statement. It is not checked here: see `checkCertificate`. */
export function answersByRank(
  certificate: Pick<Certificate, 'attestations' | 'misses' | 'thresholdMisses' | 'incoherent'>,
  parameters: Pick<Parameters, 'miners' | 'witnesses'>,
): Map<number, RankAnswer> {
  const answers = new Map<number, RankAnswer>();
  for (const failed of certificate.incoherent) {
    for (const { rank } of failed.misses) answers.set(rank, 'missed');
    for (const { rank } of failed.thresholdMisses) answers.set(rank, 'host-silent');
    for (const { rank } of failed.attestations) answers.set(rank, 'incoherent');
  }
  for (const { rank, kind } of certificate.misses)
    answers.set(rank, kind === MISS_KIND.soft ? 'late' : 'missed');
  for (const { rank } of certificate.thresholdMisses) answers.set(rank, 'host-silent');
  const ascending = certificate.attestations.map(({ rank }) => rank).sort((a, b) => a - b);
  const size = committeeSize(parameters);
  ascending.forEach((rank, i) => {
    answers.set(rank, i < size ? roleOf(parameters, i) : 'extra');
  });
  return answers;
}
