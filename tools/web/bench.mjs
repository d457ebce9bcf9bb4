// npm run bench:web: what the app weighs when it is first opened, how soon the explorer can be used on a slow machine, and what the live view costs per
// frame while a recorded network runs through it. Figures on stderr, one JSON line last; it fails where a bar is missed. See docs/web.md.
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../tidy/files.mjs';
import { SIZES, TestBrowser } from './browser.mjs';
import { CATEGORIES, frameWork, quantile } from './frames.mjs';
import { readRecording, replay } from './replay.mjs';

/** The bars of the app. */
const LIMIT = { firstLoadKb: 300, interactiveMs: 1_500, frameP95Ms: 20 };
const SLOWER = 4;
const RUNS = 7;
const WATCH_MS = 30_000;
/** No long task for this long: the page has come to rest, ms. */
const QUIET_MS = 600;

if (!TestBrowser.found()) {
  console.error('no Chromium to measure in: apt-get install chromium, or name one by CHROMIUM');
  process.exit(1);
}
const recording = readRecording(join(ROOT, 'tools/web/recordings/live.json.br'));
const server = await replay(recording);
const browser = new TestBrowser();

const loads = [];
for (const path of ['/', '/explore']) loads.push([path, await firstLoad(path)]);
const interactive = [];
for (let run = 0; run < RUNS; run += 1) interactive.push(await explorer());
const frames = await liveView(SIZES.desktop);
const phone = await liveView(SIZES.phone);
await browser.close();
server.stop();

const middle = (name) =>
  quantile(
    interactive.map((run) => run[name]).sort((a, b) => a - b),
    0.5,
  );
const figures = {
  firstLoadKb: loads[0][1].script,
  firstLoadOfExplorerKb: loads[1][1].script,
  firstLoadEverythingKb: loads[0][1].all,
  interactiveMs: middle('interactive'),
  interactiveBestMs: Math.min(...interactive.map((run) => run.interactive)),
  interactiveBusyMs: middle('busy'),
  frameP95Ms: quantile(frames.cpu, 0.95),
  frameP99Ms: quantile(frames.cpu, 0.99),
  frameP95WallMs: quantile(frames.wall, 0.95),
  framePhoneP95Ms: quantile(phone.cpu, 0.95),
  frames: frames.cpu.length,
};
for (const name of Object.keys(figures)) {
  figures[name] = Math.round(figures[name] * 10) / 10;
  const limit = LIMIT[name] === undefined ? '' : ` of at most ${LIMIT[name]}`;
  console.error(`${name.padEnd(26)} ${figures[name]}${limit}`);
}
const ratio = Math.max(...Object.entries(LIMIT).map(([name, limit]) => figures[name] / limit));
const { transactionsPerSecond, devicesConnected, recorded } = recording.provenance;
const conditions = {
  ...{ cores: cpus().length, cpu: cpus()[0]?.model.trim(), node: process.version, load: loadavg()[0] },
  ...{ slower: SLOWER, runs: RUNS, transactionsPerSecond, devicesConnected, recorded },
};
console.log(
  JSON.stringify({ bench: 'web', figures, limit: LIMIT, ratio: Math.round(ratio * 1e3) / 1e3, conditions }),
);
process.exit(ratio <= 1 ? 0 : 1);

/** kB that came over the network until the page had come to rest: scripts, and everything. */
async function firstLoad(path) {
  server.again();
  let kb;
  await browser.inContext(SIZES.phone, async (context) => {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    const types = new Map();
    kb = { script: 0, all: 0 };
    cdp.on('Network.responseReceived', ({ requestId, type }) => types.set(requestId, type));
    cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      kb.all += encodedDataLength / 1_000;
      if (types.get(requestId) === 'Script') kb.script += encodedDataLength / 1_000;
    });
    await page.goto(server.url + path);
    await page
      .locator(path === '/' ? 'canvas' : 'main table tbody tr')
      .first()
      .waitFor();
    await page.waitForTimeout(3_000);
  });
  return kb;
}

/** The explorer opened for the first time on a slow machine: when its lists and its search are there and the main thread is free. */
async function explorer() {
  server.again();
  let figures;
  await browser.inContext(SIZES.phone, async (context) => {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    await page.addInitScript((quietMs) => {
      const seen = { there: undefined, busyUntil: 0 };
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) seen.busyUntil = startTime + duration;
      }).observe({ type: 'longtask', buffered: true });
      const look = () => {
        if (document.querySelector('main table tbody tr') && document.querySelector('main [type=search]'))
          seen.there = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
      globalThis.interactive = () => {
        const last = Math.max(seen.there ?? Number.POSITIVE_INFINITY, seen.busyUntil);
        return performance.now() - last > quietMs ? last : undefined;
      };
    }, QUIET_MS);
    await page.goto(`${server.url}/explore`, { waitUntil: 'commit' });
    // Looked at seldom: asking is work for the main thread too.
    let interactive;
    while (interactive === undefined) {
      await page.waitForTimeout(QUIET_MS / 2);
      interactive = await page.evaluate(() => globalThis.interactive());
    }
    const { metrics } = await cdp.send('Performance.getMetrics');
    const spent = (what) => (metrics.find(({ name }) => name === what)?.value ?? Number.NaN) * 1_000;
    figures = { interactive, busy: spent('TaskDuration'), script: spent('ScriptDuration') };
  });
  return figures;
}

async function liveView(size) {
  server.again();
  let work;
  await browser.inContext({ ...size, colorScheme: 'light' }, async (context) => {
    const page = await context.newPage();
    await page.goto(`${server.url}/`);
    await page.locator('canvas').first().waitFor();
    await page.locator('[data-chart=throughput] canvas').waitFor();
    const chromium = context.browser();
    await chromium.startTracing(page, { categories: CATEGORIES });
    await page.waitForTimeout(WATCH_MS);
    work = frameWork(await chromium.stopTracing());
  });
  return work;
}
