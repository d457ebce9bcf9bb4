// A browser that has been used: a wallet with money, a payment, and this tab as its device. Made once, and given to every page that wants one.
import {
  choosePassword,
  fillBackup,
  freshKey,
  shownWords,
  signerOf,
} from '../../packages/web/e2e/wallet-kit.mjs';
import { SIZES } from './browser.mjs';

/**
 * @param {{browser: import('./browser.mjs').TestBrowser, network: import('./network.mjs').Network}} where
 * @returns {Promise<object>} what a context begins with (`storageState`)
 */
export async function walletState({ browser, network }) {
  let state;
  await browser.inContext(SIZES.desktop, async (context) => {
    const page = await context.newPage();
    const signer = signerOf(page);
    const sign = () => signer.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.goto(`${network.url}/wallet`);
    await page.getByRole('button', { name: 'Create a wallet' }).click();
    await choosePassword(page);
    const words = await shownWords(page);
    await signer.getByRole('button', { name: 'I have written them down' }).click();
    await fillBackup(page, words);
    await signer.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: /test money/ }).click();
    await page.getByText(/You received/).waitFor();
    await page.locator('main').getByRole('link', { name: 'Send', exact: true }).first().click();
    await page.getByRole('combobox', { name: 'To' }).fill(freshKey().address);
    await page.getByLabel('Amount').fill('12.5');
    await page.getByLabel('Memo').fill('Tea and cake');
    await page.locator('[data-fee=true]').waitFor();
    await page.getByRole('button', { name: 'Review and sign' }).click();
    await sign();
    await page.locator('[data-outcome=final]').waitFor();
    await page.locator('header').getByRole('link', { name: 'Mine', exact: true }).click();
    await page.getByRole('button', { name: 'Join and mine' }).click();
    await sign();
    await page.locator('[data-miner=online]').waitFor();
    state = await context.storageState({ indexedDB: true });
  });
  return state;
}
