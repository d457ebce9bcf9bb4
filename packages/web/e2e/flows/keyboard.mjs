// The main ways through the app with keys alone: no pointer is used. Whatever has the focus can be seen, and shows that it has it.
import { fillBackup, freshKey, funded, NOT_YET, PASSWORD, shownWords, signerOf } from '../wallet-kit.mjs';

/** Presses of Tab from one place to another, at most. */
const MOST_TABS = 80;

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'keyboard: looking', sizes: ['desktop'], run: looking },
  { name: 'keyboard: a wallet', sizes: ['desktop'], long: true, run: wallet },
  { name: 'keyboard: the operator console', sizes: ['desktop'], long: true, run: operator },
];

async function looking(t) {
  const { page } = t;
  await t.open('/', '[data-figure=round]');
  await page.keyboard.press('Tab');
  t.check('the first stop skips to the content', (await focused(page)).text === 'Skip to the content');
  await seen(t, page.getByRole('link', { name: 'Skip to the content' }));
  await page.keyboard.press('Enter');
  t.check('the content has the focus', (await focused(page)).id === 'content');

  await reach(t, page.getByRole('button', { name: 'Stop the motion' }));
  await page.keyboard.press('Enter');

  await page.reload();
  await t.settled('[data-figure=round]');
  await reach(t, page.locator('header').getByRole('button', { name: 'Language' }));
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await page.getByRole('menuitem').first().waitFor({ state: 'detached' });
  t.check('the menu gives the focus back', (await focused(page)).name === 'Language');

  await page.reload();
  await t.settled('[data-figure=round]');
  await reach(t, page.locator('header').getByRole('searchbox'));
  await page.keyboard.type(t.facts.transaction);
  await page.keyboard.press('Enter');
  await page.locator('[data-verdict]:not([data-verdict=running])').waitFor();
  const checks = page.locator('[data-verdict] button[aria-expanded]').last();
  await reach(t, checks);
  await page.keyboard.press('Enter');
  t.check('every check is told', (await checks.getAttribute('aria-expanded')) === 'true');
  await reach(t, page.locator('[data-name-of=transaction] ~ * a, main a[href^="/block/"]').first());
  await page.keyboard.press('Enter');
  await page.locator('[data-name-of=block]').waitFor();
}

async function wallet(t) {
  const { page } = t;
  t.expectFault(NOT_YET);
  const signer = signerOf(page);
  await t.open('/', '[data-figure=round]');
  await go(t, 'Wallet');
  await press(t, page.getByRole('button', { name: 'Create a wallet' }));
  await reach(t, signer.getByLabel('Password', { exact: true }));
  await page.keyboard.type(PASSWORD);
  await reach(t, signer.getByLabel('Password again'));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await signer.getByTestId('words').waitFor();
  const words = await shownWords(page);
  await press(t, signer.getByRole('button', { name: 'I have written them down' }));
  await fillBackup(page, words);
  await page.keyboard.press('Enter');
  await page.locator('[data-balance]').waitFor();
  await press(t, page.getByRole('button', { name: /test money/ }));
  await page.getByText(/You received/).waitFor();

  await press(t, page.locator('main').getByRole('link', { name: 'Send', exact: true }).first());
  await reach(t, page.getByRole('combobox', { name: 'To' }));
  await page.keyboard.type(freshKey().address);
  await page.keyboard.press('Tab');
  await page.keyboard.type('1.5');
  await page.locator('[data-fee=true]').waitFor();
  await press(t, page.getByRole('button', { name: 'Review and sign' }));
  await press(t, signer.getByRole('button', { name: 'Sign', exact: true }));
  await page.locator('[data-outcome=final]').waitFor();

  await go(t, 'Mine');
  await press(t, page.getByRole('button', { name: 'Join and mine' }));
  await press(t, signer.getByRole('button', { name: 'Sign', exact: true }));
  await page.locator('[data-miner=online]').waitFor();
  await press(t, page.getByRole('button', { name: 'Stop' }));
  await page.locator('[data-miner=off]').waitFor();
}

async function operator(t) {
  const { page } = t;
  t.expectFault(NOT_YET);
  const signer = signerOf(page);
  await funded(t);
  await go(t, 'Operate');
  await press(t, page.getByRole('link', { name: 'Removed devices' }));
  await press(t, page.getByRole('link', { name: 'Send an appeal' }));
  await reach(t, page.locator('textarea[name=attestation]'));
  await page.keyboard.type('ab');
  await reach(t, page.locator('textarea[name=header]'));
  await page.keyboard.type('ab');
  await page.locator('[role=alert][data-code=appeal-attestation]').waitFor();
  await press(t, page.getByRole('link', { name: 'Lane funds', exact: true }));
  await reach(t, page.locator('input[name=credit]'));
  await page.keyboard.type('1.5');
  await page.locator('[data-preview=funds]').waitFor();
  await press(t, page.getByRole('button', { name: 'Review and fund' }));
  await press(t, signer.getByRole('button', { name: 'Sign', exact: true }));
  await page.locator('input[name=credit][value=""]').waitFor();
  await go(t, 'Wallet');
  await press(t, page.getByRole('link', { name: 'Add a device' }));
  await press(t, page.getByRole('button', { name: 'Scan with the camera' }));
  await page.locator('[role=alert][data-code=qr-camera-denied]').waitFor();
}

async function go(t, place) {
  await press(t, t.page.locator('header').getByRole('link', { name: place, exact: true }));
}

async function press(t, target) {
  await reach(t, target);
  await t.page.keyboard.press('Enter');
}

/** Goes on by Tab until the target has the focus; each stop on the way is seen. */
async function reach(t, target) {
  await target.waitFor();
  for (let tabs = 0; tabs <= MOST_TABS; tabs += 1) {
    if (await target.evaluate((element) => element.matches(':focus'))) return seen(t, target);
    await t.page.keyboard.press('Tab');
  }
  t.check(`${target} is reached by Tab`, false, JSON.stringify(await focused(t.page)));
}

/** What has the focus is in sight and shows it: by an outline, or a border or shadow of its own. */
async function seen(t, target) {
  const stop = await target.evaluate((element) => {
    const { top, left, bottom, right, width, height } = element.getBoundingClientRect();
    const marked = (of) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(of);
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    };
    return {
      what: `${element.tagName} ${element.textContent.trim().slice(0, 30)}`,
      inSight: width > 0 && height > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
      // A field's own border changes its colour.
      marked: element.matches('input, textarea, select') || marked(element) || marked(element.parentElement),
    };
  });
  t.check('what has the focus is in sight and shows it', stop.inSight && stop.marked, JSON.stringify(stop));
}

function focused(page) {
  return page.evaluate(() => {
    const { id, tagName: tag, textContent } = document.activeElement;
    return { id, tag, text: textContent.trim(), name: document.activeElement.getAttribute('aria-label') };
  });
}
