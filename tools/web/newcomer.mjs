// npm run newcomer: `npm start` as a newcomer types it, then the newcomer's flow of the tests with a picture of each step. Writes
// docs/newcomer.md and its pictures; fails where the way takes longer than its bar, or the flow fails.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flows } from '../../packages/web/e2e/flows/wallet-newcomer.mjs';
import { ROOT } from '../tidy/files.mjs';
import { TestBrowser } from './browser.mjs';
import { runFlow } from './flows.mjs';
import { Network } from './network.mjs';
import { keep } from './picture.mjs';

/** From `npm start` to a device of one's own that mines, ms. */
const BAR_MS = 120_000;
const PICTURES = 'docs/screenshots';

/** What each step of the flow is, in the order of the page. */
const STEPS = {
  start:
    'The app opens at the address that the terminal tells. The network is at work: blocks, rounds, devices.',
  words:
    '*Wallet*, *Create a wallet*, a password. The signer, a frame of its own origin, shows 24 words: whoever has them has the money.',
  backup: 'It asks for some of the words again, so that they are on paper and not just clicked away.',
  received: '*Get test money*: the faucet of the test network has paid.',
  signed: '*Send*: to whom, how much, what for. The signer says what is going to be signed before it signs.',
  sent: 'The payment is final: it is on disk, and no restart takes it back.',
  mining:
    '*Mine*, *Join and mine*: the tab has made a key, a guest maker has registered it, the wallet has claimed it. It answers now when it is elected.',
  owned: '*Wallet*, *Devices*: the device is owned by the account, and earns from the next epochs on.',
};

/** The steps of a run, each with its picture and its time since the story began. */
class Story {
  /** @type {{name: string, ms: number}[]} */
  steps = [];
  #began;

  /** @param {number} began `performance.now()` of its beginning */
  constructor(began) {
    this.#began = began;
  }

  async step(page, name) {
    this.steps.push({ name, ms: performance.now() - this.#began });
    // What appears by fading is all there; whoever looks at the page is at its top, where the news are.
    await page.waitForTimeout(400);
    await keep(page, join(ROOT, PICTURES), `newcomer-${name}`);
  }
}

if (!TestBrowser.found()) throw new Error('no Chromium: apt-get install chromium, or name one by CHROMIUM');
const began = performance.now();
const network = await Network.start(['npm', 'start', '--', '--fresh'], {});
const browser = new TestBrowser();
let faults;
const story = new Story(began);
try {
  const flow = flows.find(({ name }) => name === 'wallet: newcomer');
  faults = await runFlow(flow, 'phone', { browser, network, facts: {}, story });
} finally {
  await browser.close();
  await network.end();
}
const names = Object.keys(STEPS);
const told = story.steps.map(({ name }) => name);
if (told.join() !== names.join()) faults.push(`steps ${told.join()} were taken, not ${names.join()}`);
const took = story.steps.at(-1)?.ms ?? Number.POSITIVE_INFINITY;
if (took > BAR_MS) faults.push(`it took ${seconds(took)} s, more than ${seconds(BAR_MS)} s`);
for (const fault of faults) console.log(`FAILED ${fault}`);
if (faults.length === 0) {
  writeFileSync(join(ROOT, 'docs/newcomer.md'), page());
  console.log(`docs/newcomer.md: ${seconds(took)} s from npm start to a device of one's own`);
}
process.exit(faults.length === 0 ? 0 : 1);

function page() {
  const rows = story.steps.map(
    ({ name, ms }, at) =>
      `| ${at + 1} | ${seconds(ms)} s | ${STEPS[name]} | ![${name}](screenshots/newcomer-${name}.webp) |`,
  );
  return `# Two minutes of a newcomer

From \`npm start\` to a wallet that received, sent and owns a mining device: **${seconds(took)} s** in this run, with ${seconds(
    network.startedInMs,
  )} s of them for
the start itself (the build of sources that were built before, 4 trust nodes, 1,000 devices, the first blocks).
A first build is not in it. A script clicks and types without reading; people read.

The steps are those of the flow \`wallet: newcomer\`, which \`npm test -- web\` plays. This page and its pictures (360 px wide) are made by
\`npm run newcomer\`, in Debian's Chromium against the network that \`npm start\` starts; times are since \`npm start\` was typed.

| | after | what | |
|---|---|---|---|
${rows.join('\n')}
`;
}

function seconds(ms) {
  return (ms / 1000).toFixed(1);
}
