import {
  type FarmCohort,
  type FarmDevice,
  type FarmGroup,
  farmCohorts,
  farmGroups,
} from '@iotw/assignment/farm-report';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { PAYMENT_EPOCHS, PAYMENT_FLAG, type Payments } from '@iotw/ledger/tables/payments';
import { z } from 'zod';
import { type ApiContext, accountAddress } from '../context.js';
import { PAGE_SCAN_ROWS } from '../limits.js';
import { Count } from './forms.js';
import { type Page, PageQuery, pageOf, pageOfRows } from './page.js';
import { checkEnded } from './why.js';

const KINDS = ['owner', 'batch', 'maker', 'host', 'cohort'] as const;
const Ppm = Count.max(1_000_000);

export const FarmSchema = z
  .object({
    name: z.string().describe('address of the owner, number of maker or host, maker/batch, or a cohort'),
    devices: Count.describe('in the frozen pool of the epoch'),
    owners: Count,
    batches: Count,
    hosts: Count,
    poolPpm: Ppm.describe('share of the pool’s devices, parts per million'),
    weightPpm: Ppm.describe('share of the elections’ weight'),
    earnedPpm: Ppm.describe('share of what devices of the pool were paid'),
    answers: Count,
    equalAnswers: Count.describe('answers it would have at equal chance'),
    missed: Count.describe('certified misses'),
    flags: z.array(z.enum(['concentrated', 'one-host', 'same-pattern', 'registered-together'])),
    host: Count.nullable().describe('of a cohort'),
    registeredEpoch: Count.nullable().describe('of a cohort'),
    pattern: z
      .string()
      .nullable()
      .describe(
        'of a cohort, one letter per kept epoch: . not in the pool, a absent, p present, m missed, x removed',
      ),
    expectedMillionths: Count.nullable().describe('devices that chance would put into the cohort'),
  })
  .meta({ id: 'Farm' });
type FarmView = z.infer<typeof FarmSchema>;

export const FarmsSchema = z
  .object({
    epoch: Count,
    devices: Count.describe('in the frozen pool'),
    by: z.enum(KINDS),
    threshold: Ppm,
    farms: pageOf(FarmSchema),
  })
  .meta({ id: 'Farms' });

export const FarmsQuery = PageQuery.extend({
  by: z.enum(KINDS).default('owner').describe('what devices have in common'),
  epoch: z.coerce
    .number()
    .int()
    .min(0)
    .max(0xffff_ffff)
    .optional()
    .describe('the last that ended by default'),
  threshold: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .default(100_000)
    .describe('share of weight or pay above which a group is concentrated, parts per million'),
  flagged: z.enum(['true', 'false']).default('false').describe('only groups with a flag'),
});

/** The report made last: pages of one report are asked for one after another. */
interface Report {
  readonly epoch: number;
  readonly devices: readonly FarmDevice[];
  key: string;
  rows: readonly (FarmGroup | FarmCohort)[];
}
const lastReports = new WeakMap<ApiContext, Report>();

/**
 * Who holds how much of an ended epoch's pool, weight and pay, and which devices move as one. Errors:
 * `epoch-not-ended`, `settlement-not-kept` (reasons are kept for PAYMENT_EPOCHS epochs), `cursor-invalid`.
 */
export function farmsView(
  context: ApiContext,
  query: z.infer<typeof FarmsQuery>,
): Result<z.infer<typeof FarmsSchema>> {
  const epoch = query.epoch ?? Math.max(0, context.backend.ledger.epoch - 1);
  const report = reportOf(context, epoch);
  if (!report.ok) return report;
  const { devices } = report.value;
  const { by, threshold } = query;
  const key = `${by} ${threshold} ${query.flagged}`;
  if (report.value.key !== key) {
    const all = by === 'cohort' ? farmCohorts(devices) : farmGroups(devices, by, threshold);
    report.value.rows = query.flagged === 'true' ? all.filter(({ flags }) => flags.length > 0) : all;
    report.value.key = key;
  }
  const { rows } = report.value;
  const farms: Result<Page<FarmView>> = pageOfRows(
    `farm${epoch}${by}`,
    query,
    rows.length,
    PAGE_SCAN_ROWS,
    (row) => farmView(context, by, rows[row]!),
  );
  return farms.ok ? ok({ epoch, devices: devices.length, by, threshold, farms: farms.value }) : farms;
}

function farmView(context: ApiContext, by: (typeof KINDS)[number], group: FarmGroup | FarmCohort): FarmView {
  const name = by === 'owner' ? (accountAddress(context, Number(group.name)) ?? group.name) : group.name;
  const cohort = { host: null, registeredEpoch: null, pattern: null, expectedMillionths: null };
  return { ...cohort, ...group, name, flags: [...group.flags] };
}

function reportOf(context: ApiContext, epoch: number): Result<Report> {
  const ended = checkEnded(context, epoch);
  if (!ended.ok) return ended;
  const { ledger } = context.backend;
  const known = lastReports.get(context);
  if (known?.epoch === epoch) return ok(known);
  const pool = ledger.settlements.slot(epoch) === -1 ? undefined : context.backend.history.pool(epoch);
  if (pool === undefined) {
    return fail(
      'settlement-not-kept',
      `What devices did in epoch ${epoch} is not kept any more: ask for one of the last ${PAYMENT_EPOCHS} epochs.`,
    );
  }
  const kept = keptPayments(context, epoch);
  const c = ledger.devices.col;
  const devices = pool.devices.map(({ device, owner, maker, host, weight }): FarmDevice => {
    const payments = kept.at(-1)!;
    const p = payments.col;
    const row = payments.find(device);
    return {
      device,
      owner,
      maker,
      batch: c.batch[device]!,
      host,
      registeredEpoch: c.registeredEpoch[device]!,
      weight,
      answers: row === -1 ? 0 : p.mined[row]! + p.witnessed[row]! + p.unpaid[row]!,
      missed: row === -1 ? 0 : p.missed[row]!,
      earned: row === -1 ? 0 : p.minerAmount[row]! + p.witnessAmount[row]!,
      pattern: kept.map((of) => letterOf(of, device)).join(''),
    };
  });
  const report = { epoch, devices, key: '', rows: [] };
  lastReports.set(context, report);
  return ok(report);
}

/** What is kept of the epochs up to `epoch`, oldest first. */
function keptPayments(context: ApiContext, epoch: number): Payments[] {
  const { settlements } = context.backend.ledger;
  const kept: Payments[] = [];
  for (let e = Math.max(0, epoch - PAYMENT_EPOCHS + 1); e <= epoch; e++) {
    const slot = settlements.slot(e);
    if (slot !== -1) kept.push(settlements.payments[slot]!);
  }
  return kept;
}

function letterOf(payments: Payments, device: number): string {
  const row = payments.find(device);
  if (row === -1) return '.';
  const flags = payments.col.flags[row]!;
  if ((flags & PAYMENT_FLAG.removed) !== 0) return 'x';
  if ((flags & PAYMENT_FLAG.inPool) === 0) return '.';
  if (payments.col.missed[row]! > 0) return 'm';
  return (flags & PAYMENT_FLAG.present) === 0 ? 'a' : 'p';
}
