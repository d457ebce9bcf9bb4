// A tab is open while the server gets another build of the app: the tab says so, goes on with its own, whose files the server no longer has,
// and is the new one when the person wants it, at the same place and with the same choices.
import { Rebuilt } from '../rebuilt.mjs';

/** What a browser tells of requests that reach nobody. */
const GONE = /ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|status of 50[0-9]/;
const INSTALLED_MS = 60_000;

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'update: a new build', sizes: ['phone'], context: { serviceWorkers: 'allow' }, run: update },
];

async function update(t) {
  t.expectFault(GONE);
  const server = await Rebuilt.before(t.network.url);
  try {
    await played(t, server);
  } finally {
    await server.stop();
  }
}

async function played(t, server) {
  const { page } = t;
  await page.goto(`${server.url}/explore`);
  await t.settled('table tbody tr');
  await page.getByRole('button', { name: 'Switch to dark' }).click();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, {
    timeout: INSTALLED_MS,
  });
  const search = page.getByRole('main').getByRole('searchbox');
  await search.fill('half a word');

  server.isAway = true;
  await page.locator('[data-reachability=unreachable]').waitFor();
  server.isRebuilt = true;
  server.isAway = false;
  const banner = page.locator('[data-new-build]');
  await banner.waitFor({ timeout: INSTALLED_MS });
  await t.looks();
  t.check('nothing is loaded anew by itself', (await search.inputValue()) === 'half a word');
  t.check('the tab runs the old build', !(await runsNew(page, server)));

  // A page that this tab has not had yet: its files are the old build's.
  await page.locator('main a[href="/parameters"]').click();
  await t.settled('table tbody tr');
  t.check(
    'the server has no old files',
    (await page.request.get(await anOldFile(page, server))).status() === 404,
  );

  await banner.getByRole('button').click();
  await page.waitForFunction((mark) => document.querySelector(`script[src*="${mark}"]`), server.mark);
  await t.settled('table tbody tr');
  t.check('the place is the same', new URL(page.url()).pathname === '/parameters', page.url());
  const theme = await page.locator('html').getAttribute('data-mantine-color-scheme');
  t.check('the theme is the same', theme === 'dark', theme);
  t.check('no banner is left', (await banner.count()) === 0);
}

const runsNew = (page, { mark }) =>
  page.evaluate((mark) => document.querySelector(`script[src*="${mark}"]`) !== null, mark);

/** A script that this page runs, under the name that its build gave it. */
const anOldFile = async (page, { mark }) =>
  page.evaluate(
    (mark) => [...document.scripts].map(({ src }) => src).find((src) => src !== '' && !src.includes(mark)),
    mark,
  );
