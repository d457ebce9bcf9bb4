// What people come for, each task from the start page in four clicks at most. Clicks are counted; typing is none, and a form that was typed
// into is sent by Enter.
import {
  choosePassword,
  fillBackup,
  freshKey,
  importWallet,
  inFolder,
  madeDevice,
  NOT_YET,
  shownWords,
  signerOf,
  walletOf,
} from '../wallet-kit.mjs';

const MOST_CLICKS = 4;
const VERIFIED = '[data-verdict]:not([data-verdict=running])';

/** @typedef {import('../../../../tools/web/flows.mjs').FlowRun} Run */

/** Tasks of somebody who looks at the network: the place in the main navigation is the first click. */
const LOOKING = {
  'find why a device was not paid': async (t) => {
    await lists(t, 'Explore', 'Devices');
    await t.click(main(t).locator('td a[href^="/device/"]').first());
    await t.page.locator('[data-why] [data-paid]').waitFor();
    t.check('reasons are given', (await t.page.locator('[data-why] li').count()) > 0);
  },
  "check a payment's proof": async (t) => {
    await place(t, 'Explore');
    await t.click(main(t).locator('a[href^="/tx/"]').first());
    await t.page.locator(VERIFIED).first().waitFor();
    const verdict = await t.page.locator('[data-verdict]').first().getAttribute('data-verdict');
    const told = await t.page.locator('[data-verdict]').first().textContent();
    t.check('it is verified', verdict === 'true' || verdict === 'no-effect', `${verdict}: ${told}`);
  },
  'find a transaction by its id': async (t) => {
    const search = t.page.locator('header').getByRole('searchbox');
    await search.fill(t.facts.transaction);
    await t.click(t.page.locator('header').getByRole('button', { name: 'Search' }));
    await t.page.locator('[data-name-of=transaction]', { hasText: t.facts.transaction }).waitFor();
  },
  'see who witnessed a block': async (t) => {
    await place(t, 'Explore');
    await t.click(main(t).locator('a[href^="/block/"]').first());
    await t.page.locator('[data-answer=witness]').first().waitFor();
  },
  "see a device's reputation": async (t) => {
    await lists(t, 'Explore', 'Devices');
    await t.click(main(t).locator('td a[href^="/device/"]').nth(1));
    t.check('it is a share', /%/.test(await t.page.locator('[data-fact=reputation]').textContent()));
  },
  "see a maker's devices": async (t) => {
    await lists(t, 'Explore', 'Makers');
    await t.click(main(t).locator('td a[href="/maker/0"]'));
    await t.page.locator('td a[href^="/device/"]').first().waitFor();
  },
  "see an epoch's payouts": async (t) => {
    await lists(t, 'Explore', 'Epochs');
    const ended = main(t).locator('tr', { has: t.page.locator('[data-state=ended]') });
    await t.click(ended.locator('a[href^="/epoch/"]').first());
    await t.page.locator('td[data-name="Device"] a[href^="/device/"]').first().waitFor();
  },
  "see a trust node's skip rate": async (t) => {
    await lists(t, 'Explore', 'Trust nodes');
    await t.click(main(t).locator('td a[href="/trust-node/0"]').first());
    const rate = t.page.locator('tr', { hasText: /skip rate/i }).first();
    t.check('it is a share', /%/.test(await rate.textContent()), await rate.textContent());
  },
  'read the current parameters': async (t) => {
    await lists(t, 'Explore', 'Parameters');
    await t.page.locator('td', { hasText: 'epochMs' }).waitFor();
  },
  "read the steering committee's votes": async (t) => {
    await lists(t, 'Explore', 'Votes');
    await t.page.locator('td a[href^="/account/"]').first().waitFor();
  },
  "export an account's history as CSV": async (t) => {
    await lists(t, 'Explore', 'Accounts');
    await t.click(main(t).locator('td a[href^="/account/"]').first());
    const history = main(t).locator('section', { has: t.page.getByRole('heading', { name: 'History' }) });
    const file = t.page.waitForEvent('download');
    await t.click(history.getByRole('button', { name: 'CSV' }));
    t.check('it is a file', (await file).suggestedFilename().endsWith('-transactions.csv'));
  },
};

