import type { Interval } from '@iotw/simulator/statistics/intervals';
import { farmRow, griefingRow, grindingRows, simulatedRow } from './adversary-rows.js';
import { range, type Section } from './format.js';
import type { BinomialRow, ChoiceRow, GrindingRow, PredictionRow, SybilRow } from './jobs/arena-jobs.js';
import type { Sample } from './jobs/simulator-runs.js';
import { ATTACKS, CAPTURED, capturedName } from './jobs/variants.js';
import { svgOf } from './plot.js';
import { adversariesSection } from './sections/adversaries.js';
import { binomialSection } from './sections/binomial.js';
import { capturedSection } from './sections/captured.js';
import { choiceSection } from './sections/choice.js';
import { type GriefingRuns, griefingSection, lossOf } from './sections/griefing.js';
import { seedsSection } from './sections/seeds.js';
import { type SkippingFindings, skippingSection } from './sections/skipping.js';
import { sybilSection } from './sections/sybil.js';
import { type SilentRuns, silenceRatio, withholdingSection } from './sections/withholding.js';

/** Everything the report is made of. */
export interface Findings {
  readonly binomial: readonly BinomialRow[];
  readonly prediction: readonly PredictionRow[];
  readonly choice: readonly ChoiceRow[];
  readonly skipping: SkippingFindings;
  readonly griefing: GriefingRuns;
  readonly sybil: readonly SybilRow[];
  readonly grinding: readonly GrindingRow[];
  /** The simulator's runs by variant, a sample for each seed. */
  readonly runs: ReadonlyMap<string, readonly Sample[]>;
  readonly withholding: SilentRuns;
}

export interface Bars {
  readonly binomial: boolean;
  readonly griefing: boolean;
  readonly sybil: boolean;
  readonly withholding: boolean;
  /** What honest devices lose of their reward under adjudication and by the literal rule, in percent. */
  readonly adjudicatedLoss: Interval;
  readonly literalLoss: Interval;
  readonly sybilShare: Interval;
  readonly withholdingRatio: Interval;
}

/** The bars of the attack simulator, from what was measured. */
export function barsOf({ binomial, griefing, sybil, withholding }: Findings): Bars {
  const shares = sybil.map(({ share }) => share);
  const sybilShare = shares.reduce((most, share) => (share.value > most.value ? share : most));
  const adjudicatedLoss = lossOf(griefing, 'adjudicated');
  const withholdingRatio = silenceRatio(withholding, 10);
  return {
    binomial: binomial.every(({ inside }) => inside),
    griefing: adjudicatedLoss.value < 0.1,
    sybil: sybilShare.value <= 1.05,
    withholding: withholdingRatio.value <= 2,
    adjudicatedLoss,
    literalLoss: lossOf(griefing, 'literal'),
    sybilShare,
    withholdingRatio,
  };
}

function sectionsOf({
  binomial,
  prediction,
  choice,
  skipping,
  griefing,
  sybil,
  grinding,
  runs,
  withholding,
}: Findings): Section[] {
  const honest = griefing.get('honest')!;
  const rows = [
    ...ATTACKS.map((variant) => simulatedRow(variant, runs.get(variant.name)!, runs.get(variant.base)!)),
    ...['adjudicated', 'literal'].map((rule) => griefingRow(rule, griefing.get(rule)!, honest)),
    farmRow(sybil.find(({ mode, owners }) => mode === 'random' && owners === 10)!),
    ...grindingRows(grinding.at(-1)!),
  ];
  const captured = CAPTURED.map(([count, of]) => ({
    captured: count,
    of,
    runs: runs.get(capturedName(count, of))!,
  }));
  return [
    adversariesSection(rows),
    binomialSection(binomial, prediction),
    choiceSection(choice),
    skippingSection(skipping),
    griefingSection(griefing),
    sybilSection(sybil),
    withholdingSection(withholding),
    capturedSection(captured),
    seedsSection(grinding),
  ];
}

/** docs/security.md and its plots by file name. `made` says by what and when, as one line. */
export function pageOf(
  findings: Findings,
  made: string,
): { readonly page: string; readonly plots: ReadonlyMap<string, string> } {
  const bars = barsOf(findings);
  const met = (ok: boolean): string => (ok ? 'met' : 'NOT met');
  const sections = sectionsOf(findings);
  const { binomial } = findings;
  const head = `# What attacks gain and cost

Every figure on this page is **simulated**. ${made}

Two instruments stand behind it. The *simulator* runs the network's own machines over simulated wires, disks and clocks,
with adversaries in the place of captured parties (packages/simulator/src/adversaries); they have the keys of what they hold and
send the same messages as everybody. The *arena* (packages/simulator/src/arena) uses the production election,
adjudication, reward and ledger rules **without the message layer**, for statistics that need many thousands of blocks.
Intervals are 95% (Wilson for proportions, bootstrap over runs for means) unless it says otherwise.

| bar | measured | |
|---|---|---|
| frequency within the 99% interval of the formula at 12 points | ${binomial.filter(({ inside }) => inside).length} of ${binomial.length} | ${met(bars.binomial)} |
| honest devices lose < 0.1% to 5% griefers under adjudication (a minus: they gain) | ${range(bars.adjudicatedLoss)}% (literal rule: ${range(bars.literalLoss)}%) | ${met(bars.griefing)} |
| a captured batch of 30% earns at most 1.05 x its share | ${range(bars.sybilShare)} x at most | ${met(bars.sybil)} |
| p99 with 10% silent devices at most 2 x p99 with none | ${range(bars.withholdingRatio)} x | ${met(bars.withholding)} |`;
  const page = `${[head, ...sections.map(({ markdown }) => markdown)].join('\n\n')}\n`;
  const plots = new Map(
    sections.flatMap((section) => section.plots.map(([file, plot]) => [file, svgOf(plot)] as const)),
  );
  return { page, plots };
}
