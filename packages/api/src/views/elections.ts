import { attemptRanks, committeeSize, excludedHost } from '@iotw/assignment/committee';
import { RankedDraw } from '@iotw/assignment/draw';
import { answersByRank } from '@iotw/assignment/election-answers';
import { isAsked } from '@iotw/assignment/people';
import { toHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { CERTIFICATE_MODE, type Certificate } from '@iotw/protocol/certificate';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { ELECTION_RANKS } from '../limits.js';
import type { FoundBlock } from './blocks.js';
import { findEpoch } from './epochs.js';
import { Count, Hex32 } from './forms.js';
import { DiversitySchema, diversityOf } from './witnessing.js';

const Rank = z.object({
  rank: Count,
  attempt: Count,
  device: Count,
  host: Count,
  maker: Count,
  region: Count,
  owner: Count.describe('account number'),
  answer: z
    .enum([
      'miner',
      'witness',
      'extra',
      'incoherent',
      'missed',
      'late',
      'host-silent',
      'removed',
      'no-seat',
      'not-asked',
    ])
    .describe('what the certificate says of this rank; no-seat: a person beyond the seats that people have'),
});

export const ElectionSchema = z
  .object({
    lane: Count,
    height: Count,
    hash: Hex32,
    round: Count,
    epoch: Count,
    mode: z.string().describe('election mode'),
    seed: Hex32,
    poolRoot: Hex32,
    certificateMode: z.string(),
    attempt: Count.describe('the attempt that was certified'),
    committeeSize: Count,
    ranksPerAttempt: Count,
    excludedHost: Count.nullable().describe("the lane's own trust node, whose devices it may not ask"),
    eligible: Count.describe('length of the whole ranked list'),
    ranks: z.array(Rank).describe('the draw, made again from seed and pool'),
    diversity: DiversitySchema,
  })
  .meta({ id: 'Election' });
export type ElectionView = z.infer<typeof ElectionSchema>;

const MODE_NAMES = new Map<number, string>(Object.entries(CERTIFICATE_MODE).map(([name, n]) => [n, name]));

/** The election of an applied block, drawn again, beside what its certificate says. Errors: `epoch-not-found`. */
export function electionView(context: ApiContext, { layout, index }: FoundBlock): Result<ElectionView> {
  const { network } = context.backend;
  const { header, certificate } = layout.blocks[index]!.block;
  const epoch = findEpoch(context, header.epoch);
  if (!epoch.ok) return epoch;
  const snapshot = epoch.value;
  const outside = excludedHost(header.lane, snapshot.trustNodes.length);
  const size = committeeSize(snapshot.parameters);
  const draw = new RankedDraw(snapshot, network, header.lane, header.height, {
    committeeSize: size,
    excludeHost: outside,
  });
  const ranks = rankViews(context, snapshot, draw, certificate, header.refRound);
  const paid = ranks.filter(({ answer }) => answer === 'miner' || answer === 'witness');
  return ok({
    lane: header.lane,
    height: header.height,
    hash: toHex(layout.hash(network, index)),
    round: layout.number,
    epoch: header.epoch,
    mode: snapshot.mode,
    seed: toHex(snapshot.seed),
    poolRoot: toHex(snapshot.root),
    certificateMode: MODE_NAMES.get(certificate.mode) ?? String(certificate.mode),
    attempt: certificate.attempt,
    committeeSize: size,
    ranksPerAttempt: snapshot.parameters.ranksPerAttempt,
    excludedHost: outside ?? null,
    eligible: draw.eligible,
    ranks,
    diversity: diversityOf(context, paid),
  });
}

function rankViews(
  context: ApiContext,
  snapshot: EpochSnapshot,
  draw: RankedDraw,
  certificate: Certificate,
  refRound: number,
): ElectionView['ranks'] {
  const { parameters } = snapshot;
  const answers = answersByRank(certificate, parameters);
  const { end } = attemptRanks(parameters, certificate.attempt);
  const views: ElectionView['ranks'] = [];
  for (let rank = 0; rank < Math.min(end, draw.eligible, ELECTION_RANKS); rank++) {
    const device = draw.at(rank);
    if (device === undefined || snapshot.devices.length === 0) break;
    const removed = (other: number) => context.backend.ledger.removed(other, refRound);
    const asked = isAsked(draw, parameters, rank, removed);
    views.push({
      rank,
      attempt: Math.floor(rank / parameters.ranksPerAttempt),
      device: device.device,
      host: device.host,
      maker: device.maker,
      region: device.region,
      owner: device.owner,
      answer: answers.get(rank) ?? (asked ? 'not-asked' : removed(device.device) ? 'removed' : 'no-seat'),
    });
  }
  return views;
}
