// The pages of a running node, / and /docs: their parts are served under a content security policy and, in a real
// browser, they load without an error or a breach of it. Reads the build. `--screenshots DIR` keeps pictures.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ROOT } from '../tidy/files.mjs';
import { Chromium, findChromium } from './chromium.mjs';
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
const IOTW = join(ROOT, 'packages/cli/dist/main.js');

const { values } = parseArgs({ options: { screenshots: { type: 'string' } } });
const count = { passed: 0, failed: 0, skipped: 0 };
const dir = mkdtempSync(join(tmpdir(), 'iotw-browser-'));
const node = await startNode();
try {
  for (const page of PAGES) tell(`${page.path} and its parts are served`, await served(node.url + page.path));
  await inBrowser();
} finally {
  await node.stop();
  rmSync(dir, { recursive: true, force: true });
}
console.log(lastLine(count));
process.exitCode = count.failed > 0 ? 1 : 0;

function tell(what, faults) {
  count[faults.length === 0 ? 'passed' : 'failed'] += 1;
  console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${what}`);
  for (const fault of faults) console.log(`       ${fault}`);
}

async function inBrowser() {
  const file = findChromium();
  if (file === undefined) {
    count.skipped += PAGES.length;
    console.log(
      'skipped: no Chromium, so / and /docs were opened in no browser: apt-get install chromium, or name one by CHROMIUM',
    );
    return;
  }
  const browser = new Chromium(file);
  try {
    for (const { path, name, ready } of PAGES) {
      const { faults, screenshot } = await browser.open(node.url + path, ready);
      tell(`${path} in ${file.split('/').at(-1)}`, faults);
      if (values.screenshots === undefined) continue;
      mkdirSync(values.screenshots, { recursive: true });
      writeFileSync(join(values.screenshots, `${name}.png`), await screenshot());
    }
  } finally {
    await browser.close();
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
