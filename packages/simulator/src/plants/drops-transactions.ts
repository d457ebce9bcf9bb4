import { ENVELOPE } from '@iotw/protocol/transaction';
import type { Plant } from './plant.js';

/** Every trust node drops one transaction in sixteen, the same ones each time. */
export const dropsTransactions: Plant = {
  name: 'drops-transactions',
  bug: 'trust nodes drop one transaction in sixteen',
  breaks: 'transactions-settle',
  dropsEnvelope: (envelope) => envelope[ENVELOPE.signature]! < 16,
};