/** Tasks of somebody with a wallet, in this order: the first one makes it. */
const WALLET = {
  'create a wallet': async (t) => {
    await place(t, 'Wallet');
    await t.click(main(t).getByRole('button', { name: 'Create a wallet' }));
    await choosePassword(t.page);
    const words = await shownWords(t.page);
    await t.click(signerOf(t.page).getByRole('button', { name: 'I have written them down' }));
    await fillBackup(t.page, words);
    await signerOf(t.page).locator('input').last().press('Enter');
    await t.page.locator('[data-balance]').waitFor();
  },
  'ask for test money': async (t) => {
    await place(t, 'Wallet');
    await t.click(main(t).getByRole('button', { name: /test money/ }));
    await t.page.getByText(/You received/).waitFor();
  },
  'send money': async (t) => {
    await place(t, 'Wallet');
    await t.click(main(t).getByRole('link', { name: 'Send', exact: true }).first());
    await t.page.getByRole('combobox', { name: 'To' }).fill(freshKey().address);
    await t.page.getByLabel('Amount').fill('1.5');
    await t.page.locator('[data-fee=true]').waitFor();
    await t.click(t.page.getByRole('button', { name: 'Review and sign' }));
    await t.click(signerOf(t.page).getByRole('button', { name: 'Sign', exact: true }));
    await t.page.locator('[data-outcome=final]').waitFor();
  },
  "get a payment's receipt": async (t) => {
    await place(t, 'Wallet');
    await t.click(main(t).getByRole('link', { name: 'Receipt' }).first());
    await t.page.locator(VERIFIED).first().waitFor();
  },
  'make a link that asks for a payment': async (t) => {
    await place(t, 'Wallet');
    await t.click(main(t).getByRole('link', { name: 'Receive', exact: true }).first());
    await t.page.locator('input[name=amount]').fill('2.5');
    const link = await t.page.locator('[data-copy=link]').textContent();
    t.check('it asks for the amount', new URL(link).searchParams.get('amount') === '2.5', link);
  },
  'mine with this tab': async (t) => {
    await place(t, 'Mine');
    await t.click(main(t).getByRole('button', { name: 'Join and mine' }));
    await t.click(signerOf(t.page).getByRole('button', { name: 'Sign', exact: true }));
    await t.page.locator('[data-miner=online]').waitFor();
  },
  'see what my devices earn': async (t) => {
    await place(t, 'Wallet');
    await t.click(main(t).getByRole('link', { name: 'Devices', exact: true }));
    await t.page.locator('[data-device]').waitFor();
  },
  'claim a device': async (t) => {
    const { code, device, address } = await sold(t);
    await place(t, 'Wallet');
    await t.click(main(t).getByRole('link', { name: 'Add a device' }));
    await t.page.getByLabel('Code', { exact: true }).fill(code);
    await t.click(t.page.getByRole('button', { name: 'Claim the device' }));
    await t.click(signerOf(t.page).getByRole('button', { name: 'Sign', exact: true }));
    await t.page.locator('[data-outcome=final]').waitFor();
    t.check('it is owned', (await t.network.get(`/v1/devices/${device}`)).owner === address);
  },
};

