import { BLS_SIGNATURE_BYTES } from '@iotw/kernel/bls';
import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { envelopeAt } from '@iotw/protocol/body';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { RESULT_CODES } from '@iotw/protocol/result';
import { RESET_REASON } from '@iotw/protocol/round';
import { decodeEnvelope } from '@iotw/protocol/transaction';
import type { Coverage } from '../world/coverage.js';

const CODE_NAMES = new Map<number, string>(Object.entries(RESULT_CODES).map(([name, code]) => [code, name]));

const MODE_COUNTS = new Map<number, string>([
  [CERTIFICATE_MODE.devices, 'certificatesByDevices'],
  [CERTIFICATE_MODE.noDevices, 'certificatesWithoutDevices'],
  [CERTIFICATE_MODE.allMissed, 'certificatesAllMissed'],
]);

/** Counts what one round did, once per round. */
export function cover(
  coverage: Coverage,
  { applied, skipped, codes, firstResult, edge, changes }: RoundOutcome,
  { input }: RoundRecord,
  ledger: Ledger,
): void {
  for (const { reason } of input.resets)
    coverage.add(reason === RESET_REASON.lane ? 'laneResets' : 'stallResets');
  coverage.add('rounds');
  coverage.add('lanesSuspended', changes.lanes.filter(({ suspended }) => suspended).length);
  coverage.add('blocks', applied.length);
  coverage.add('blocksSkipped', skipped.length);
  coverage.add('transactions', codes.length);
  coverage.add('devicesRemoved', changes.removed.length);
  coverage.add('devicesReinstated', changes.reinstated.length);
  if (edge !== undefined) {
    coverage.add('epochs');
    coverage.add(`epochs in mode ${edge.snapshot.mode}`);
  }
  // Mode vrf, and not for want of tickets the whole pool.
  if (edge?.snapshot.mode === 'vrf' && !ledger.epochs.fellBack(edge.snapshot.epoch))
    coverage.add('epochsOfTickets');
  if (input.seedProof.length === BLS_SIGNATURE_BYTES) coverage.add('thresholdSeeds');
  for (const code of codes) if (code !== 0) coverage.add(`code ${CODE_NAMES.get(code) ?? code}`);
  applied.forEach(({ body, valid }, i) => {
    for (let k = 0; k < valid.length; k++) {
      if (codes[firstResult[i]! + k] !== 0) continue;
      const decoded = decodeEnvelope(envelopeAt(body, k));
      if (!decoded.ok) continue;
      for (const { type } of decoded.value.transaction.operations) coverage.add(`operation ${type}`);
    }
  });
  for (const { block, committee } of applied) {
    coverage.add(MODE_COUNTS.get(block.certificate.mode)!);
    coverage.add('misses', committee.misses.length);
    coverage.add('softMisses', committee.softMisses.length);
    coverage.add('thresholdMisses', committee.thresholdMisses.length);
    coverage.add('answersBeyondCommittee', committee.extra.length);
    coverage.add('assignedAttempts', block.certificate.assigned.length);
    coverage.add('selfAssigned', committee.selfAssigned);
    coverage.add('failedAttempts', block.certificate.incoherent.length);
    coverage.add('incoherentAttempts', committee.incoherent.length);
  }
}
