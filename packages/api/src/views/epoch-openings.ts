import type { ApiContext } from '../context.js';
import type { RoundLayout } from '../round-layout.js';

/** Opening rounds by epoch, as far as they were looked up: an epoch has one for ever. */
const openings = new WeakMap<ApiContext['rounds'], Map<number, number>>();

/** The round that opened an epoch, by binary search over the rounds; undefined for epoch 0 and where it is not kept. */
export function openingOf(context: ApiContext, epoch: number): RoundLayout | undefined {
  if (epoch === 0) return undefined;
  let known = openings.get(context.rounds);
  if (known === undefined) {
    known = new Map();
    openings.set(context.rounds, known);
  }
  const number = known.get(epoch);
  if (number !== undefined) return context.rounds.layout(number);
  let low = context.backend.kept.first;
  let high = context.rounds.latest;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const layout = context.rounds.layout(middle);
    if (layout === undefined || layout.record.header.epoch < epoch) low = middle + 1;
    else high = middle;
  }
  const found = context.rounds.layout(low);
  if (found?.record.header.epoch !== epoch) return undefined;
  known.set(epoch, low);
  return found;
}
