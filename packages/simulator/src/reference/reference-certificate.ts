import { equalBytes } from '@iotw/kernel/bytes';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import { assignedDigest } from '@iotw/protocol/assigned';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import {
  type CertifiedBlock,
  type Miss,
  missDigest,
  silenceDigest,
  voteDigest,
} from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';
import { referenceRanks } from './reference-draw.js';

/** What a certificate is judged by, as in clause 9.4. */
export interface ReferenceContext {
  readonly network: Uint8Array;
  /** Running signing keys of all trust nodes by number. */
  readonly trustNodeKeys: readonly Uint8Array[];
  readonly snapshot: EpochSnapshot;
  readonly removed: (device: number, refRound: number) => boolean;
  readonly checker: SignatureChecker;
}

/** What a valid certificate says, by the reference. */
export interface ReferenceCommittee {
  /** Devices that are paid, the lowest rank first. */
  readonly paid: readonly number[];
  readonly unpaid: readonly number[];
  readonly missed: readonly number[];
  /** Devices whose place the next rank took for the time being, their hosts, and those of the paid answers. */
  readonly softlyMissed: readonly number[];
  readonly softHosts: readonly number[];
  readonly paidHosts: readonly number[];
  readonly voted: readonly number[];
  /** Devices that signed a hash other than the one they cite, and those that were right, in failed attempts. */
  readonly liars: readonly number[];
  readonly right: readonly number[];
}

type Attempt = Pick<CertifiedBlock['certificate'], 'attempt' | 'attestations' | 'misses' | 'thresholdMisses'>;