/** Tasks of a member of the committee. */
const MEMBER = {
  vote: async (t) => {
    const { number, address } = await proposed(t);
    await place(t, 'Operate');
    await t.click(t.page.locator(`[data-waiting] a[href="/operate/proposals/${number}"]`));
    await t.click(t.page.getByRole('button', { name: 'Vote yes' }));
    await t.click(signerOf(t.page).getByRole('button', { name: 'Sign', exact: true }));
    await t.network.until('the vote counts', async () => {
      const { votes } = await t.network.get(`/v1/proposals/${number}`);
      return votes.some(({ member, approve }) => member === address && approve);
    });
  },
};

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'tasks: looking', sizes: ['phone'], run: looking },
  { name: 'tasks: looking, with a mouse', sizes: ['desktop'], long: true, run: looking },
  { name: 'tasks: with a wallet', sizes: ['phone'], long: true, run: withWallet },
  { name: 'tasks: with a wallet and a mouse', sizes: ['desktop'], long: true, run: withWallet },
  // Alone: members' numbers of transactions are one row, whoever votes for them.
  { name: 'tasks: as a member', sizes: ['phone'], alone: true, run: asMember },
  { name: 'tasks: as a member, with a mouse', sizes: ['desktop'], long: true, alone: true, run: asMember },
];

async function looking(t) {
  await t.network.until('an epoch was paid', async () => (await t.network.get('/v1/status')).epoch >= 2);
  for (const [name, task] of Object.entries(LOOKING)) {
    await t.open('/', '[data-figure=round]');
    await played(t, name, task);
  }
}

/** The wallet stays open from task to task, as it does for somebody who goes back to the start page. */
async function withWallet(t) {
  t.expectFault(NOT_YET);
  await t.open('/', '[data-figure=round]');
  await playEach(t, WALLET);
}

async function asMember(t) {
  t.expectFault(NOT_YET);
  await importWallet(t.page, t.network.url, await member(t, 0));
  await playEach(t, MEMBER);
}

async function playEach(t, tasks) {
  for (const [name, task] of Object.entries(tasks)) {
    await t.page.locator('header a[href="/"]').first().click();
    await t.settled('[data-figure=round]');
    await played(t, name, task);
  }
}

/** A device that its maker sold to the wallet's owner, with its code. */
async function sold(t) {
  await place(t, 'Wallet');
  await t.page.getByRole('link', { name: 'Receive', exact: true }).first().click();
  const address = await t.page.locator('[data-copy=address]').textContent();
  await t.page.locator('header a[href="/"]').first().click();
  await t.settled('[data-figure=round]');
  t.clicks = 0;
  return { ...(await inFolder((file) => madeDevice(t.network, file, address))), address };
}

/** A member of the committee, as an account of the operators' wallet. */
function member(t, account) {
  return walletOf(t.network.operatorWords, account);
}

/** What another member has proposed. */
async function proposed(t) {
  const [{ address }, other] = [await member(t, 0), await member(t, 1)];
  // Of its own each time: the same words can't be open twice.
  const content = JSON.stringify({ maker: 1, quota: 20_000 + (Date.now() % 100_000) });
  await inFolder((file) =>
    t.network.iotw(
      ...['proposal', 'create', 'makerQuota', content],
      ...['--signer-key-file', file('member.key', other.seed)],
    ),
  );
  const { items } = await t.network.get('/v1/proposals?limit=10');
  const mine = items.find(({ proposer, state }) => proposer === other.address && state === 'open');
  return { number: mine.number, address };
}

async function played(t, name, task) {
  t.clicks = 0;
  await task(t).catch((error) => {
    error.message = `${name}: ${error.message}`;
    throw error;
  });
  t.check(`${name}: at most ${MOST_CLICKS} clicks`, t.clicks <= MOST_CLICKS, t.clicks);
  console.log(`       ${name}: ${t.clicks} ${t.clicks === 1 ? 'click' : 'clicks'}`);
}

function main(t) {
  return t.page.locator('main');
}

/** One click on a place of the main navigation, which is below on a phone. */
async function place(t, name) {
  await t.click(t.page.getByRole('link', { name, exact: true }).locator('visible=true').first());
  await t.settled('main h1');
}

async function lists(t, name, list) {
  await place(t, name);
  await t.click(
    main(t)
      .locator('a', { hasText: new RegExp(`^${list}`) })
      .first(),
  );
  await t.settled('main h1');
}
