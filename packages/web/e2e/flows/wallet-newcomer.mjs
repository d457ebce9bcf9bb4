// What somebody does who comes for the first time: a wallet, test money, a payment, a device of one's own. And what must not happen
// meanwhile: a secret that leaves, markup of a stranger that runs, a payment that is made twice or lost.
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { deriveKeyPair } from '@iotw/sdk/wallet/derive';
import { seedFromMnemonic } from '@iotw/sdk/wallet/mnemonic';
import {
  asked,
  choosePassword,
  fillBackup,
  freshKey,
  funded,
  NOT_YET,
  PASSWORD,
  shownWords,
  signerOf,
} from '../wallet-kit.mjs';

/** A name and a memo as an attacker would choose them. */
const MARKUP = '<img src=x onerror=alert(1)>';
/** The same for pictures that people look at. */
const NAME = 'Everyday';
const BASE_UNITS = 1_000_000;

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'wallet: newcomer', sizes: ['phone'], run: newcomer },
  { name: 'wallet: a payment that is interrupted', sizes: ['phone'], long: true, run: interruptions },
  { name: 'wallet: a wrong word is told', sizes: ['desktop'], run: wrongWord },
];

async function newcomer(t) {
  t.expectFault(NOT_YET);
  const began = performance.now();
  const dialogs = dialogsOf(t);
  const [name, memo] = t.isStory ? [NAME, 'Tea and cake'] : [MARKUP, `${MARKUP} hello`];
  await t.open('/', '[data-figure=round]');
  await t.step('start');
  const words = await create(t, name);
  await t.page.getByRole('heading', { name }).waitFor();
  await t.click(t.page.getByRole('button', { name: /test money/ }));
  await t.page.getByText(/You received/).waitFor();
  await t.step('received');

  const to = freshKey().address;
  await t.click(main(t).getByRole('link', { name: 'Send', exact: true }).first());
  await t.settled('input[name=amount]');
  await send(t, to, '12.5', memo);
  const outcome = t.page.locator('[data-outcome=final]');
  await outcome.waitFor();
  await outcome.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await t.step('sent');
  const { balance } = await t.network.get(`/v1/accounts/${to}`);
  t.check('the payment was made', Number(balance) === 12.5 * BASE_UNITS, balance);

  await mine(t);
  await t.step('owned');
  const seconds = (ms) => (ms / 1000).toFixed(1);
  const took = performance.now() - began;
  console.log(
    `       from no wallet to one that received, sent and owns a mining device: ${seconds(took)} s; the network had started in ${seconds(t.network.startedInMs)} s`,
  );
  const device = await letGo(t);
  t.check('no markup of a stranger ran', dialogs.length === 0, dialogs);
  await noSecretLeft(t, words, device);
}

function main(t) {
  return t.page.locator('main');
}

/** One click on a place of the main navigation, which is below on a phone. */
async function place(t, name) {
  await t.click(t.page.getByRole('link', { name, exact: true }).locator('visible=true').first());
  await t.settled('main h1, main button');
}

/** What pages said in dialogs of their own: nothing, as no script of a stranger runs. */
function dialogsOf(t) {
  const dialogs = [];
  t.context.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    return dialog.dismiss();
  });
  return dialogs;
}

/** Makes a wallet whose account has a name. @returns {Promise<string[]>} its words */
async function create(t, name) {
  await place(t, 'Wallet');
  await t.click(t.page.getByRole('button', { name: 'Create a wallet' }));
  const signer = signerOf(t.page);
  await signer.getByLabel('Name of the first account').fill(name);
  await choosePassword(t.page);
  const words = await shownWords(t.page);
  t.check('the wallet has 24 words', words.length === 24, words.length);
  await t.step('words');
  await t.click(signer.getByRole('button', { name: 'I have written them down' }));
  await fillBackup(t.page, words);
  await t.step('backup');
  await t.click(signer.getByRole('button', { name: 'Check' }));
  return words;
}

/** Fills the open form and signs. */
async function send(t, to, amount, memo) {
  await fill(t, to, amount, memo);
  const signer = signerOf(t.page);
  await asked(signer);
  t.check('the signer shows the memo as text', await signer.getByText(memo, { exact: true }).isVisible());
  await t.step('signed');
  await t.click(signer.getByRole('button', { name: 'Sign', exact: true }));
}

async function order(t, to, amount, memo) {
  await t.open('/wallet/send', 'input[name=amount]');
  await fill(t, to, amount, memo);
}

async function fill(t, to, amount, memo) {
  await t.page.getByRole('combobox', { name: 'To' }).fill(to);
  await t.page.getByLabel('Amount').fill(amount);
  await t.page.getByLabel('Memo').fill(memo);
  await t.page.locator('[data-fee=true]').waitFor();
  await t.click(t.page.getByRole('button', { name: 'Review and sign' }));
}

/**
 * A payment whose wallet another tab locks before it is signed, and whose signed bytes do not get through until its page was
 * loaded again with two tabs open: it is made, and once.
 */
