import { WITNESS_COUNTS, type WitnessCounts } from '@iotw/ledger/tables/witnessing';
import { z } from 'zod';
import { Count } from './forms.js';

const countFields = Object.fromEntries(WITNESS_COUNTS.map((name) => [name, Count])) as {
  [C in keyof WitnessCounts]: typeof Count;
};

/** Counts of one epoch; their meaning is in clause 8.13 of the specification. */
export const CountsSchema = z.object(countFields).meta({ id: 'WitnessCounts' });
