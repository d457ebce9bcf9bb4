// One flow: what a person does, from a page that was never opened before, against the running network.
import { SIZES } from './browser.mjs';
import { accessibility, overflow, settled } from './looks.mjs';
import { Watch } from './watch.mjs';

/**
 * @typedef {object} Flow
 * @property {string} name `area: what a person does`
 * @property {(keyof typeof SIZES)[]} [sizes] all of them unless told otherwise
 * @property {boolean} [alone] no other flow runs meanwhile: for one that stops the network or measures
 * @property {boolean} [long] played with every look or by its name, not in `npm test`
 * @property {import('playwright-core').BrowserContextOptions} [context] what the browser is beside its size
 * @property {(t: FlowRun) => Promise<void>} run throws where something is not as it should be. It may be begun anew after a
 *   browser that ended by itself: it makes accounts of its own
 */

/** A fault of the app, not of the test. */
class CheckFailed extends Error {}

/** What a flow is run with. */
export class FlowRun {
  /** @type {import('playwright-core').Page} */
  page;
  /** Clicks so far by `click`. */
  clicks = 0;
  #watch;
  #story;
  #browser;

  constructor({ browser, context, watch, page, network, size, facts, story }) {
    /** @type {import('playwright-core').BrowserContext} */
    this.context = context;
    /** @type {import('./network.mjs').Network} */
    this.network = network;
    this.size = size;
    this.facts = facts;
    this.page = page;
    this.#watch = watch;
    this.#story = story;
    this.#browser = browser;
  }

  /** Pages may turn the camera on, which sees a QR. @param {string} text in it */
  async cameraSees(text) {
    this.#browser.cameraSees(text);
    await this.context.grantPermissions(['camera']);
  }

  /** Whether people will look at pictures of this run. */
  get isStory() {
    return this.#story !== undefined;
  }

  /** A step of a story is done: it is kept where the run tells one. @param {string} name */
  async step(name) {
    await this.#story?.step(this.page, name);
  }

  /** Opens a path of the app and waits for what it is for. @param {string} path @param {string} [ready] selector */
  async open(path, ready = 'main') {
    await this.page.goto(this.network.url + path);
    await this.settled(ready);
  }

  /** @param {string} [ready] */
  settled(ready = 'main') {
    return settled(this.page, ready);
  }

  /** Clicks and counts it: a task has four of them. @param {import('playwright-core').Locator} locator */
  async click(locator) {
    this.clicks += 1;
    await locator.click();
  }

  /** @param {string} what @param {unknown} holds @param {unknown} [seen] told where it does not hold */
  check(what, holds, seen) {
    if (!holds) throw new CheckFailed(seen === undefined ? what : `${what}; seen: ${String(seen)}`);
  }

  /** The page as it is now: no overflow, nothing serious of axe. */
  async looks() {
    const faults = [...(await overflow(this.page)), ...(await accessibility(this.page))];
    this.check('the page looks as it should', faults.length === 0, faults.join('; '));
  }

  /** From now on a console error or exception of this form is no fault. @param {RegExp} form */
  expectFault(form) {
    this.#watch.expect(form);
  }

  /** Everything the browser has sent: addresses, headers, bodies, frames of sockets. */
  get sent() {
    return this.#watch.sent;
  }
}

/**
 * @param {Flow} flow
 * @param {keyof typeof SIZES} size
 * @param {{browser: import('./browser.mjs').TestBrowser, network: import('./network.mjs').Network, facts: object,
 *   story?: {step: (page: import('playwright-core').Page, name: string) => Promise<void>}}} where
 * @returns {Promise<string[]>} what is wrong
 */
export async function runFlow(flow, size, { browser, network, facts, story }) {
  const faults = [];
  await browser.inContext({ ...SIZES[size], ...flow.context }, async (context) => {
    faults.length = 0;
    const watch = await Watch.on(context);
    const page = await context.newPage();
    const run = new FlowRun({ browser, context, watch, page, network, size, facts, story });
    await flow.run(run).catch(async (error) => {
      if (!context.browser()?.isConnected()) throw error;
      const where = await run.page
        .evaluate(() => `${location.pathname}: ${document.body.textContent}`)
        .catch(String);
      const told = error instanceof CheckFailed ? error.message : String(error?.stack ?? error);
      faults.push(`${told} (at ${where.replaceAll(/\s+/g, ' ').slice(0, 400)})`);
    });
    faults.push(...watch.faults);
  });
  return faults;
}
