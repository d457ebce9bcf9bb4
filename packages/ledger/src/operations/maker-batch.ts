import { batchDigest } from '@iotw/protocol/digests';
import type { MakerBatch } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

/**
 * A maker's root opens a batch. Its quota comes out of the maker's; its devices become active
 * `activationEpochs` after the running epoch, so that a stolen root can be answered in time; the network
 * sets the least delay. A batch's number is used up for good.
 * Codes: `maker-unknown`, `maker-suspended`, `batch-exists`, `batch-signature`, `batch-activation`,
 * `maker-quota`.
 */
export function makerBatch(state: State, operation: MakerBatch): number {
  const { makers } = state;
  const maker = makers.find(operation.maker);
  if (maker === -1) return RESULT_CODES['maker-unknown'];
  const quota = makers.col.quota[maker]!;
  if (quota === 0 || makers.isSuspended(maker)) return RESULT_CODES['maker-suspended'];
  if (makers.batches.find(operation.maker, operation.batch) !== -1) return RESULT_CODES['batch-exists'];
  const digest = batchDigest(state.network, operation);
  if (!state.checker.verify(operation.signature, digest, makers.bytes('key', maker))) {
    return RESULT_CODES['batch-signature'];
  }
  if (operation.activationEpochs < state.parameters.minActivationEpochs) {
    return RESULT_CODES['batch-activation'];
  }
  if (makers.col.allotted[maker]! + operation.quota > quota) return RESULT_CODES['maker-quota'];
  makers.add('allotted', maker, operation.quota);
  makers.batches.open(
    operation.maker,
    operation.batch,
    operation.key,
    operation.quota,
    state.epoch + operation.activationEpochs,
  );
  return 0;
}
