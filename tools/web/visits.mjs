// Every page, opened once and looked at in each size and theme: it comes to rest without a fault, nothing overflows, axe finds
// nothing serious. `screenshots` keeps a picture of each look.
import { SIZES } from './browser.mjs';
import { accessibility, overflow, settled } from './looks.mjs';
import { keep } from './picture.mjs';
import { walletState } from './wallet-state.mjs';
import { Watch } from './watch.mjs';

/**
 * @typedef {object} Page
 * @property {string} name of its pictures, with its area: `explorer-block`
 * @property {(facts: Awaited<ReturnType<import('./network.mjs').Network['facts']>>) => string} path
 * @property {string} ready selector of what the page is for; visible when it has come
 * @property {boolean} [foreign] its parts are another project's (the API's documentation): it is not held to our looks
 * @property {boolean} [wallet] opened in a browser that has a wallet; where every look is asked for
 * @property {(visit: {page: import('playwright-core').Page, network: import('./network.mjs').Network}) => Promise<void>} [prepare]
 *   done on the opened page first: unlock a wallet, fill a form
 */

/** What every page is looked at in: both sizes, both themes. It is loaded in the first, so each first load is a phone's. */
const LOOKS = [
  { size: 'phone', theme: 'light' },
  { size: 'desktop', theme: 'dark' },
];
/** The others, where every look is asked for. */
const MORE_LOOKS = [
  { size: 'phone', theme: 'dark' },
  { size: 'desktop', theme: 'light' },
];
/** The other language, where words are shorter and lines break elsewhere; where every look is asked for. */
const LOCALE = 'zh-Hant';

/** @type {WeakMap<object, Promise<object>>} by network */
const wallets = new WeakMap();

/**
 * @param {Page} page
 * @param {{browser: import('./browser.mjs').TestBrowser, network: import('./network.mjs').Network, facts: object,
 *   screenshots?: string, everyLook?: boolean}} where
 * @returns {Promise<string[]>} what is wrong
 */
export async function visit(page, { browser, network, facts, screenshots, everyLook = false }) {
  const looks = everyLook ? [...LOOKS, ...MORE_LOOKS] : LOOKS;
  const url = network.url + page.path(facts);
  const faults = [];
  const stored = page.wallet ? { storageState: await usedBrowser(browser, network) } : {};
  const first = { ...SIZES.phone, ...stored, isMobile: false, colorScheme: 'light' };
  await browser.inContext(first, async (context) => {
    faults.length = 0;
    const watch = await Watch.on(context);
    const tab = await context.newPage();
    await tab.goto(url);
    await page.prepare?.({ page: tab, network });
    await settled(tab, page.ready);
    for (const { size, theme } of page.foreign ? looks.slice(-1) : looks) {
      await tab.setViewportSize(SIZES[size].viewport);
      await tab.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await settled(tab, page.ready);
      // Pictures are of pages as they are; whether they are as they should be is another run's question.
      if (!page.foreign && screenshots === undefined) {
        const found = [...(await overflow(tab)), ...(await accessibility(tab))];
        faults.push(...found.map((fault) => `${size}, ${theme}: ${fault}`));
      }
      if (screenshots !== undefined) await keep(tab, screenshots, `${page.name}-${size}-${theme}`);
    }
    faults.push(...watch.faults);
  });
  if (everyLook && !page.foreign && page.prepare === undefined)
    await browser.inContext({ ...SIZES.phone, ...stored, locale: LOCALE }, async (context) => {
      const watch = await Watch.on(context);
      const tab = await context.newPage();
      await tab.goto(url);
      await settled(tab, page.ready);
      const found = [...(await overflow(tab)), ...watch.faults];
      faults.push(...found.map((fault) => `${LOCALE}: ${fault}`));
      if (screenshots !== undefined) await keep(tab, screenshots, `${page.name}-phone-${LOCALE}`);
    });
  return faults;
}

function usedBrowser(browser, network) {
  const known = wallets.get(network) ?? walletState({ browser, network });
  wallets.set(network, known);
  return known;
}
