import { type BlockBody, bodyCount, envelopeAt } from '@iotw/protocol/body';
import { ENVELOPE, transactionId } from '@iotw/protocol/transaction';

/** Ids of all transactions of a body, 32 bytes each; an envelope that is cut short still gets an id of its bytes. */
export function idsOfBody(network: Uint8Array, body: BlockBody): Uint8Array {
  const count = bodyCount(body);
  const ids = new Uint8Array(32 * count);
  for (let i = 0; i < count; i++) {
    ids.set(transactionId(network, envelopeAt(body, i).subarray(ENVELOPE.transaction)), 32 * i);
  }
  return ids;
}
