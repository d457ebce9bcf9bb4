import { equalBytes } from '@iotw/kernel/bytes';
import { type CertifiedBlock, trustThreshold, voteDigest } from '@iotw/protocol/certificate';
import type { CertificateContext } from './certificate-context.js';
import { type Refusal, refuse } from './certificate-failure.js';

type LaneSigner = Pick<CertificateContext, 'network' | 'checker' | 'laneKey'>;

/** The trust nodes whose votes count, with their keys, by number. */
type Voters = Pick<CertificateContext, 'network' | 'checker'> & {
  readonly voters: ReadonlyMap<number, Uint8Array>;
};

/** The trust nodes that witness in the snapshot's epoch, by number, with their running keys. */
export function votersOf({
  snapshot,
  trustNodeKeys,
}: Pick<CertificateContext, 'snapshot' | 'trustNodeKeys'>): ReadonlyMap<number, Uint8Array> {
  return new Map(snapshot.trustNodes.map(({ index, key }) => [index, trustNodeKeys[index] ?? key]));
}

/** The lane's trust node signed the block hash. Error: `certificate-lane-signature`. */
export function checkLaneSignature(
  context: LaneSigner,
  block: Pick<CertifiedBlock, 'signature'>,
  hash: Uint8Array,
): Refusal | undefined {
  if (context.checker.verify(block.signature, hash, context.laneKey)) return undefined;
  return refuse('certificate-lane-signature', "The header is not signed by its lane's trust node.");
}

/**
 * At least floor(2n/3)+1 different trust nodes voted for `hash` at the header's position; every vote that
 * is there must be right. Errors: `certificate-votes`, `certificate-duplicate`, `certificate-vote-signature`.
 */
export function checkVotes(
  context: Voters,
  block: Pick<CertifiedBlock, 'header' | 'certificate'>,
  hash: Uint8Array,
): Refusal | undefined {
  const { lane, incarnation, height } = block.header;
  const { votes } = block.certificate;
  const threshold = trustThreshold(context.voters.size);
  if (votes.length < threshold) {
    return refuse('certificate-votes', `${votes.length} trust nodes voted, ${threshold} have to.`, {
      threshold,
    });
  }
  const voted = new Set<number>();
  for (const vote of votes) {
    const { witness } = vote;
    const key = context.voters.get(witness);
    if (key === undefined)
      return refuse('certificate-votes', `Trust node ${witness} does not witness in this epoch.`, {
        witness,
      });
    if (voted.has(witness)) {
      return refuse('certificate-duplicate', `Trust node ${witness} votes twice.`, { witness });
    }
    voted.add(witness);
    if (
      vote.lane !== lane ||
      vote.incarnation !== incarnation ||
      vote.height !== height ||
      !equalBytes(vote.hash, hash)
    ) {
      return refuse('certificate-votes', `Trust node ${witness} voted for another block.`, { witness });
    }
    if (!context.checker.verify(vote.signature, voteDigest(context.network, vote), key)) {
      return refuse('certificate-vote-signature', `The vote of trust node ${witness} is not signed by it.`, {
        witness,
      });
    }
  }
  return undefined;
}
