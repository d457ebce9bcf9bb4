import { committeeSize, roleOf } from '@iotw/assignment/committee';
import { type Certificate, MISS_KIND } from '@iotw/protocol/certificate';
import type { Parameters } from '@iotw/protocol/parameters';

/**
 * What a certificate says of each rank that was asked, in words: `mined` and `witnessed` as roles, `late` for a soft miss
 * (spec: clause 8.15), `missed` for a hard one, `host silent` for one by threshold.
 */
export function answersByRank(
  certificate: Certificate,
  parameters: Pick<Parameters, 'miners' | 'witnesses'>,
): ReadonlyMap<number, string> {
  const answers = new Map<number, string>();
  for (const failed of [...certificate.incoherent, certificate]) {
    for (const { rank, kind } of failed.misses)
      answers.set(rank, kind === MISS_KIND.soft ? 'late' : 'missed');
    for (const { rank } of failed.thresholdMisses) answers.set(rank, 'host silent');
  }
  for (const { attestations } of certificate.incoherent)
    for (const { rank } of attestations) answers.set(rank, 'disagreed');
  const ascending = certificate.attestations.map(({ rank }) => rank).sort((a, b) => a - b);
  const size = committeeSize(parameters);
  for (const [i, rank] of ascending.entries())
    answers.set(rank, i < size ? roleOf(parameters, i) : 'answered, unpaid');
  return answers;
}
