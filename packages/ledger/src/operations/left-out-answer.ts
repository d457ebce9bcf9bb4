import { blockDraw } from '@iotw/assignment/block-draw';
import { attemptRanks } from '@iotw/assignment/committee';
import { isAsked } from '@iotw/assignment/people';
import { equalBytes } from '@iotw/kernel/bytes';
import { attestationDigest, decodeAttestation } from '@iotw/protocol/attestation';
import { blockHash, decodeHeader } from '@iotw/protocol/header';
import type { LeftOutAnswer } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { payee } from '../settlement.js';
import type { State } from '../state.js';
import { SUSPENDED } from '../tables/nodes.js';
import { attemptKey } from '../tables/passed-over.js';
import { giveMoney } from './money.js';

/**
 * An answer that a certificate on the ledger left out (spec: clause 8.12; ADR 6): signed by the device of its
 * rank, coherent, at a rank that the attempt had to hear. Until the end of the epoch after the header's. The lane
 * pays leftOutPay out of its bond, as far as that goes; lane and host are counted.
 * Codes: `left-out-malformed`, `left-out-not-proof`, `left-out-late`, `left-out-unknown`, `left-out-rank`,
 * `left-out-repeated`, `left-out-signature`.
 */
export function leftOutAnswer(state: State, operation: LeftOutAnswer): number {
  const decoded = decodeHeader(operation.header);
  const answer = decodeAttestation(operation.attestation);
  if (!decoded.ok || !answer.ok) return RESULT_CODES['left-out-malformed'];
  const header = decoded.value;
  const a = answer.value;
  const hash = blockHash(state.network, header);
  const here = a.lane === header.lane && a.incarnation === header.incarnation && a.height === header.height;
  if (!here || !equalBytes(a.cited, hash) || !equalBytes(a.hash, hash))
    return RESULT_CODES['left-out-not-proof'];
  if (header.epoch + 1 < state.epoch) return RESULT_CODES['left-out-late'];
  const attempts = state.passedOver[header.epoch & 1]!;
  const row = attempts.find(attemptKey(hash, a.attempt));
  const snapshot = state.epochs.snapshot(header.epoch);
  if (row === -1 || snapshot === undefined) return RESULT_CODES['left-out-unknown'];
  const { first } = attemptRanks(snapshot.parameters, a.attempt);
  if (a.rank < first || a.rank >= attempts.col.cutOff[row]!) return RESULT_CODES['left-out-rank'];
  const draw = blockDraw(snapshot, state.network, header);
  const device = draw.at(a.rank);
  const removed = (other: number) => state.removed(other, header.refRound);
  if (device?.device !== a.device || !isAsked(draw, snapshot.parameters, a.rank, removed))
    return RESULT_CODES['left-out-rank'];
  if (attempts.isSettled(row, a.rank - first)) return RESULT_CODES['left-out-repeated'];
  if (!state.checker.verify(a.signature, attestationDigest(state.network, a), device.key))
    return RESULT_CODES['left-out-signature'];
  attempts.settle(row, a.rank - first);
  state.witnessing.count(header.lane, state.epoch, 'leftOut');
  state.witnessing.count(device.host, state.epoch, 'answersLeftOut');
  pay(state, header.lane, a.device);
  return 0;
}

/** Out of the bond alone: credit is there for what the lane includes in vain. */
function pay(state: State, lane: number, device: number): void {
  const { col } = state.trustNodes;
  const amount = Math.min(state.parameters.leftOutPay, col.bond[lane]!);
  if (amount === 0) return;
  state.trustNodes.add('bond', lane, -amount);
  giveMoney(state, payee(state, device), amount);
  state.devices.add('earned', device, amount);
  if (col.credit[lane] === 0 && col.bond[lane] === 0) state.suspendLane(lane, SUSPENDED.unfunded);
}
