import type { Interval } from '@iotw/simulator/statistics/intervals';
import type {
  BinomialRow,
  ChoiceRow,
  DetectionRow,
  GriefingRow,
  GrindingRow,
  PredictionRow,
  SkipRow,
  SybilRow,
} from './arena-jobs.js';
import { type Plot, svgOf } from './plot.js';
import type { AdversaryRow, CapturedRow, WithholdingRow } from './simulator-jobs.js';

/** Everything the report is made of. */
export interface Findings {
  readonly binomial: readonly BinomialRow[];
  readonly prediction: readonly PredictionRow[];
  readonly choice: readonly ChoiceRow[];
  readonly skip: readonly SkipRow[];
  readonly detection: readonly DetectionRow[];
  readonly griefing: readonly GriefingRow[];
  readonly sybil: readonly SybilRow[];
  readonly grinding: readonly GrindingRow[];
  readonly adversaries: readonly AdversaryRow[];
  readonly withholding: readonly WithholdingRow[];
  readonly captured: readonly CapturedRow[];
}

export interface Bars {
  readonly binomial: boolean;
  readonly griefing: boolean;
  readonly sybil: boolean;
  readonly withholding: boolean;
  /** What honest devices lose of their reward under adjudication and by the literal rule, in percent. */
  readonly adjudicatedLoss: number;
  readonly literalLoss: number;
  readonly sybilShare: number;
  readonly withholdingRatio: number;
}

/** The bars of the attack simulator, from what was measured. */
export function barsOf({ binomial, griefing, sybil, withholding }: Findings): Bars {
  const paid = (rule: string): number => griefing.find((row) => row.rule === rule)!.result.honestPaid;
  const loss = (rule: string): number => 100 * (1 - paid(rule) / paid('honest'));
  const sybilShare = Math.max(...sybil.map(({ share }) => share.value));
  const p99 = (percent: number): number =>
    withholding.find(({ silentPercent }) => silentPercent === percent)!.p99.value;
  const withholdingRatio = p99(10) / p99(0);
  return {
    binomial: binomial.every(({ inside }) => inside),
    griefing: loss('adjudicated') < 0.1,
    sybil: sybilShare <= 1.05,
    withholding: withholdingRatio <= 2,
    adjudicatedLoss: loss('adjudicated'),
    literalLoss: loss('literal'),
    sybilShare,
    withholdingRatio,
  };
}

/** The plots by file name. */
export function plotsOf(findings: Findings): ReadonlyMap<string, string> {
  const { prediction, choice, skip, detection, griefing, withholding, grinding } = findings;
  const plots: [string, Plot][] = [
    [
      'binomial.svg',
      {
        title: 'Forging one block: what the formula says',
        x: 'share that is compromised',
        y: 'chance',
        logY: { least: 1e-12 },
        series: [
          {
            name: 'devices, 4 of 4',
            points: prediction.map(({ p, devices }) => [p, devices]),
          },
          {
            name: 'trust, 11 of 16',
            points: prediction.map(({ p, trustNodes }) => [p, trustNodes]),
          },
          {
            name: 'mixed',
            points: prediction.map(({ p, mixed }) => [p, mixed]),
          },
        ],
      },
    ],
    [
      'choice.svg',
      {
        title: 'Seats of one maker’s near devices, simulated',
        x: 'share of the devices',
        y: 'share of the seats',
        series: (['random', 'first-to-arrive', 'diversity'] as const).map((name) => {
          const rows = choice.filter((row) => row.choice === name);
          return {
            name,
            points: rows.map(({ p, seats }) => [p, seats.value] as const),
            bands: rows.map(({ seats }) => [seats.low, seats.high] as const),
          };
        }),
      },
    ],
    [
      'skip.svg',
      {
        title: 'Seats a captured lane gets by false misses, simulated',
        x: 'captured hosts beside the lane, of 3',
        y: 'share of the seats',
        series: [0.1, 0.2, 0.3].map((p) => {
          const rows = skip.filter((row) => row.p === p);
          return {
            name: `${100 * p}% of devices`,
            points: rows.map(({ capturedHosts, seats }) => [capturedHosts, seats.value] as const),
            bands: rows.map(({ seats }) => [seats.low, seats.high] as const),
          };
        }),
      },
    ],
    [
      'detection.svg',
      {
        title: 'Assignments until a skip rate stands out, simulated',
        x: 'share of honest answers that are skipped',
        y: 'assignments',
        logY: { least: 1 },
        series: [
          {
            name: '2% usual misses',
            points: detection.map(({ attack, assignments }) => [attack, assignments.value] as const),
            bands: detection.map(({ assignments }) => [assignments.low, assignments.high] as const),
          },
        ],
      },
    ],
    [
      'griefing.svg',
      {
        title: 'What honest devices lose to 5% griefers, simulated',
        x: 'rule: 0 adjudicated, 1 literal',
        y: 'percent of their reward',
        series: [
          {
            name: 'loss',
            points: [
              [0, Math.max(0, lossOf(griefing, 'adjudicated'))],
              [1, lossOf(griefing, 'literal')],
            ],
          },
        ],
      },
    ],
    [
      'withholding.svg',
      {
        title: 'Finality with silent devices, simulated ms',
        x: 'percent of devices that are silent',
        y: 'ms',
        series: [
          {
            name: 'p99',
            points: withholding.map(({ silentPercent, p99 }) => [silentPercent, p99.value] as const),
            bands: withholding.map(({ p99 }) => [p99.low, p99.high] as const),
          },
          {
            name: 'p50',
            points: withholding.map(({ silentPercent, p50 }) => [silentPercent, p50] as const),
          },
        ],
      },
    ],
    [
      'grinding.svg',
      {
        title: 'Grinding keys against a seed, simulated',
        x: 'sets of keys to choose from',
        y: 'seats over fair share',
        series: [
          {
            name: 'seed known',
            points: grinding.map(({ variants, known }) => [variants, known.value] as const),
          },
          {
            name: 'pool frozen before',
            points: grinding.map(({ variants, unknown }) => [variants, unknown.value] as const),
          },
        ],
      },
    ],
  ];
  return new Map(plots.map(([name, plot]) => [name, svgOf(plot)]));
}

