// Text of strangers on the ledger: whatever somebody writes into a memo, an item, a shop's data or a maker's name is shown as the
// text that it is, on every page that shows it. All of it is put there by real transactions.
import { utf8 } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeAddress } from '@iotw/protocol/address';
import { signTransaction } from '@iotw/protocol/transaction';
import { getAccount } from '@iotw/sdk/client/accounts';
import { connect } from '@iotw/sdk/client/connection';
import { faucet } from '@iotw/sdk/client/faucet';
import { networkOf } from '@iotw/sdk/client/network';
import { submit } from '@iotw/sdk/client/submit';
import { buildTransaction } from '@iotw/sdk/transaction/build';
import { propose, vote } from '@iotw/sdk/transaction/committee-operations';
import { trade } from '@iotw/sdk/transaction/money-operations';
import { deriveKeyPair } from '@iotw/sdk/wallet/derive';
import { seedFromMnemonic } from '@iotw/sdk/wallet/mnemonic';

const PREFIX = 'tiotw';
const VERDICT = '[data-verdict]:not([data-verdict=running])';

/** At most 64 bytes each, so that it fits an item; half of them together fit a memo. */
const TEXTS = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><svg/onload=alert(1)>',
  "'-alert(1)-'",
  'javascript:alert(1)',
  '{{constructor.constructor("alert(1)")()}}',
  '$t(verify.verdict.true)',
  '\u202Egpj.exe\u2066\u200B evil',
  '</title><base href=//x.example>',
  'W'.repeat(64),
];
const MAKER = '<img src=x onerror=alert(2)>';
/** Before what a query may have: a server refuses longer headers. */
const LONG = 8_000;

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  // Alone: it votes with the members' accounts, whose numbers another flow may use.
  { name: 'explorer: hostile text is text', sizes: ['phone'], alone: true, run: hostileText },
];

async function hostileText(t) {
  const dialogs = [];
  t.context.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    return dialog.dismiss();
  });
  const connection = connect({ url: t.network.url });
  const buyer = keyPairFromSeed(crypto.getRandomValues(new Uint8Array(32)));
  expectOk(await faucet(connection, buyer.publicKey));
  const seller = encodeAddress(
    PREFIX,
    0,
    keyPairFromSeed(crypto.getRandomValues(new Uint8Array(32))).publicKey,
  );
  expectOk(await faucet(connection, seller));
  for (const texts of [TEXTS.slice(0, 5), TEXTS.slice(5)]) {
    const bought = texts.map((text) =>
      trade({ side: 'buyer', counterparty: seller, amount: 1, item: text, data: text }, PREFIX),
    );
    const memo = texts.join(' ');
    const id = await send(connection, buyer, bought, memo);
    await t.open(`/tx/${id}`, VERDICT);
    const verdict = await t.page.locator(VERDICT).getAttribute('data-verdict');
    t.check('what was written is verified', verdict === 'true', verdict);
    const shown = await t.page.locator('[data-fact=memo]').textContent();
    t.check('the memo is its text', shown === memo, shown);
    const operations = await t.page.locator('[data-operation=trade]').allTextContents();
    for (const [n, text] of texts.entries()) {
      t.check('the item is its text', operations[n].startsWith(text), operations[n]);
      t.check('the data are their text', operations[n].endsWith(text), operations[n]);
    }
    await harmless(t, dialogs);
    await t.looks();
  }
  const payer = encodeAddress(PREFIX, 0, buyer.publicKey);
  for (const path of [`/account/${payer}`, `/account/${seller}`, '/txs', '/explore']) {
    await t.open(path, 'table tbody tr');
    await harmless(t, dialogs);
  }
  for (const text of TEXTS.slice(0, 2)) {
    await t.open(`/search?q=${encodeURIComponent(text)}`, 'p[role=status]');
    await harmless(t, dialogs);
  }
  await t.looks();
  // More than a server looks for: it says so, and so does the page.
  t.expectFault(/status of 400 .*\/v1\/search/);
  await t.open(`/search?q=${'W'.repeat(LONG)}`, 'main [role=alert]');
  await harmless(t, dialogs);
  await t.looks();

  const maker = await makerNamed(t, connection, MAKER);
  await t.open(`/maker/${maker}`, '[data-name-of=maker]');
  const name = await t.page.locator('[data-name-of=maker]').textContent();
  t.check("the maker's name is its text", name === MAKER, name);
  await harmless(t, dialogs);
  await t.open('/makers', 'table tbody tr');
  await t.page.getByText(MAKER, { exact: true }).first().waitFor();
  await harmless(t, dialogs);
  await t.looks();
}

/** Nothing of the text became an element, a script, a place to go to or a dialog. */
async function harmless(t, dialogs) {
  const found = await t.page.evaluate(() => ({
    elements: document.querySelectorAll('img[src="x"], svg[onload], base, [onerror], [onload]').length,
    inline: [...document.scripts].filter(({ src, type }) => src === '' && type !== 'application/json').length,
    links: [...document.querySelectorAll('[href], [src]')].filter((element) =>
      /^\s*(javascript|vbscript|data:text)/i.test(
        element.getAttribute('href') ?? element.getAttribute('src'),
      ),
    ).length,
  }));
  const sum = found.elements + found.inline + found.links + dialogs.length;
  t.check('nothing of it runs', sum === 0, JSON.stringify({ ...found, dialogs }));
}

/** Has two members of the committee admit a maker of this name. @returns {Promise<number>} the maker's number */
async function makerNamed(t, connection, name) {
  const wallet = expectOk(await seedFromMnemonic(t.network.operatorWords));
  const members = [0, 1].map((account) =>
    expectOk(deriveKeyPair(wallet, { account, role: 'spending', index: 0 })),
  );
  for (const { publicKey } of members) expectOk(await faucet(connection, publicKey));
  const { items } = await t.network.get('/v1/makers?limit=100');
  const maker = Math.max(...items.map((one) => one.maker)) + 1;
  const content = { maker, key: members[0].publicKey, quota: 1, name: utf8(name) };
  const { epoch } = await t.network.get('/v1/status');
  await send(connection, members[0], [propose({ kind: 'makerAdmit', content }, epoch + 10)], '');
  const { items: proposals } = await t.network.get('/v1/proposals?limit=100');
  const number = Math.max(...proposals.map((one) => one.number ?? one.proposal));
  await send(connection, members[1], [vote(number, true)], '');
  await t.network.until('the maker is admitted', () =>
    t.network.get(`/v1/makers/${maker}`).catch(() => undefined),
  );
  return maker;
}

/** @returns {Promise<string>} the id of a transaction that took effect */
async function send(connection, keys, operations, memo) {
  const network = expectOk(await networkOf(connection));
  const { sequence } = expectOk(await getAccount(connection, keys.publicKey));
  const made = expectOk(
    buildTransaction({ sender: keys.publicKey, sequence: sequence + 1, operations, memo }),
  );
  const done = expectOk(await submit(connection, signTransaction(network, made, keys), { wait: 'final' }));
  if (done.code !== 'ok') throw new Error(`the transaction came to ${done.code}`);
  return done.id;
}

function expectOk(result) {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}
