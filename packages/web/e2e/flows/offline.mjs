// Without a network, and with a server that goes and comes back: the app opens, says so, shows what was seen last under its time or
// plainly nothing, and goes on by itself.

/** What a browser tells of requests that reach nobody. */
const GONE =
  /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|ERR_FAILED|status of 50[0-9]/;
const INSTALLED_MS = 60_000;

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'offline: the app opens', sizes: ['phone'], context: { serviceWorkers: 'allow' }, run: offline },
];

async function offline(t) {
  t.expectFault(GONE);
  await t.open('/', '[data-figure=round]');
  t.check('it can be installed', await installable(t));
  await serviceWorker(t.page);
  await t.open(`/tx/${t.facts.transaction}`, '[data-name-of=transaction]');
  await t.context.setOffline(true);

  await t.page.reload();
  await t.settled('[data-name-of=transaction]');
  await t.settled('[data-reachability=offline][data-seen]');
  t.check('the time is told', await t.page.getByText(/seen last, at .*\d:\d\d:\d\d.* or later/).isVisible());
  await t.looks();

  await t.page.goto(`${t.network.url}/`);
  await t.settled('[data-figure=round]');
  await t.settled('[data-reachability=offline]');
  const before = await round(t.page);

  // Money is not kept: what could no longer be true is not shown.
  await t.page.goto(`${t.network.url}/account/${t.facts.account}`);
  await t.settled('[data-not-kept]');
  t.check('no old balance is shown', (await t.page.locator('[data-balance]').count()) === 0);
  await t.page.goto(`${t.network.url}/wallet`);
  await t.settled('[data-not-kept]');
  await t.looks();

  await t.context.setOffline(false);
  await t.page.getByRole('button', { name: 'Create a wallet' }).waitFor();
  await t.page.locator('[data-reachability]').waitFor({ state: 'detached' });
  await t.page.goto(`${t.network.url}/`);
  await t.settled('[data-figure=round]');
  await t.network.until('rounds go on', async () => (await round(t.page)) > before);
}

/** The page is the worker's: all files of the build are kept. */
async function serviceWorker(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, {
    timeout: INSTALLED_MS,
  });
}

async function installable(t) {
  const manifest = await t.network.get('/app.webmanifest');
  const icons = await Promise.all(
    manifest.icons.map(({ src }) => fetch(t.network.url + src).then(({ status }) => status)),
  );
  return manifest.display === 'standalone' && icons.every((status) => status === 200);
}

async function round(page) {
  const shown = await page.locator('[data-figure=round]').textContent();
  return Number(shown.replaceAll(/\D/g, ''));
}
