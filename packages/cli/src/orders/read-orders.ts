import { fail } from '@iotw/kernel/result';
import { readCsv } from './csv.js';
import { isOrderHeader, ORDER_COLUMNS, type OrderLineCode, parseOrderLine } from './order-lines.js';
import type { PlanTally } from './plan-tally.js';
import { type OrderRow, PLAN_LIMITS, type PlanLimits, type Planned, ReplayPlanner } from './replay-plan.js';

/**
 * The rows of an orders file (.csv or .csv.gz). A file that can't be read, is no gzip or has another header
 * ends with one `stopped` row: `orders-unreadable`, `orders-gzip`, `orders-too-large`, `orders-header`.
 */
export async function* readOrderRows(path: string): AsyncGenerator<OrderRow> {
  let headerSeen = false;
  for await (const item of readCsv(path)) {
    if (item.kind === 'stopped') {
      yield item;
      return;
    }
    if (!headerSeen) {
      if (item.kind !== 'row' || !isOrderHeader(item.fields)) break;
      headerSeen = true;
      continue;
    }
    if (item.kind === 'bad-row') {
      yield item;
      continue;
    }
    const line = parseOrderLine(item.fields, item.lineNumber);
    if (line.ok) yield { kind: 'line', line: line.value };
    else yield { kind: 'bad-row', lineNumber: item.lineNumber, code: line.error.code as OrderLineCode };
  }
  if (headerSeen) return;
  const message = `The first line of ${path} must be ${ORDER_COLUMNS.join(',')}.`;
  yield { kind: 'stopped', failure: fail('orders-header', message).error };
}

/** A plan read from a file: `planned` runs once; `tally` is complete when it has ended. */
export interface OrdersPlan {
  readonly planned: AsyncGenerator<Planned>;
  readonly tally: PlanTally;
}

/** Streams the plan of an orders file; nothing is read until `planned` is iterated. */
export function planOrders(path: string, limits: PlanLimits = PLAN_LIMITS): OrdersPlan {
  const planner = new ReplayPlanner(limits);
  return { planned: run(path, planner), tally: planner.tally };
}

async function* run(path: string, planner: ReplayPlanner): AsyncGenerator<Planned> {
  for await (const row of readOrderRows(path)) yield* planner.add(row);
  yield* planner.end();
}
