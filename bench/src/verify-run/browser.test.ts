/** The verifier as a page loads it: bundled for browsers, run where Node's modules and globals are not. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { toHex } from '@iotw/kernel/bytes';
import { networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import { publicDataToJson } from '@iotw/protocol/public-data';
import { verifyPublicData } from '@iotw/sdk/verify/public/verify-data';
import { DEFAULT_SIZE, Simulation } from '@iotw/simulator/simulation';
import { build } from 'esbuild';
import { chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { publicHistory } from './simulated-history.js';

const ENTRY = `
import { fromHex } from '@iotw/kernel/bytes';
import { genesisFromJson } from '@iotw/protocol/genesis-json';
import { publicDataFromJson } from '@iotw/protocol/public-data';
import { verifyPublicData } from '@iotw/sdk/verify/public/verify-data';

const input = JSON.parse(globalThis.INPUT);
const verdicts = input.data.map((json) => {
  const data = publicDataFromJson(json);
  const genesis = genesisFromJson(input.genesis);
  const report = verifyPublicData(data.value, { genesis: genesis.value, network: fromHex(input.network) });
  const { genuine, blocks, committees, failed } = report.value;
  return { genuine, blocks, committees, failed: failed.map(({ subject, name }) => subject + ' ' + name) };
});
globalThis.TELL(JSON.stringify(verdicts));
`;

/** What a bare context gets: the language, and the web's own globals. Nothing of Node. */
const RUN_BARE = `
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
const told = { TELL: (text) => process.stdout.write(text) };
const web = { TextEncoder, TextDecoder, WebAssembly, crypto, atob, btoa, performance, URL, console };
const context = vm.createContext({ ...web, ...told });
context.globalThis = context;
context.self = context;
const module = new vm.SourceTextModule(readFileSync(process.argv[2], 'utf8'), { context });
await module.link((name) => { throw new Error('the bundle imports ' + name); });
await module.evaluate();
`;

let dir: string;
let bundle: string;
let expected: unknown;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-browser-'));
  const simulation = new Simulation({ ...DEFAULT_SIZE, seed: 5, epochs: 2, transactions: 120, calm: true });
  expect(simulation.run().violation).toBeUndefined();
  const { genesis } = simulation;
  const data = publicHistory(genesis, simulation.history());
  const changed = {
    ...data,
    epochs: data.epochs.map((epoch) => ({ ...epoch, pool: epoch.pool.slice(1) })),
  };
  expected = [data, changed].map((each) => {
    const report = verifyPublicData(each, { genesis });
    if (!report.ok) throw new Error(report.error.code);
    const { genuine, blocks, committees, failed } = report.value;
    return { genuine, blocks, committees, failed: failed.map(({ subject, name }) => `${subject} ${name}`) };
  });
  const input = JSON.stringify({
    genesis: genesisToJson(genesis),
    network: toHex(networkId(genesis)),
    data: [data, changed].map(publicDataToJson),
  });
  bundle = join(dir, 'verify.mjs');
  const result = await build({
    stdin: { contents: ENTRY, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    conditions: ['browser', 'source'],
    banner: { js: `globalThis.INPUT = ${JSON.stringify(input)};` },
    outfile: bundle,
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
  expect(imports.filter(({ path }) => path.startsWith('node:') || builtinModules.includes(path))).toEqual([]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('finds in a bare context what it finds in Node', () => {
  const runner = join(dir, 'run.mjs');
  writeFileSync(runner, RUN_BARE);
  const flags = ['--experimental-vm-modules', '--no-warnings'];
  const told = execFileSync(process.execPath, [...flags, runner, bundle], { encoding: 'utf8' });
  expect(JSON.parse(told)).toEqual(expected);
  expect(expected).toMatchObject([
    { genuine: true, failed: [] },
    { genuine: false, failed: expect.arrayContaining(['epoch 1 pool-root']) },
  ]);
});

it('finds in Chromium what it finds in Node, where there is one', async () => {
  const chromium = findChromium();
  if (chromium === undefined) {
    process.stderr.write('No Chromium here, so none was asked: install one, or name it in CHROMIUM.\n');
    return;
  }
  const page = join(dir, 'page.html');
  const script = readFileSync(bundle, 'utf8').replaceAll('</script', '<\\/script');
  const tell = 'globalThis.TELL = (text) => { document.title = "told"; document.body.textContent = text; };';
  writeFileSync(
    page,
    `<!doctype html><body></body><script>${tell}</script><script type="module">${script}</script>`,
  );
  const browser = await playwright.launch({
    executablePath: chromium,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const tab = await browser.newPage();
    await tab.goto(pathToFileURL(page).href);
    await tab.waitForFunction("document.title === 'told'");
    const told = await tab.textContent('body');
    expect(told && JSON.parse(told)).toEqual(expected);
  } finally {
    await browser.close();
  }
});

/** A Chromium or Chrome of this machine: named in CHROMIUM, or on the path. */
function findChromium(): string | undefined {
  const named = process.env.CHROMIUM;
  if (named !== undefined && existsSync(named)) return named;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) if (existsSync(join(directory, name))) return join(directory, name);
  }
  return undefined;
}