async function interruptions(t) {
  t.expectFault(NOT_YET);
  const dialogs = dialogsOf(t);
  await funded(t);
  const to = freshKey().address;
  await order(t, to, '3', MARKUP);
  const signer = signerOf(t.page);
  await asked(signer);
  const other = await t.context.newPage();
  await other.goto(`${t.network.url}/wallet`);
  await unlock(signerOf(other), other);
  await other.getByRole('button', { name: 'Lock', exact: true }).click();
  await other.getByRole('button', { name: 'Unlock', exact: true }).waitFor();

  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  let came;
  const held = new Promise((resolve) => {
    came = resolve;
  });
  await t.context.route(/\/v1\/transactions(\?|$)/, async (route) => {
    came();
    await opened;
    // Whoever asked may be gone by now.
    await route.continue().catch(() => {});
  });
  await t.page.bringToFront();
  await t.click(signer.getByRole('button', { name: 'Sign', exact: true }));
  await signer.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await t.click(signer.getByRole('button', { name: 'Unlock', exact: true }));
  await held;
  await t.open('/wallet', '[data-payment=sent]');
  await other.reload();
  await other.locator('[data-payment=sent]').waitFor();
  open();
  await t.network.until('the payment is made', async () => {
    const { balance } = await t.network.get(`/v1/accounts/${to}`);
    return Number(balance) >= 3 * BASE_UNITS;
  });
  // Either tab may have delivered it: each shows it.
  for (const page of [t.page, other]) await page.locator('[data-payment=final]').waitFor();
  t.check('there is one payment', (await t.page.locator('[data-payment]').count()) === 1);
  t.check('the memo is text', (await t.page.getByText(MARKUP, { exact: true }).count()) > 0);
  t.check('no memo became an element', (await t.page.locator('img[src=x]').count()) === 0);
  await t.context.unroute(/\/v1\/transactions(\?|$)/);
  await other.close();
  const { balance } = await t.network.get(`/v1/accounts/${to}`);
  t.check('it was made once', Number(balance) === 3 * BASE_UNITS, balance);
  t.check('no markup of a stranger ran', dialogs.length === 0, dialogs);
}

/** A tab that was opened later has its own signer, which is locked. */
async function unlock(signer, page) {
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await signer.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await signer.getByRole('button', { name: 'Unlock', exact: true }).click();
}

/** The tab becomes a device of the wallet and is online. */
async function mine(t) {
  await place(t, 'Mine');
  await t.click(t.page.getByRole('button', { name: 'Join and mine' }));
  await t.click(await asked(signerOf(t.page)));
  await t.page.locator('[data-miner=online]').waitFor();
  await t.step('mining');
  await place(t, 'Wallet');
  await t.click(t.page.getByRole('link', { name: 'Devices', exact: true }));
  await t.page.locator('[data-device]').getByRole('link').waitFor();
}

/** The owner lets the device go. @returns {Promise<number[]>} its seed */
async function letGo(t) {
  await t.page.locator('[data-device]').getByRole('link').click();
  await t.click(t.page.getByRole('button', { name: 'Release' }));
  await t.click(await asked(signerOf(t.page)));
  await t.page.getByText('Nobody owns it.').waitFor();
  return t.page.evaluate(async () => {
    const request = indexedDB.open('iotw-tab-device');
    await new Promise((resolve) => {
      request.onsuccess = resolve;
    });
    const seed = request.result.transaction('boot').objectStore('boot').get('device-seed');
    await new Promise((resolve) => {
      seed.onsuccess = resolve;
    });
    request.result.close();
    return [...seed.result];
  });
}

/** Nothing of what opens the wallet or the device is in anything that the browser sent, in any of the usual writings. */
async function noSecretLeft(t, words, device) {
  const sent = t.sent.join('\n');
  const told = sent.toLowerCase();
  t.check('what was sent was seen', told.includes('/v1/transactions') && told.includes('/v1/guests'));
  t.check('the password stayed', !told.includes(PASSWORD.toLowerCase()));
  for (const [place, word] of words.slice(1).entries()) {
    const pair = new RegExp(`\\b${words[place]}(%20|[^a-z0-9]{1,5})${word}\\b`);
    t.check('the words stayed', !pair.test(told));
  }
  const seed = await seedFromMnemonic(words.join(' '));
  const secrets = { seed: seed.value, device: Uint8Array.from(device) };
  secrets.tabKey = keyPairFromSeed(secrets.device).secretKey.slice(0, 32);
  for (const role of ['spending', 'participation', 'device'])
    secrets[role] = deriveKeyPair(secrets.seed, { account: 0, role, index: 0 }).value.secretKey.slice(0, 32);
  for (const [name, secret] of Object.entries(secrets)) {
    const bytes = Buffer.from(secret);
    t.check(`the secret is there: ${name}`, bytes.length >= 32, bytes.length);
    const writings = ['base64', 'base64url', 'latin1'].map((writing) => bytes.toString(writing).slice(0, 40));
    t.check(`the secret stayed: ${name}`, !told.includes(bytes.toString('hex')));
    t.check(`the secret stayed: ${name}`, !writings.some((writing) => sent.includes(writing)));
  }
}

/** A word that is none is told with the one that was meant; with it the wallet is there. */
async function wrongWord(t) {
  t.expectFault(NOT_YET);
  const words = [...Array(23).fill('abandon'), 'art'];
  await t.open('/wallet', 'main button');
  await t.click(t.page.getByRole('button', { name: 'Import a wallet' }));
  const signer = signerOf(t.page);
  await signer.getByLabel('Words').fill(words.with(2, 'abandn').join(' '));
  await signer.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await signer.getByLabel('Password again').fill(PASSWORD);
  await t.click(signer.getByRole('button', { name: 'Import wallet' }));
  await signer.getByText(/Word 3, “abandn”, is not in the list/).waitFor();
  await t.looks();
  await t.click(signer.getByRole('button', { name: 'abandon', exact: true }));
  await signer.getByLabel('Words').fill(words.with(23, 'abandon').join(' '));
  await t.click(signer.getByRole('button', { name: 'Import wallet' }));
  await signer.getByText(/together they are no wallet/).waitFor();
  await signer.getByLabel('Words').fill(words.join(' '));
  await t.click(signer.getByRole('button', { name: 'Import wallet' }));
  await t.page.locator('[data-balance]').waitFor();
  await t.looks();
}
