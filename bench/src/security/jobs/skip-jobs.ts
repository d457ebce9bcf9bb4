import { Prng } from '@iotw/kernel/prng';
import { detectSkipping, skipHonest, skipSoftly } from '@iotw/simulator/arena/witness-sets';
import { bootstrapMean, type Interval, quantile, wilson } from '@iotw/simulator/statistics/intervals';

export interface SkipRow {
  readonly p: number;
  readonly capturedHosts: number;
  readonly seats: Interval;
  readonly whole: Interval;
}

/** Captured hosts that skip every honest device. */
export function skipJob(quick: boolean): SkipRow[] {
  const blocks = quick ? 400 : 10_000;
  const rows: SkipRow[] = [];
  for (const p of [0.1, 0.2, 0.3])
    for (const capturedHosts of [0, 1, 2]) {
      const { taken, seats, whole } = skipHonest(p, capturedHosts, 16, blocks, 'report');
      rows.push({ p, capturedHosts, seats: wilson(taken, seats), whole: wilson(whole, blocks) });
    }
  return rows;
}

/** Shares of honest answers that a captured host skips. */
export const SHARES = [0.02, 0.05, 0.1, 0.2, 0.5];
/** The attacker's share of the devices where shares are skipped. */
export const HELD = 0.2;
/** Usual misses, and z of the intervals (99.9%) that must part. */
const USUAL = 0.02;
const Z = 3.290527;
export const HOSTS = 16;
export const ALARM_ASSIGNMENTS = 10_000;
const MOST = 100_000;

export interface ShareRow {
  readonly share: number;
  /** Of the seats, with one, two of the three hosts captured. */
  readonly seats: readonly Interval[];
}

/** What skipping a share of the honest answers gains. */
export function skipShareJob(quick: boolean): ShareRow[] {
  const blocks = quick ? 400 : 40_000;
  return [0, ...SHARES, 1].map((share) => ({
    share,
    seats: [1, 2].map((hosts) => {
      const { taken, seats } = skipHonest(HELD, hosts, 16, blocks, `share ${share}`, share);
      return wilson(taken, seats);
    }),
  }));
}

export interface SoftRow {
  readonly late: number;
  readonly seats: Interval;
  /** Soft misses per seat. */
  readonly spent: Interval;
}

/** What soft misses gain a lane, by the share of devices for which hosts sign them; devnet's bound. */
export function softSkipJob(quick: boolean): SoftRow[] {
  const blocks = quick ? 400 : 20_000;
  return [0, 0.02, 0.05, 0.1, 1].map((late) => {
    const rule = { softMissBps: 1_000, softMissBurst: 16 };
    const { seats, taken, spent } = skipSoftly(HELD, late, rule, blocks, 'report');
    return { late, seats: wilson(taken, seats), spent: wilson(spent, seats) };
  });
}

export interface DetectionRow {
  readonly captured: number;
  readonly share: number;
  readonly runs: number;
  /** Assignments until it shows, over all runs: those in which it never does count MOST. */
  readonly assignments: Interval;
  /** 95 of 100 runs need no more. */
  readonly late: number;
  readonly found: Interval;
}

/** When one, four and eight of sixteen hosts skip. */
export function detectionJob(captured: number, quick: boolean): DetectionRow[] {
  const runs = quick ? 4 : 100;
  return SHARES.map((attack) => {
    const needed = Array.from({ length: runs }, (_, run) =>
      detectSkipping({ hosts: HOSTS, captured, attack, usual: USUAL }, Z, `report ${run}`, MOST),
    );
    const capped = needed.map((assignments) => assignments ?? MOST);
    return {
      captured,
      share: attack,
      runs,
      assignments: bootstrapMean(capped, new Prng(`detection ${captured} ${attack}`)),
      late: quantile(capped, 0.95),
      found: wilson(needed.filter((assignments) => assignments !== undefined).length, runs),
    };
  });
}

/** Honest hosts that stand out within ALARM_ASSIGNMENTS. */
export function falseAlarmJob(quick: boolean): Interval {
  const runs = quick ? 4 : 400;
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    const all = { hosts: HOSTS, captured: 0, attack: 0, usual: USUAL };
    if (detectSkipping(all, Z, `alarm ${run}`, ALARM_ASSIGNMENTS) !== undefined) alarms += 1;
  }
  return wilson(alarms, runs);
}
