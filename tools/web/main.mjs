// npm test -- web: every page and every flow of the web app in a real browser against a real network, started once. Reads the
// build. `--only WORD` runs the pages and flows with that word in their names; `--every-look` visits pages in each theme at each size
// and in the other language, and plays the long flows too; `--screenshots DIR` keeps pictures of that and runs no flow. Pages are in packages/web/e2e/pages, flows in packages/web/e2e/flows.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { installChineseFont } from '../test/chromium.mjs';
import { lastLine } from '../test/steps.mjs';
import { ROOT } from '../tidy/files.mjs';
import { SIZES, TestBrowser } from './browser.mjs';
import { runFlow } from './flows.mjs';
import { Network } from './network.mjs';
import { sdkFlow } from './sdk-flow.mjs';
import { visit } from './visits.mjs';

const E2E = join(ROOT, 'packages/web/e2e');
/** Parts under way at once: one waits while the other computes. */
const BESIDE = 2;
/** The longest that a part may take on a slow machine, ms. */
const PART_MS = 240_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    screenshots: { type: 'string' },
    'every-look': { type: 'boolean' },
  },
});
const count = { passed: 0, failed: 0, skipped: 0 };
const pages = (await all('pages')).filter(isWanted).filter(isVisited);
const flows = values.screenshots === undefined ? [sdkFlow, ...(await all('flows'))].filter(isPlayed) : [];
const runs = flows.flatMap((flow) => (flow.sizes ?? Object.keys(SIZES)).map((size) => ({ flow, size })));

if (values.screenshots !== undefined) installChineseFont();
if (TestBrowser.found()) await inBrowser();
else {
  count.skipped = pages.length + runs.length;
  console.log(
    'skipped: no Chromium, so no page was opened: apt-get install chromium, or name one by CHROMIUM',
  );
}
console.log(lastLine(count));
// At once: what a browser or a socket still holds open is no reason to wait.
process.exit(count.failed > 0 ? 1 : 0);

async function inBrowser() {
  let network;
  await trying('a network starts', async () => {
    network = await Network.start();
    return [];
  });
  if (network === undefined) return;
  const browser = new TestBrowser();
  try {
    const { screenshots } = values;
    const everyLook = values['every-look'] === true || screenshots !== undefined;
    const where = { browser, network, facts: await network.facts(), screenshots, everyLook };
    const flowPart = ({ flow, size }) => [`${flow.name}, ${size}`, () => runFlow(flow, size, where)];
    await beside([
      ...runs.filter(({ flow }) => !flow.alone).map(flowPart),
      ...pages.map((page) => [`page ${page.name}`, () => visit(page, where)]),
    ]);
    for (const run of runs.filter(({ flow }) => flow.alone)) await trying(...flowPart(run));
  } catch (error) {
    tell('the network has what pages show', [String(error?.stack ?? error)]);
  }
  await trying('the browser and the network end', async () => {
    await browser.close();
    await network.end();
    return [];
  });
}

/** What the files of a folder export as `pages` or `flows`, in the order of their names. */
async function all(kind) {
  const folder = join(E2E, kind);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.mjs')) : [];
  const modules = await Promise.all(
    files.sort().map((name) => import(pathToFileURL(join(folder, name)).href)),
  );
  return modules.flatMap((module) => module[kind]);
}

/** Pages of a wallet need one first: they are looked at where every look is asked for, or by their names. */
function isVisited({ wallet }) {
  const asked =
    values['every-look'] === true || values.screenshots !== undefined || values.only !== undefined;
  return asked || wallet !== true;
}

/** A long flow is played with every look, or by its name. */
function isPlayed({ name, long }) {
  const asked = values['every-look'] === true || values.only !== undefined;
  return isWanted({ name }) && (asked || long !== true);
}

function isWanted({ name }) {
  return values.only === undefined || name.includes(values.only);
}

/** Runs parts, `BESIDE` of them at a time. @param {[string, () => Promise<string[]>][]} parts */
async function beside(parts) {
  const left = [...parts];
  const worker = async () => {
    for (let part = left.shift(); part !== undefined; part = left.shift()) await trying(...part);
  };
  await Promise.all(Array.from({ length: BESIDE }, worker));
}

/** Whatever a part throws is told as its failure, and the parts after it still run. */
async function trying(what, part) {
  const began = performance.now();
  try {
    const late = new Promise((_, reject) =>
      setTimeout(reject, PART_MS, new Error(`not done after ${PART_MS / 1000} s`)),
    );
    tell(what, await Promise.race([part(), late]), performance.now() - began);
  } catch (error) {
    tell(what, [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
  }
}

function tell(what, faults, ms = 0) {
  count[faults.length === 0 ? 'passed' : 'failed'] += 1;
  const seconds = ` (${(ms / 1000).toFixed(1)} s)`;
  console.log(
    faults.length === 0 ? `ok     ${what}${seconds}` : `FAILED ${what}: ${faults.join('\n         ')}`,
  );
}
