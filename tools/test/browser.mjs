// The pages of a running node, / and /docs: their parts are served under a content security policy and, in a real
// browser, they load without an error or a breach of it. The SDK verifies there too. Reads the build. `--screenshots DIR` keeps pictures.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ROOT } from '../tidy/files.mjs';
import { BrowserEnded, Chromium, findChromium } from './chromium.mjs';
import { expectedTitle, serveSdkPage } from './sdk-page.mjs';
import { lastLine } from './steps.mjs';

/** When a page has shown what it is for. */
const PAGES = [
  { path: '/', name: 'start', ready: "document.getElementById('round')?.textContent.match(/^[0-9]/)" },
  {
    path: '/docs',
    name: 'docs',
    ready: "document.querySelectorAll('.opblock').length >= 30 && !document.querySelector('.errors-wrapper')",
  },
];
/** How often a browser that ends by itself is started for a page. */
const BROWSER_STARTS = 3;
const IOTW = join(ROOT, 'packages/cli/dist/main.js');

const { values } = parseArgs({ options: { screenshots: { type: 'string' } } });
const count = { passed: 0, failed: 0, skipped: 0 };
const dir = mkdtempSync(join(tmpdir(), 'iotw-browser-'));
let node;
await trying('a node starts', async () => {
  node = await startNode();
});
if (node !== undefined) {
  for (const page of PAGES)
    await trying(`${page.path} and its parts are served`, async () =>
      tell(`${page.path} and its parts are served`, await served(node.url + page.path)),
    );
  await trying('the pages in a browser', inBrowser);
  await trying('the node ends cleanly', node.stop);
}
rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
console.log(lastLine(count));
process.exitCode = count.failed > 0 ? 1 : 0;

/** Whatever a part throws is told as its failure, and the parts after it still run. */
async function trying(what, part) {
  try {
    await part();
  } catch (error) {
    tell(what, [error instanceof Error ? error.message : String(error)]);
  }
}

function tell(what, faults) {
  count[faults.length === 0 ? 'passed' : 'failed'] += 1;
  console.log(faults.length === 0 ? `ok     ${what}` : `FAILED ${what}: ${faults.join('; ')}`);
}

async function inBrowser() {
  const file = findChromium();
  if (file === undefined) {
    count.skipped += PAGES.length + 1;
    console.log(
      'skipped: no Chromium, so / and /docs were opened in no browser and the SDK ran in none: apt-get install chromium, or name one by CHROMIUM',
    );
    return;
  }
  const sdk = await serveSdkPage();
  const verifying = {
    ...{ path: '/', base: sdk.url, name: 'sdk' },
    ready: `document.title === ${JSON.stringify(expectedTitle())}`,
  };
  for (const page of [...PAGES, verifying]) {
    const { faults, screenshot } = await opened(file, page);
    const what = page === verifying ? 'the SDK verifies commits' : page.path;
    tell(`${what} in ${file.split('/').at(-1)}`, faults);
    if (values.screenshots === undefined) continue;
    mkdirSync(values.screenshots, { recursive: true });
    writeFileSync(join(values.screenshots, `${page.name}.png`), screenshot);
  }
  sdk.stop();
}

/** A page in a browser of its own. A browser that ends by itself says nothing of the page: it is started again. */
async function opened(file, { path, ready, base = node.url }) {
  for (let start = 1; ; start += 1) {
    const browser = new Chromium(file);
    try {
      return await browser.open(base + path, ready);
    } catch (error) {
      if (!(error instanceof BrowserEnded) || start === BROWSER_STARTS) throw error;
      console.log(`start ${start} of ${BROWSER_STARTS}: ${error.message}`);
    } finally {
      await browser.close();
    }
  }
}

/** What is wrong with the page as it is served: its policy, and every script and style it names. */
async function served(url) {
  const response = await fetch(url);
  if (!response.ok) return [`${url} answered ${response.status}`];
  const faults = [];
  const policy = response.headers.get('content-security-policy') ?? '';
  if (!/script-src[^;]*'self'/.test(policy) || /script-src [^;]*'unsafe-inline'/.test(policy)) {
    faults.push(`its content security policy is ${policy || 'not there'}`);
  }
  for (const [, part] of (await response.text()).matchAll(/<(?:script|link)[^>]*(?:src|href)="([^"]+)"/g)) {
    const { ok, status } = await fetch(new URL(part, response.url));
    if (!ok) faults.push(`${part} answered ${status}`);
  }
  return faults;
}

/** A network of one node in a folder of its own. */
async function startNode() {
  const place = join(dir, 'network');
  await iotw('genesis', 'create', '--dir', place, '--trust-nodes', '1', '--api-port', '0', '--mqtt-port', '0')
    .ended;
  const { child, ended } = iotw('node', '--config', join(place, 'node.json'), '--json');
  const line = await Promise.race([
    new Promise((resolve) => createInterface(child.stdout).once('line', resolve)),
    ended.then(() => undefined),
  ]);
  if (line === undefined) throw new Error('the node has ended before it was ready');
  const stop = () => {
    child.kill('SIGINT');
    return ended;
  };
  return { url: JSON.parse(line).apiUrl, stop };
}

function iotw(...words) {
  const child = spawn(process.execPath, [IOTW, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      code === 0 || signal !== null ? resolve() : reject(new Error(`iotw ${words[0]} ended with ${code}`)),
    );
  });
  return { child, ended };
}
