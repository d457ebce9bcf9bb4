// What goes wrong between a person and a payment: each is told in a sentence that helps, and no money is lost or paid twice.
import { asked, freshKey, funded, NOT_YET, PASSWORD, signerOf } from '../wallet-kit.mjs';

const UNITS = 1_000_000;
const TWO_DAYS_MS = 172_800_000;

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'wallet: payments that can’t be made', sizes: ['phone'], run: refusals },
  { name: 'wallet: two tabs at once, locked in between', sizes: ['desktop'], long: true, run: twoTabs },
  { name: 'wallet: storage that is blocked', sizes: ['phone'], long: true, run: blockedStorage },
];

/** On a machine whose clock is two days ahead. */
async function refusals(t) {
  t.expectFault(NOT_YET);
  await t.context.addInitScript((ahead) => {
    const now = Date.now;
    Date.now = () => now() + ahead;
  }, TWO_DAYS_MS);
  await funded(t);
  const to = freshKey().address;
  await t.open('/wallet/send', 'input[name=amount]');
  const receiver = t.page.getByRole('combobox', { name: 'To' });
  await receiver.fill(`${to.slice(0, -1)}${to.endsWith('q') ? 'p' : 'q'}`);
  await t.page.getByText(/does not match its own checksum/).waitFor();
  await receiver.fill(to);
  await t.page.getByLabel('Amount').fill('1.1234567');
  await t.page
    .getByText(/at most six decimals/)
    .first()
    .waitFor();
  await t.page.getByLabel('Amount').fill('999999999');
  await t.page
    .getByText(/more than the account holds: [\d.,]+ IOTW are missing/)
    .first()
    .waitFor();
  await t.click(t.page.getByRole('button', { name: 'Review and sign' }));
  await t.page.locator('[role=alert][data-code=wallet-balance]').waitFor();
  await t.looks();

  const until = (ms) => encodeURIComponent(new Date(ms).toISOString());
  await t.open(`/pay?to=${to}&amount=1&until=${until(Date.now() - 60_000)}`, '[data-code=request-expired]');
  t.check(
    'an expired request has no button',
    (await t.page.getByRole('button', { name: 'Review' }).count()) === 0,
  );
  // The clock of this machine says that this one is over as well; the network's does not.
  await t.open(`/pay?to=${to}&amount=2.5&until=${until(Date.now() + 600_000)}`, 'input[name=amount]');
  await t.page.locator('[data-fee=true]').waitFor();

  // Its storage is full when it has to be remembered: nothing is signed.
  await t.page.evaluate(() => {
    window.keptPut = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await t.click(t.page.getByRole('button', { name: 'Review and sign' }));
  await t.page.locator('[role=alert][data-code=wallet-storage]').waitFor();
  await t.page.evaluate(() => {
    IDBObjectStore.prototype.put = window.keptPut;
  });
  await t.click(t.page.getByRole('button', { name: 'Review and sign' }));
  await t.click(await asked(signerOf(t.page)));
  await t.page.locator('[data-outcome=final]').waitFor();
  t.check('it was paid once', (await t.network.get(`/v1/accounts/${to}`)).balance === 2.5 * UNITS);
}

/** Both tabs sign a payment at the same time; the second tab locks the wallet while the first is asked. */
async function twoTabs(t) {
  t.expectFault(NOT_YET);
  await funded(t);
  const to = freshKey().address;
  const other = await t.context.newPage();
  const tabs = [t.page, other];
  for (const [at, page] of tabs.entries()) {
    await page.goto(`${t.network.url}/wallet/send`);
    await page.getByRole('combobox', { name: 'To' }).fill(to);
    await page.getByLabel('Amount').fill(String(at + 1));
    await page.locator('[data-fee=true]').waitFor();
  }
  await t.page.bringToFront();
  await t.page.getByRole('button', { name: 'Review and sign' }).click();
  const first = await asked(signerOf(t.page));
  await other.bringToFront();
  await other.getByRole('button', { name: 'Unlock', exact: true }).click();
  await signerOf(other).getByLabel('Password', { exact: true }).fill(PASSWORD);
  await signerOf(other).getByRole('button', { name: 'Unlock', exact: true }).click();
  await other.getByRole('button', { name: 'Lock', exact: true }).click();
  await other.getByRole('button', { name: 'Unlock', exact: true }).waitFor();
  await other.getByRole('button', { name: 'Review and sign' }).click();
  const second = await asked(signerOf(other));
  await second.click();
  await t.page.bringToFront();
  await first.click();
  // It was locked in between: the password once more, and the same payment goes on.
  await signerOf(t.page).getByLabel('Password', { exact: true }).fill(PASSWORD);
  await signerOf(t.page).getByRole('button', { name: 'Unlock', exact: true }).click();
  for (const page of tabs) {
    await page.bringToFront();
    await page.locator('[data-outcome=final]').waitFor();
  }
  t.check('each was paid once', (await t.network.get(`/v1/accounts/${to}`)).balance === 3 * UNITS);
  await t.page.getByRole('link', { name: 'Overview' }).click();
  await t.page.locator('[data-payment=final]').nth(1).waitFor();
}

/** A browser that lets the site keep nothing. */
async function blockedStorage(t) {
  t.expectFault(NOT_YET);
  await t.context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('blocked', 'SecurityError');
    };
  });
  await t.open('/wallet', '[role=alert]');
  await t.page.getByText(/does not keep the wallet/).waitFor();
  await t.looks();
}
