import { toHex } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { verifyMerklePath } from '@iotw/kernel/merkle';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import { blockHash } from '@iotw/protocol/header';
import { MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import type { PublicBlock, PublicData, PublicRound } from '@iotw/protocol/public-data';
import { RESULT_CODES } from '@iotw/protocol/result';
import { type StatementSource, statementsIn } from '@iotw/protocol/witness-statements';
import { CheckList } from '../checks.js';
import type { Signers } from '../public/signer-history.js';
import { checkRound } from '../round-checks.js';
import type { Trust } from '../trust.js';
import type { AuditFindings, Where } from './findings.js';

/** What is believed, and who signed which round where that was followed. */
type AuditTrust = Trust & { readonly signersAt?: (round: number) => Signers };

/** One attestation of the device, and a block that shows it. */
export interface Statement extends Where {
  readonly source: StatementSource;
  readonly attestation: Attestation;
  /** What the device signed, and its next head. */
  readonly digest: Uint8Array;
  readonly block: PublicBlock;
  /** Of `block`. */
  readonly hash: Uint8Array;
  /** In whose epoch the including round was, where the round before it was given. */
  readonly epoch: number | undefined;
}

/**
 * What the device signed, from the blocks given: with its signature checked (`signature`), its place
 * (`place`), and whether its block is final (`finality`). What is not its own is told and left out.
 */
export function gatherStatements(
  data: Pick<PublicData, 'blocks' | 'rounds'>,
  device: { readonly device: number; readonly key: Uint8Array },
  trust: AuditTrust,
  findings: AuditFindings,
): Statement[] {
  const rounds = new Map(data.rounds.map((round) => [round.header.number, round]));
  const signed = new Map<number, boolean>();
  const found: Statement[] = [];
  for (const block of data.blocks) {
    const said = statementsIn(block.block, (i) => block.codes[i] === RESULT_CODES.ok).filter(
      ({ attestation }) => attestation.device === device.device,
    );
    if (said.length === 0) continue;
    const { lane, height, incarnation } = block.block.header;
    const hash = blockHash(trust.network, block.block.header);
    const where = { round: block.round, lane, height };
    checkFinal(block, hash, rounds.get(block.round), trust, signed, findings);
    for (const { source, attestation } of said) {
      const digest = attestationDigest(trust.network, attestation);
      if (!verify(attestation.signature, digest, device.key)) {
        findings.bad(
          'signature',
          'data',
          `The attestation ${nameOf(attestation)} is said to be the device's, but its key did not sign it.`,
          where,
        );
        continue;
      }
      const inCertificate = source === 'certificate' || source === 'failedAttempt';
      const here =
        attestation.lane === lane && attestation.height === height && attestation.incarnation === incarnation;
      if (inCertificate && !here) {
        findings.bad(
          'place',
          'data',
          `The attestation ${nameOf(attestation)} is about another block than the one whose certificate holds it.`,
          where,
        );
      }
      const epoch = epochOf(block.round, rounds);
      found.push({ ...where, source, attestation, digest, block, hash, epoch });
    }
  }
  findings.goodUnless(
    ['signature', 'place'],
    'signatures',
    `All ${found.length} attestations are signed by the device.`,
  );
  findings.goodUnless(
    ['finality'],
    'final',
    'Every block that holds one is final: its round is signed and names it.',
  );
  return found;
}

/** (boot, counter) as people read it. */
export function nameOf({ boot, counter }: Pick<Attestation, 'boot' | 'counter'>): string {
  return `number ${boot}/${counter}`;
}

function checkFinal(
  block: PublicBlock,
  hash: Uint8Array,
  round: PublicRound | undefined,
  trust: AuditTrust,
  signed: Map<number, boolean>,
  findings: AuditFindings,
): void {
  const { lane, height } = block.block.header;
  const where = { round: block.round, lane, height };
  if (round === undefined) {
    findings.unchecked(
      'finality',
      `Round ${block.round} was not given: whether its blocks are final is open.`,
      where,
    );
    return;
  }
  let good = signed.get(block.round);
  if (good === undefined) {
    good = checkRound(
      new CheckList(),
      { ...trust, ...trust.signersAt?.(block.round) },
      round.header,
      round.signatures,
    );
    signed.set(block.round, good);
  }
  if (!good && trust.signersAt === undefined) {
    findings.unchecked(
      'finality',
      `Too few ledger servers signed round ${block.round} with the keys that the genesis names: forged, or keys were replaced since. Give the changes of who signs.`,
      where,
    );
  } else if (!good) {
    findings.bad(
      'finality',
      'data',
      `Too few ledger servers signed round ${block.round} with the keys that they had then.`,
      where,
    );
  } else if (!verifyMerklePath(round.header.blocksRoot, hash, block.index, block.path, MAX_ROUND_BLOCKS)) {
    findings.bad(
      'finality',
      'data',
      `Round ${block.round} does not hold the block ${toHex(hash)} at place ${block.index}.`,
      where,
    );
  }
}

/** A round that ends an epoch names the next one, but its blocks belong to the one that ends. */
function epochOf(round: number, rounds: ReadonlyMap<number, PublicRound>): number | undefined {
  return round === 1 ? 0 : rounds.get(round - 1)?.header.epoch;
}
