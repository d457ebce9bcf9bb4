import {
  type CertificateContext,
  type CertifiedCommittee,
  checkCertificate,
} from '@iotw/assignment/certificate-check';
import {
  checkLaneSignature,
  checkVotes,
  votersOf as votersOfSnapshot,
} from '@iotw/assignment/certificate-signers';
import { equalBytes } from '@iotw/kernel/bytes';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { CERTIFICATE_MODE, type CertifiedBlock } from '@iotw/protocol/certificate';
import type { EpochSnapshot, EpochTrustNode } from '@iotw/protocol/pool';
import type { RoundHeader } from '@iotw/protocol/round';
import type { CheckList } from './checks.js';
import { checkPool, isVouched } from './pool-checks.js';
import type { Trust } from './trust.js';

/** What a certificate covers; the body is not looked at. */
export type CertifiedHeader = Pick<CertifiedBlock, 'header' | 'signature' | 'certificate'>;

const CHECKER_ENTRIES = 1024;

/** What a certificate is judged by, who was removed left aside. */
export type SnapshotContext = Omit<CertificateContext, 'removed' | 'snapshot'> & {
  readonly snapshot: EpochSnapshot;
};

/**
 * `lane-signature`, `votes`, `coherence` and `committee` of a block whose snapshot was found good before.
 * Without `removed` a rank that was passed over leaves `committee` unchecked where a removal would explain it.
 */
export function checkAgainstSnapshot(
  list: CheckList,
  context: SnapshotContext,
  block: CertifiedHeader,
  hash: Uint8Array,
  removed: Trust['removed'],
): CertifiedCommittee | undefined {
  const voters = votersOfSnapshot(context);
  const signed = checkSigners(list, { ...context, voters }, block, hash);
  checkAnswers(list, block, hash);
  if (signed) return checkCommittee(list, removed, context, block, hash);
  list.unchecked('committee', 'Lane signature or votes are not good: the rest was not looked at.');
  return undefined;
}

function checkSigners(
  list: CheckList,
  context: Pick<CertificateContext, 'network' | 'checker' | 'laneKey'> & {
    readonly voters: ReadonlyMap<number, Uint8Array>;
  },
  block: CertifiedHeader,
  hash: Uint8Array,
): boolean {
  const lane = checkLaneSignature(context, block, hash);
  if (lane === undefined) list.pass('lane-signature', `Trust node ${block.header.lane} signed the header.`);
  else list.reject('lane-signature', lane.error.message, lane.error.code);
  const votes = checkVotes(context, block, hash);
  if (votes === undefined) {
    list.pass('votes', `${block.certificate.votes.length} of ${context.voters.size} trust nodes voted.`);
  } else list.reject('votes', votes.error.message, votes.error.code);
  return lane === undefined && votes === undefined;
}

/**
 * Checks a block's certificate: `lane-signature`, `votes`, `coherence` (all need the trust nodes' keys
 * alone), then the pool and `committee` (needs the pool: ranks, devices' answers, hosts' misses).
 * `rounds`: signed rounds that may vouch for the pool. Returns the committee where the pool shows it.
 */
export function checkBlockCertificate(
  list: CheckList,
  trust: Trust,
  block: CertifiedHeader,
  hash: Uint8Array,
  rounds: readonly RoundHeader[],
): CertifiedCommittee | undefined {
  const { header } = block;
  // Trust nodes that votes admitted are in the pools of their epochs.
  const { pool } = trust;
  const named =
    pool?.epoch === header.epoch && isVouched(trust, pool, [...rounds, ...(trust.rounds ?? [])])
      ? pool.trustNodes
      : undefined;
  const listed = named?.find(({ index }) => index === header.lane);
  const laneKey = trust.trustNodeKeys[header.lane] ?? listed?.key;
  if (laneKey === undefined) {
    list.reject('lane-signature', `There is no trust node ${header.lane} whose lane this could be.`);
    return undefined;
  }
  const { network, trustNodeKeys } = trust;
  const checker = new SignatureChecker(CHECKER_ENTRIES);
  const voters = votersOf(trust, named);
  const signed = checkSigners(list, { network, checker, laneKey, voters }, block, hash);
  checkAnswers(list, block, hash);

  if (pool === undefined || pool.epoch !== header.epoch) {
    const reason = `The pool of epoch ${header.epoch} was not given.`;
    list.unchecked('pool-root', reason);
    list.unchecked('pool-anchor', reason);
    list.unchecked('committee', reason);
    return undefined;
  }
  const pooled = checkPool(list, trust, pool, rounds);
  if (!pooled || !signed) {
    list.unchecked('committee', 'Pool, lane signature or votes are not good: the rest was not looked at.');
    return undefined;
  }
  const context = { network, trustNodeKeys, checker, laneKey, snapshot: pool };
  return checkCommittee(list, trust.removed, context, block, hash);
}

