/** `npm run economy`: ten years of issuance and fees by the production rules; writes docs/economy.md, its plots and CSV. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findingsOf } from './economy/findings.js';
import { simulateEconomy, YEARS } from './economy/model.js';
import { economyFiles } from './economy/page.js';
import { SCENARIOS } from './economy/scenarios.js';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));

const runs = SCENARIOS.map((scenario) => ({ scenario, months: simulateEconomy(scenario) }));
for (const [path, text] of economyFiles(runs)) {
  const file = join(DOCS, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
const findings = Object.fromEntries(
  runs.map(({ scenario, months }) => [scenario.name, findingsOf(months, scenario.rewardPool)]),
);
process.stdout.write(`${JSON.stringify({ bench: 'economy', kind: 'model', years: YEARS, findings })}\n`);