function lossOf(griefing: readonly GriefingRow[], rule: string): number {
  const paid = (name: string): number => griefing.find((row) => row.rule === name)!.result.honestPaid;
  return 100 * (1 - paid(rule) / paid('honest'));
}

const number = (value: number): string => Number(value.toPrecision(3)).toString();
const range = ({ value, low, high }: Interval): string =>
  `${number(value)} (${number(low)} to ${number(high)})`;
const maybe = (interval: Interval | undefined): string => (interval === undefined ? '-' : range(interval));
const table = (head: string, rows: readonly string[]): string =>
  [head, head.replaceAll(/[^|]+/g, '---'), ...rows].join('\n');

/** docs/security.md. `made` says by what and when, as one line. */
export function pageOf(findings: Findings, made: string): string {
  const { binomial, prediction, choice, skip, detection, griefing, sybil, grinding } = findings;
  const { adversaries, withholding, captured } = findings;
  const bars = barsOf(findings);
  const met = (ok: boolean): string => (ok ? 'met' : 'NOT met');
  return `# What attacks gain and cost

Every figure on this page is **simulated**. ${made}

Two instruments stand behind it. The *simulator* runs the network's own machines over simulated wires, disks and clocks,
with adversaries in the place of captured parties (packages/simulator/src/adversaries); they have the keys of what they hold and
send the same messages as everybody. The *arena* (packages/simulator/src/arena) uses the production election,
adjudication, reward and ledger rules **without the message layer**, for statistics that need many thousands of blocks.
Intervals are 95% (Wilson for proportions, bootstrap over runs for means) unless it says otherwise.

| bar | measured | |
|---|---|---|
| frequency within the 99% interval of the formula at 12 points | ${binomial.filter(({ inside }) => inside).length} of ${binomial.length} | ${met(bars.binomial)} |
| honest devices lose < 0.1% to 5% griefers under adjudication (a minus: they gain) | ${number(bars.adjudicatedLoss)}% (literal rule: ${number(bars.literalLoss)}%) | ${met(bars.griefing)} |
| a captured batch of 30% earns at most 1.05 x its share | ${number(bars.sybilShare)} x at most | ${met(bars.sybil)} |
| p99 with 10% silent devices at most 2 x p99 with none | ${number(bars.withholdingRatio)} x | ${met(bars.withholding)} |

## The binomial prediction

With each witness compromised by chance p, a block is forged where at least t of n are, and stalls where fewer than t are
honest (\`iotw security\` computes both exactly). The arena's elections, ${binomial[0]!.trials} committees a point:

${table(
  '| n | p | t | forged | formula, 99% interval | stalled | formula, 99% interval | inside |',
  binomial.map(
    ({ n, p, t, trials, forged, forging, stalled, stalling, inside }) =>
      `| ${n} | ${p} | ${t} | ${number(forged / trials)} | ${range(forging)} | ${number(stalled / trials)} | ${range(stalling)} | ${inside ? 'yes' : 'no'} |`,
  ),
)}

Devices alone (all 4 of a committee must be compromised), trust nodes alone (11 of 16) and both, as every block needs them:

![binomial](security/binomial.svg)

${table(
  '| p | forged: devices | forged: trust nodes | forged: mixed | stalled: devices | stalled: trust nodes |',
  prediction
    .filter((_, i) => i % 2 === 1)
    .map(
      ({ p, devices, trustNodes, mixed, stallDevices, stallTrustNodes }) =>
        `| ${p} | ${number(devices)} | ${number(trustNodes)} | ${number(mixed)} | ${number(stallDevices)} | ${number(stallTrustNodes)} |`,
    ),
)}

A device committee that stalls costs an attempt, not the block: the next ranks are asked. Trust nodes that stall stop the lane.

## Each adversary

${adversaries[0]?.seeds ?? 0} seeds each of the simulator without other faults, beside the same seeds without the adversary. 1 is
what the same parties get, and how long finality takes, when nobody attacks.

${table(
  '| adversary | acts | its devices’ pay | its trust node’s pay | others’ pay | finality p99 | blacklisted | of them honest | lanes suspended | bond lost | rules broken |',
  adversaries.map(
    (row) =>
      `| ${row.name} | ${row.acts} | ${maybe(row.ownDevices)} | ${maybe(row.ownNodes)} | ${range(row.otherDevices)} | ${range(row.finality)} | ${range(row.blacklisted)} | ${row.honestBlacklisted} | ${row.lanesSuspended} | ${number(row.bondLost)} | ${row.violations} |`,
  ),
)}

Honest devices on the blacklist are those that a framing lane showed another header: \`unproven\`, no guilt, and reinstated when
that header is shown (\`appeal\`), which convicts the lane. Under the literal rule they would stay.

## Who is asked: by lot, first to arrive, or diverse

An attacker holds the devices of one maker, in one region, near the asker (answers in 10 ms on average, others in 40 ms).
Committees of 4, arena:

${table(
  '| choice | its share of devices | its share of seats | whole committees |',
  choice.map(({ choice: name, p, seats, whole }) => `| ${name} | ${p} | ${range(seats)} | ${range(whole)} |`),
)}

![choice](security/choice.svg)

## What the skip rule allows

A rank is passed over only by a miss that its device's host signed. A captured lane with h captured hosts (of the 3 whose devices it
may ask) skips honest devices there and nobody else; p is its share of the devices. Arena:

${table(
  '| p | captured hosts | its share of seats | whole committees |',
  skip.map(
    ({ p, capturedHosts, seats, whole }) => `| ${p} | ${capturedHosts} | ${range(seats)} | ${range(whole)} |`,
  ),
)}

![skip](security/skip.svg)

It shows: devices miss 2% by themselves, and skip rates per host are public. Assignments after which the 99.9% intervals of the host
and of the others part:

${table(
  '| honest answers skipped | assignments |',
  detection.map(({ attack, assignments }) => `| ${100 * attack}% | ${range(assignments)} |`),
)}

![detection](security/detection.svg)

## Griefing

${griefing[0]!.epochs} epochs of the arena; 5% of the devices lie at the first chance they get. \`50\`: with a blacklist term of 50 epochs,
so that they come back and strike again.

${table(
  '| rule | strikes | honest devices’ pay, change | honest devices blacklisted | right answers unpaid | griefers’ pay |',
  griefing.map(
    ({ rule, result }) =>
      `| ${rule} | ${result.strikes} | ${number(-lossOf(griefing, rule))}% | ${result.honestBlacklisted} | ${number((100 * result.wasted) / (result.paidAnswers + result.wasted))}% | ${number((100 * result.grieferPaid) / (result.grieferPaid + result.honestPaid))}% of all |`,
  ),
)}

![griefing](security/griefing.svg)

## Sybil farm with a captured batch

30% of the devices are a farm's: one captured batch of one maker, divided among k owners. Its pay over a share by number:

${table(
  '| election | owners | pay over its share |',
  sybil.map(({ mode, owners, share }) => `| ${mode} | ${owners} | ${range(share)} |`),
)}

## Withheld answers

Devices that are present and never answer; time to finality in the simulator over the second half of each run, when hosts have met
them. At the hedge interval (the p95 of the answers a host has seen) the host signs a soft miss, and the next rank takes the place; a
device that was silent gets a hard miss then, until it has answered four times. Only while a host has seen fewer than 32 answers, owes a lane too many soft misses,
or fewer than a whole committee can answer, does a silence cost up to \`answerTimeoutMs\` (80 ms here).

${table(
  '| silent | p50, ms | p99, ms |',
  withholding.map(({ silentPercent, p50, p99 }) => `| ${silentPercent}% | ${number(p50)} | ${range(p99)} |`),
)}

![withholding](security/withholding.svg)

## Captured trust nodes

f of ${captured[0]!.of} trust nodes never vote for a block of another lane, to the end. Less than a third changes nothing but their own
lanes' weight; more than a third stops the honest lanes (with 2 of 4 the captured lanes still get three votes and carry everything), and forges only with the device committees and the ledger servers besides (binomial above).

${table(
  '| captured | transactions that became final | runs that stall |',
  captured.map(
    ({ captured: f, of, final, stalls, seeds }) =>
      `| ${f} of ${of} | ${range(final)} | ${stalls} of ${seeds} |`,
  ),
)}

## Seeds

Keys registered against a known seed: the attacker picks, of v sets of 10 devices among 200, the one that wins most of 20 blocks.
Pools are frozen before the seed before their own can be known, so it can only pick blindly:

${table(
  '| sets to choose from | seed known | pool frozen before |',
  grinding.map(({ variants, known, unknown }) => `| ${variants} | ${range(known)} | ${range(unknown)} |`),
)}

![grinding](security/grinding.svg)

The last revealer under the source \`vrf\` (row last-revealer above) can delay an epoch and learns the seed first; it can't choose it: the
proof is unique, and the epoch waits for it. The source \`threshold\` takes that away as well.
`;
}
