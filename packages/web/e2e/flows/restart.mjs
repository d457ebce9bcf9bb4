// A server that ends in the middle of what people do and comes back: nothing is lost, nothing is paid twice, and everything goes on by itself.
import { choosePassword, fillBackup, freshKey, NOT_YET, shownWords, signerOf } from '../wallet-kit.mjs';

/** What a browser tells of requests and sockets that reach nobody. */
const GONE =
  /ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|FAILED|ABORTED)|WebSocket/;
const BASE_UNITS = 1_000_000;
/** After a restart, elections and the chain of the pool's devices take some rounds to be as before. */
const BACK_MS = 120_000;

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  {
    name: 'restart: in mid-flow',
    sizes: ['desktop'],
    alone: true,
    long: true,
    context: { serviceWorkers: 'allow' },
    run: restart,
  },
];

async function restart(t) {
  t.expectFault(NOT_YET);
  t.expectFault(GONE);
  await withMoney(t);
  const to = freshKey().address;
  await order(t.page, to, '3');
  const live = await t.context.newPage();
  await live.goto(`${t.network.url}/`);
  await live.locator('[data-figure=round]').waitFor();
  await live.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, {
    timeout: BACK_MS,
  });
  const block = await t.context.newPage();
  await block.goto(`${t.network.url}/block/${t.facts.lane}/${t.facts.height}`);
  await block.locator('[data-name-of=block]').waitFor();

  await t.network.stop();
  await t.page.bringToFront();
  await signerOf(t.page).getByRole('button', { name: 'Sign', exact: true }).click();
  for (const page of [t.page, live]) await page.locator('[data-reachability=unreachable]').waitFor();
  // Opened anew while there is no server: the app is there, and says so.
  await block.reload();
  await block.locator('[data-reachability=unreachable][data-seen]').waitFor();
  await block.locator('[data-name-of=block]').waitFor();
  const before = await round(live);
  await t.network.resume();

  for (const page of [t.page, live, block])
    await page.locator('[data-reachability]').waitFor({ state: 'detached', timeout: BACK_MS });
  await t.network.until('the live view goes on', async () => (await round(live)) > before);
  await t.network.until('the payment is made', async () => (await balance(t, to)) > 0);
  await t.page.goto(`${t.network.url}/wallet`);
  await t.page.locator('[data-payment=final]').waitFor();
  t.check('it was made once', (await balance(t, to)) === 3 * BASE_UNITS, await balance(t, to));
}

async function withMoney(t) {
  await t.open('/wallet', 'main button');
  await t.page.getByRole('button', { name: 'Create a wallet' }).click();
  await choosePassword(t.page);
  const words = await shownWords(t.page);
  await signerOf(t.page).getByRole('button', { name: 'I have written them down' }).click();
  await fillBackup(t.page, words);
  await signerOf(t.page).getByRole('button', { name: 'Check' }).click();
  await t.page.getByRole('button', { name: /test money/ }).click();
  await t.page.getByText(/You received/).waitFor();
}

/** Up to the signer's question. */
async function order(page, to, amount) {
  await page.locator('main').getByRole('link', { name: 'Send', exact: true }).first().click();
  await page.getByRole('combobox', { name: 'To' }).fill(to);
  await page.getByLabel('Amount').fill(amount);
  await page.locator('[data-fee=true]').waitFor();
  await page.getByRole('button', { name: 'Review and sign' }).click();
  await signerOf(page).getByRole('button', { name: 'Sign', exact: true }).waitFor();
}

async function balance(t, address) {
  const account = await t.network.get(`/v1/accounts/${address}`).catch(() => undefined);
  return Number(account?.balance ?? 0);
}

async function round(page) {
  const shown = await page.locator('[data-figure=round]').textContent();
  return Number(shown.replaceAll(/\D/g, ''));
}
