import type { Interval } from '@iotw/simulator/statistics/intervals';
import { banded, number, range, type Section, table } from '../format.js';
import {
  ALARM_ASSIGNMENTS,
  type DetectionRow,
  HELD,
  HOSTS,
  type ShareRow,
  type SkipRow,
  type SoftRow,
} from '../jobs/skip-jobs.js';

export interface SkippingFindings {
  readonly skip: readonly SkipRow[];
  readonly shares: readonly ShareRow[];
  readonly soft: readonly SoftRow[];
  readonly detection: readonly DetectionRow[];
  readonly falseAlarms: Interval;
}

/** What skipping gains, and when it shows. */
export function skippingSection({ skip, shares, soft, detection, falseAlarms }: SkippingFindings): Section {
  const percent = (share: number): string => `${100 * share}%`;
  const markdown = `## What the skip rule allows

A rank is passed over only by a miss that its device's host signed. A captured lane with h captured hosts (of the 3 whose devices it
may ask) skips honest devices there and nobody else; p is its share of the devices. Arena, every honest answer there skipped:

${table(
  '| p | captured hosts | its share of seats | whole committees |',
  skip.map(
    ({ p, capturedHosts, seats, whole }) => `| ${p} | ${capturedHosts} | ${range(seats)} | ${range(whole)} |`,
  ),
)}

![skip](security/skip.svg)

Hosts that mean to stay hidden skip only a share. With ${percent(HELD)} of the devices its seats are then:

${table(
  '| honest answers skipped | seats, 1 captured host | seats, 2 captured hosts |',
  shares.map(({ share, seats }) => `| ${percent(share)} | ${seats.map(range).join(' | ')} |`),
)}

![shares](security/shares.svg)

Soft misses (clause 8.15) cost a device nothing and are bounded per lane and host. A captured lane uses those that turn its way: hosts sign
them for the devices that are late, or (last row) for whichever it likes, beyond which the block is refused:

${table(
  '| devices late | its share of seats | soft misses per seat |',
  soft.map(({ late, seats, spent }) => `| ${percent(late)} | ${range(seats)} | ${range(spent)} |`),
)}

## When skip rates are detected

Devices miss 2% by themselves, and skip rates per host are public. A host stands out when the 99.9% intervals of its rate and of all
others' part, looked at every ten assignments; the others' is raised by the captured ones among them. Assignments per host until then, of ${HOSTS}
hosts, ${detection[0]!.runs} runs each:

${table(
  '| captured hosts | honest answers skipped | assignments, mean | 95 of 100 runs need at most | runs in which it shows |',
  detection.map(
    ({ captured, share, assignments, late, found }) =>
      `| ${captured} | ${percent(share)} | ${range(assignments)} | ${number(late)} | ${range(found)} |`,
  ),
)}

Looked at so often, an honest host could stand out by chance: the first of ${HOSTS} that skip nothing did within ${ALARM_ASSIGNMENTS} assignments
in ${range(falseAlarms)} of the runs.

![detection](security/detection.svg)`;
  const counts = [...new Set(detection.map(({ captured }) => captured))];
  return {
    markdown,
    plots: [
      [
        'skip.svg',
        {
          title: 'Seats a captured lane gets by false misses, simulated',
          x: 'captured hosts beside the lane, of 3',
          y: 'share of the seats',
          ticks: [0, 1, 2],
          series: [0.1, 0.2, 0.3].map((p) =>
            banded(
              `${100 * p}% of devices`,
              skip
                .filter((row) => row.p === p)
                .map(({ capturedHosts, seats }) => [capturedHosts, seats] as const),
            ),
          ),
        },
      ],
      [
        'shares.svg',
        {
          title: 'Seats by the share of answers skipped, simulated',
          x: 'share of honest answers that are skipped',
          y: 'share of the seats',
          series: [0, 1].map((hosts) =>
            banded(
              `${hosts + 1} of 3 hosts`,
              shares.map(({ share, seats }) => [share, seats[hosts]!] as const),
            ),
          ),
        },
      ],
      [
        'detection.svg',
        {
          title: 'Assignments until a skip rate stands out, simulated',
          x: 'share of honest answers that are skipped',
          y: 'assignments per host',
          logY: { least: 1 },
          ticks: [0.02, 0.1, 0.2, 0.3, 0.4, 0.5],
          series: counts.map((captured) =>
            banded(
              `${captured} of ${HOSTS} hosts`,
              detection
                .filter((row) => row.captured === captured)
                .map(({ share, assignments }) => [share, assignments] as const),
            ),
          ),
        },
      ],
    ],
  };
}