/** The certificate's rules once more, from the spec alone; a string says which one is broken. */
export function referenceCommittee(
  context: ReferenceContext,
  block: CertifiedBlock,
): ReferenceCommittee | string {
  const { header, certificate } = block;
  const { network, trustNodeKeys, snapshot, checker } = context;
  const { parameters, trustNodes } = snapshot;
  const keyOf = (node: number) =>
    trustNodes.some(({ index }) => index === node) ? trustNodeKeys[node] : undefined;
  const hash = blockHash(network, header);
  if (header.epoch !== snapshot.epoch) return 'its epoch is not the pool’s';
  if (!checker.verify(block.signature, hash, trustNodeKeys[header.lane]!)) return 'the lane did not sign it';
  const voted = new Set<number>();
  for (const vote of certificate.votes) {
    const here =
      vote.lane === header.lane &&
      vote.incarnation === header.incarnation &&
      vote.height === header.height &&
      equalBytes(vote.hash, hash);
    const key = keyOf(vote.witness);
    if (!here || key === undefined || voted.has(vote.witness)) return 'a vote that does not count';
    if (!checker.verify(vote.signature, voteDigest(network, vote), key)) return 'a vote that nobody signed';
    voted.add(vote.witness);
  }
  if (3 * voted.size <= 2 * trustNodes.length) return 'two thirds of the trust nodes or fewer';

  const assignedAttempts = new Set<number>();
  for (const { attempt, role, index, signature } of certificate.assigned) {
    const assigner = snapshot.assigners.find((each) => each.index === index);
    if (role !== parameters.assigner || assigner === undefined) return 'a statement of no assigner';
    if (attempt > certificate.attempt || assignedAttempts.has(attempt))
      return 'a statement of an assigner about no attempt';
    const { lane, incarnation, height } = header;
    const content = { role, index, key: assigner.key, lane, incarnation, height, attempt, hash };
    const digest = assignedDigest(network, content);
    if (!checker.verify(signature, digest, assigner.key)) return 'a statement that no assigner signed';
    assignedAttempts.add(attempt);
  }

  const c = parameters.miners + parameters.witnesses;
  const perAttempt = parameters.ranksPerAttempt;
  const wanted = (certificate.attempt + 1) * perAttempt;
  const place = { lane: header.lane, height: header.height, trustNodes: trustNodes.length };
  const ranks = referenceRanks(snapshot, network, place, c, wanted);
  const out = (rank: number) => context.removed(ranks[rank]!.device, header.refRound);
  // Clause 7.10: the first people of an attempt that are not out have its seats.
  const seated = new Set<number>();
  for (let first = 0; first < ranks.length; first += perAttempt)
    ranks
      .slice(first, first + perAttempt)
      .map((device, i) => ({ device, rank: first + i }))
      .filter(({ device, rank }) => device.deviceClass === 3 && !out(rank))
      .slice(0, parameters.userSeats)
      .forEach(({ rank }) => {
        seated.add(rank);
      });
  const live = (rank: number) =>
    rank < ranks.length && !out(rank) && (ranks[rank]!.deviceClass !== 3 || seated.has(rank));

  /** Ranks that answered, ascending; a string where a statement does not belong. */
  const read = ({ attempt, attestations, misses, thresholdMisses }: Attempt) => {
    const said = new Set<number>();
    const answered: { rank: number; device: PoolDevice; answer: Attestation }[] = [];
    const { lane, incarnation, height } = header;
    const silent = thresholdMisses.map((miss) => ({ ...miss, lane, incarnation, height, attempt }));
    for (const statement of [...attestations, ...misses, ...silent]) {
      const { rank } = statement;
      const device = ranks[rank];
      const here =
        statement.lane === header.lane &&
        statement.incarnation === header.incarnation &&
        statement.height === header.height &&
        statement.attempt === attempt;
      if (!here || Math.floor(rank / perAttempt) !== attempt) return 'a statement from elsewhere';
      if (!live(rank) || device!.device !== statement.device) return 'a statement by another than the rank’s';
      if (said.has(rank)) return 'two statements for one rank';
      said.add(rank);
    }
    for (const answer of attestations) {
      const device = ranks[answer.rank]!;
      if (!checker.verify(answer.signature, attestationDigest(network, answer), device.key))
        return 'an answer that its device did not sign';
      answered.push({ rank: answer.rank, device, answer });
    }
    for (const miss of misses) {
      const { host } = ranks[miss.rank]!;
      const key = trustNodeKeys[host];
      if (miss.host !== host || key === undefined || !signedMiss(context, miss, key))
        return 'a miss that the host did not sign';
    }
    for (const { statements, ...miss } of silent) {
      const { host } = ranks[miss.rank]!;
      const witnesses = new Set(statements.map(({ witness }) => witness));
      if (miss.host !== host || witnesses.has(host) || 3 * witnesses.size <= 2 * trustNodes.length)
        return 'a miss by too few trust nodes';
      for (const { witness, signature } of statements) {
        const key = keyOf(witness);
        if (
          key === undefined ||
          !checker.verify(signature, silenceDigest(network, { ...miss, witness }), key)
        )
          return 'a miss by threshold that nobody signed';
      }
    }
    answered.sort((a, b) => a.rank - b.rank);
    for (const { kind, rank } of misses)
      if (kind > 1 || (kind === 1 && (answered.length < c || rank > answered[c - 1]!.rank)))
        return 'a soft miss without a whole committee above it';
    return { answered, said };
  };
  const passedOver = (attempt: number, answered: readonly { rank: number }[], said: ReadonlySet<number>) => {
    const end = Math.min(ranks.length, (attempt + 1) * perAttempt);
    const until = answered.length >= c ? answered[c - 1]!.rank : end;
    for (let rank = attempt * perAttempt; rank < until; rank++)
      if (live(rank) && !said.has(rank)) return rank;
    return undefined;
  };
  const confirms = ({ cited, hash: said }: Attestation) => equalBytes(cited, hash) && equalBytes(said, hash);

  const liars: number[] = [];
  const right: number[] = [];
  const missed: number[] = [];
  if (certificate.incoherent.length !== certificate.attempt) return 'failed attempts that are not attached';
  for (const [i, attempt] of certificate.incoherent.entries()) {
    if (attempt.attempt !== i) return 'failed attempts out of order';
    const statements = read(attempt);
    if (typeof statements === 'string') return statements;
    if (attempt.misses.some(({ kind }) => kind !== 0)) return 'a failed attempt with a soft miss';
    missed.push(...attempt.misses.map(({ device }) => device));
    if (attempt.attestations.every(confirms)) {
      if (
        attempt.attestations.length > 0 ||
        passedOver(i, statements.answered, statements.said) !== undefined
      )
        return 'an attempt that did not fail';
      continue;
    }
    for (const { device, cited, hash: said } of attempt.attestations) {
      if (!equalBytes(said, cited)) liars.push(device);
      else if (equalBytes(said, hash)) right.push(device);
    }
  }
  const statements = read(certificate);
  if (typeof statements === 'string') return statements;
  const { answered, said } = statements;
  const pool = snapshot.devices.filter(({ host }) => trustNodes.length < 2 || host !== header.lane);
  const nobody = pool.every(({ device }) => context.removed(device, header.refRound));
  if (certificate.mode === 0 && answered.length === 0) return 'a device certificate without answer';
  if (certificate.mode === 1 && (!nobody || said.size > 0 || certificate.attempt > 0))
    return 'devices that could have been asked';
  if (certificate.mode === 2 && answered.length > 0) return 'everybody missed and somebody answered';
  if (certificate.mode > 2) return 'a mode that there is not';
  if (!answered.every(({ answer }) => confirms(answer))) return 'an answer that disagrees';
  if (certificate.mode !== 1 && passedOver(certificate.attempt, answered, said) !== undefined)
    return 'a rank passed over without a miss';
  const soft = certificate.misses.filter(({ kind }) => kind === 1);
  missed.push(...certificate.misses.filter(({ kind }) => kind === 0).map(({ device }) => device));
  return {
    paid: answered.slice(0, c).map(({ device }) => device.device),
    unpaid: answered.slice(c).map(({ device }) => device.device),
    missed,
    softlyMissed: soft.map(({ device }) => device),
    softHosts: soft.map(({ host }) => host),
    paidHosts: answered.slice(0, c).map(({ device }) => device.host),
    voted: [...voted],
    liars,
    right,
  };
}

function signedMiss({ network, checker }: ReferenceContext, miss: Miss, key: Uint8Array): boolean {
  return checker.verify(miss.signature, missDigest(network, miss), key);
}
