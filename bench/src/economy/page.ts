import { BASE_UNITS } from '@iotw/protocol/limits';
import { svgPlot } from '@iotw/simulator/plot/svg-plot';
import { type Findings, findingsOf } from './findings.js';
import type { Month } from './model.js';
import type { Scenario } from './scenarios.js';

export interface Run {
  readonly scenario: Scenario;
  readonly months: readonly Month[];
}

/** The files of docs/ by path, all from the runs. */
export function economyFiles(runs: readonly Run[]): Map<string, string> {
  const files = new Map<string, string>([
    ['economy.md', page(runs)],
    ['economy/months.csv', csv(runs)],
  ]);
  const plots: readonly (readonly [file: string, title: string, y: string, of: (month: Month) => number])[] =
    [
      ['pool', 'Reward pool', 'IOTW', (m) => m.pool / BASE_UNITS],
      ['rewards', 'Rewards paid in a month', 'IOTW', (m) => m.paid / BASE_UNITS],
      ['fees', 'Fees paid in a month', 'IOTW', (m) => m.fees / BASE_UNITS],
      ['coverage', 'Fees over rewards', 'percent', (m) => (m.paid === 0 ? 0 : (100 * m.fees) / m.paid)],
      ['per-device', 'Issued per present device in a month', 'IOTW', (m) => m.perDevice / BASE_UNITS],
    ];
  for (const [file, title, y, of] of plots) {
    const series = runs.map(({ scenario, months }) => ({
      name: scenario.name,
      points: months.map((month) => [month.month / 12, of(month)] as const),
    }));
    files.set(`economy/${file}.svg`, svgPlot({ title, x: 'years', y, logarithmic: true }, series));
  }
  return files;
}

function csv(runs: readonly Run[]): string {
  const lines = ['scenario,month,devices,present,pool,issued,paid,fees,bound_epochs,epochs'];
  for (const { scenario, months } of runs) {
    for (const m of months) {
      lines.push(
        [
          scenario.name,
          m.month,
          m.devices,
          m.present,
          m.pool,
          m.issued,
          m.paid,
          m.fees,
          m.boundEpochs,
          m.epochs,
        ].join(','),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

const iotw = (units: number) => grouped(Math.round(units / BASE_UNITS));
const exact = (units: number) => String(Number((units / BASE_UNITS).toPrecision(4)));
const month = (n: number | undefined) => (n === undefined ? 'never' : `month ${n}`);

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

function page(runs: readonly Run[]): string {
  const found = runs.map(({ scenario, months }) => ({
    scenario,
    months,
    f: findingsOf(months, scenario.rewardPool),
  }));
  return `# The economy over ten years

A model, not a measurement: \`npm run economy\` runs ten years of epochs by the production rules (issuance and
settlement of \`assignment/rewards\`, the ledger's fee) over stated assumptions and writes this page, the plots
and [months.csv](economy/months.csv). It is deterministic. Rules: [economy.md](../spec/economy.md), clause 10.

## Assumptions

Scenarios are code: \`bench/src/economy/scenarios.ts\`. Between years numbers grow in a straight line; every device
of the pool is present in ${runs[0]!.scenario.presentPpm / 10_000}% of the epochs; a transaction is one transfer of the amount named; nobody
is penalised; every role has work in every epoch; the data share stays in the pool.

| scenario | asks | epoch | issued per device and epoch | decay per epoch | devices in year 0, 5, 10 | transactions a day in year 0, 5, 10 | amount of each | reward pool |
|---|---|---|---|---|---|---|---|---|
${found
  .map(({ scenario: s }) => {
    const { epochMs, issuancePerDevice, poolDecayPpt } = s.parameters;
    const three = (list: readonly number[]) => [list[0]!, list[5]!, list[10]!].map(grouped).join(', ');
    return `| ${s.name} | ${s.question} | ${epochMs / 1_000} s | ${exact(issuancePerDevice)} IOTW | ${poolDecayPpt / 1_000_000} ppm | ${three(s.devices)} | ${three(s.transactionsPerDay)} | ${exact(s.amount)} IOTW | ${iotw(s.rewardPool)} IOTW |`;
  })
  .join('\n')}

## What comes of it

| scenario | decay first binds | months it binds | fees cover rewards | fees over rewards, year 10 | pool left | a device's year 1, year 10 |
|---|---|---|---|---|---|---|
${found.map(({ scenario, f }) => row(scenario, f)).join('\n')}

"Decay binds": the issuance was the pool times the decay and not devices times the amount each. "Fees cover
rewards": from that month on to the end fees were never below what was paid out, so the pool no longer falls.

![reward pool](economy/pool.svg)
![rewards](economy/rewards.svg)
![fees](economy/fees.svg)
![fees over rewards](economy/coverage.svg)
![per device](economy/per-device.svg)

## What it says about the rules

- More devices are paid more in total until the decay binds; from then on they share the same sum, and a
  device's reward falls as 1 over their number.
- Where the decay binds, pool and fees find a level: each epoch pays the pool times the decay, so the pool settles
  where that equals the fees. Rewards then are the fees, whatever the number of devices.
- \`poolDecayPpt\` counts parts per 10^12 of the pool per epoch: with epochs of 60 s, 100,000 are 5% a year. The length of
  an epoch hardly matters where its decay is in proportion (scenario minute-epochs beside base).
`;
}

function row(scenario: Scenario, f: Findings): string {
  return `| ${scenario.name} | ${month(f.firstBound)} | ${f.monthsBound} of 120 | ${f.coveredFrom === undefined ? 'never' : `from month ${f.coveredFrom}`} | ${f.coverage.toFixed(1)}% | ${f.poolLeft.toFixed(1)}% | ${exact(f.perDeviceFirst)}, ${exact(f.perDeviceLast)} IOTW |`;
}
