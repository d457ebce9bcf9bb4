import { readFileSync } from 'node:fs';
import { issuance, settle } from '@iotw/assignment/rewards';
import { MAX_SUPPLY } from '@iotw/protocol/limits';
import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import { estimateFee } from '@iotw/sdk/transaction/fee';
import { expect, it } from 'vitest';
import { findingsOf } from './findings.js';
import { simulateEconomy } from './model.js';
import { economyFiles } from './page.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

const flat = (value: number) => Array.from({ length: 11 }, () => value);
/** A day has 24 epochs; the decay binds from some day on. */
const scenario: Scenario = {
  name: 'test',
  question: '',
  parameters: {
    ...DEVNET_PARAMETERS,
    epochMs: 3_600_000,
    poolDecayPpt: 7_000_000,
    issuancePerDevice: 11_003,
  },
  rewardPool: 2_000_000_000_000,
  devices: flat(1_000),
  presentPpm: 900_000,
  transactionsPerDay: flat(1_000),
  amount: 777_777,
};

it('is what the production rules give, epoch by epoch', () => {
  const months = simulateEconomy(scenario);
  const { parameters } = scenario;
  const fee = estimateFee(parameters, [{ type: 'transfer', to: 0, amount: 777_777 }]).total;
  let pool = scenario.rewardPool;
  let day = 0;
  for (const month of months) {
    const end = Math.ceil((month.month * 365) / 12);
    const sums = { issued: 0, paid: 0, fees: 0 };
    for (; day < end; day++) {
      for (let epoch = 0; epoch < 24; epoch++) {
        const issued = issuance(parameters, 900, pool);
        const one = [[0, 1]] as const;
        const { paid } = settle(parameters, issued, { miners: one, witnesses: one, trustNodes: one });
        pool -= paid;
        sums.issued += issued;
        sums.paid += paid;
        const fees =
          Math.floor(((1_000 * fee) / 24) * (epoch + 1)) - Math.floor(((1_000 * fee) / 24) * epoch);
        pool += fees;
        sums.fees += fees;
      }
    }
    expect(month).toMatchObject(sums);
    expect(month.pool).toBe(pool);
  }
  const found = findingsOf(months, scenario.rewardPool);
  expect(found.firstBound).toBeGreaterThan(1);
  expect(months.at(-1)!.boundEpochs).toBe(months.at(-1)!.epochs);
});

it('keeps the supply: the pool changes by fees and payments only', () => {
  for (const { months, scenario } of SCENARIOS.map((s) => ({ scenario: s, months: simulateEconomy(s) }))) {
    let pool = scenario.rewardPool;
    for (const month of months) {
      pool += month.fees - month.paid;
      expect(month.pool).toBe(pool);
      expect(month.paid).toBeLessThanOrEqual(month.issued);
      expect(pool).toBeGreaterThan(0);
      expect(pool).toBeLessThan(MAX_SUPPLY);
    }
    expect(months).toHaveLength(120);
  }
});

it('docs/economy.md, its plots and CSV are what the rules of today give: else run npm run economy', () => {
  const runs = SCENARIOS.map((scenario) => ({ scenario, months: simulateEconomy(scenario) }));
  for (const [path, text] of economyFiles(runs)) {
    expect(readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8'), path).toBe(text);
  }
});