/** Trust nodes whose votes count: those of the epoch's pool where somebody vouches for it, else all that are known. */
function votersOf(
  { trustNodeKeys }: Trust,
  named: readonly EpochTrustNode[] | undefined,
): ReadonlyMap<number, Uint8Array> {
  if (named === undefined) return new Map(trustNodeKeys.entries());
  return new Map(named.map(({ index, key }) => [index, trustNodeKeys[index] ?? key]));
}

/** `coherence`: every answer of the deciding attempt cites this header and hashed to it. */
function checkAnswers(list: CheckList, block: CertifiedHeader, hash: Uint8Array): void {
  const { attestations, mode } = block.certificate;
  const other = attestations.find(
    (answer) => !equalBytes(answer.hash, hash) || !equalBytes(answer.cited, hash),
  );
  if (other !== undefined) {
    list.reject('coherence', `The answer at rank ${other.rank} is not the block's hash.`);
    return;
  }
  const silent =
    mode === CERTIFICATE_MODE.devices
      ? `All ${attestations.length} answers are the block's hash.`
      : 'Trust nodes alone completed the block: there is no answer that could disagree.';
  list.pass('coherence', silent);
}

function checkCommittee(
  list: CheckList,
  known: Trust['removed'],
  context: SnapshotContext,
  block: CertifiedHeader,
  hash: Uint8Array,
): CertifiedCommittee | undefined {
  const certified: CertifiedBlock = { ...block, body: new Uint8Array(0) };
  const removed = known ?? (() => false);
  const checked = checkCertificate({ ...context, removed }, certified, hash);
  if (checked.ok) {
    list.pass('committee', describe(checked.value));
    return checked.value;
  }
  const { error } = checked;
  if (known === undefined) {
    // Without the ledger nobody can tell a device that was removed from one that was passed over.
    const heard = devicesHeard(block);
    const lenient = { ...context, removed: (device: number) => !heard.has(device) };
    const spared = checkCertificate(lenient, certified, hash);
    if (spared.ok) {
      list.unchecked(
        'committee',
        `${error.message} That is in order only if its device was removed by round ${block.header.refRound}, which takes the ledger to tell.`,
      );
      return spared.value;
    }
    list.reject('committee', spared.error.message, spared.error.code);
    return undefined;
  }
  list.reject('committee', error.message, error.code);
  return undefined;
}

/** Devices about which the certificate holds any statement. */
function devicesHeard(block: CertifiedHeader): ReadonlySet<number> {
  const { certificate } = block;
  const attempts = [certificate, ...certificate.incoherent];
  return new Set(
    attempts.flatMap(({ attestations, misses, thresholdMisses }) => [
      ...attestations.map(({ device }) => device),
      ...misses.map(({ device }) => device),
      ...thresholdMisses.map(({ device }) => device),
    ]),
  );
}

function describe(committee: CertifiedCommittee): string {
  if (committee.mode === CERTIFICATE_MODE.noDevices) return 'The pool has no device that this lane may ask.';
  if (committee.mode === CERTIFICATE_MODE.allMissed) return 'Every rank of the attempt was missed.';
  const { owners, makers, regions } = committee.diversity;
  return `${committee.paid.length} elected devices answered, of ${owners} owners, ${makers} makers and ${regions} regions.`;
}
