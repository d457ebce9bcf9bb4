// What operators do: two members of the committee change a parameter, signed on the signer's screen.
// A maker opens a batch and registers a list of devices, whose labels a wallet reads.
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { possessionDigest } from '@iotw/protocol/digests';

const PASSWORD = 'Zebra-quartz-4711';
/** Accounts that nobody has credited answer 404, which Chromium tells as an error of the console. */
const NOT_YET = /status of 404 .*\/v1\/accounts\/tiotw1/;

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'operator: a maker registers a delivery', sizes: ['desktop'], long: true, run: registerDelivery },
  { name: 'operator: members change a parameter', sizes: ['phone'], run: changeParameter },
];

async function changeParameter(t) {
  t.expectFault(NOT_YET);
  await openWallet(t, 2);
  // Which roles the keys have is read off the ledger.
  await t.page.getByRole('link', { name: 'Operate' }).locator('visible=true').first().click();
  await t.page.locator('[data-roles="2"]').waitFor();
  t.check('both are members', (await t.page.locator('[data-role=member]').count()) === 2);

  await t.page.getByRole('link', { name: 'Proposals' }).click();
  await t.page.getByRole('link', { name: 'New proposal' }).click();
  await t.settled('[data-effect-epoch]');
  // A value of its own each time the flow is begun: the same words can't be open twice.
  const { items } = await t.network.get('/v1/parameters/upcoming');
  const { stallRounds } = items.at(-1).parameters;
  const wanted = stallRounds + 1 + (Date.now() % 1_000);
  await t.page.getByRole('combobox', { name: 'Parameters to change' }).fill('stallRounds');
  await t.page.getByRole('option', { name: /^stallRounds/ }).click();
  await t.page.keyboard.press('Escape');
  const value = t.page.locator('input[name=stallRounds]');
  await value.fill('0');
  await t.page.getByText('Outside its bounds').waitFor();
  t.check('what is out of bounds is not signed', await signButton(t).isDisabled());
  await value.fill(String(wanted));
  await t.page.locator('[data-after=stallRounds]').getByText(wanted.toLocaleString('en')).waitFor();
  await t.looks();
  await signButton(t).click();

  const signer = signerOf(t.page);
  const sign = signer.getByRole('button', { name: 'Sign', exact: true });
  await sign.waitFor();
  await signer.getByText('Change parameters', { exact: true }).waitFor();
  await signer.getByText('New value of stallRounds', { exact: true }).waitFor();
  await signer.getByText(String(wanted), { exact: true }).waitFor();
  await sign.click();

  // The proposal is the first member's yes; the second one's decides.
  await t.page.locator('[data-vote]').waitFor();
  await t.looks();
  await t.page.getByRole('button', { name: 'Vote yes' }).click();
  await signer.getByText('Vote on a proposal', { exact: true }).waitFor();
  await signer.getByText('Yes', { exact: true }).waitFor();
  await sign.click();
  await t.page.locator('[data-state=adopted], [data-state=executed]').waitFor();
  await t.network.until('the parameter is changed', async () => {
    const upcoming = await t.network.get('/v1/parameters/upcoming');
    return upcoming.items.at(-1).parameters.stallRounds === wanted;
  });
}

/** Accounts of the operators' wallet: three members, then the makers; the fifth is the root of maker 1. */
const MAKER = 1;

async function registerDelivery(t) {
  t.expectFault(NOT_YET);
  await openWallet(t, 5);
  const page = t.page;
  await page.getByRole('link', { name: 'Operate' }).locator('visible=true').first().click();
  await page.getByRole('link', { name: 'Makers', exact: true }).click();
  await t.settled('[data-makers="2"]');
  const desk = page.getByRole('button', { name: 'Review and open' }).nth(1);
  const batch = Number(
    (await page.getByLabel('Number of the batch').nth(1).inputValue()).replaceAll(',', ''),
  );
  await desk.click();
  const signer = signerOf(page);
  const go = signer.getByRole('button', { name: 'Sign', exact: true });
  await signer.getByText('New batch of a maker', { exact: true }).waitFor();
  await signer.getByText(/made now with account/).waitFor();
  await go.click();

  const into = page.getByRole('combobox', { name: 'Into batch' });
  await into.waitFor();
  const { network } = await t.network.get('/v1/network');
  const devices = [1, 2, 3].map(() => keyPairFromSeed(crypto.getRandomValues(new Uint8Array(32))));
  const line = (keys, region) => {
    const content = { key: keys.publicKey, maker: MAKER, batch, region: 0, deviceClass: 0 };
    const signature = sign(possessionDigest(fromHex(network, 32), content), keys.secretKey);
    return `${toHex(keys.publicKey)},${region},appliance,${toHex(signature)},SN <b>7</b>`;
  };
  const list = page.locator('textarea[name=delivery]').first();
  const check = page.getByRole('button', { name: 'Check the list' });
  const header = 'key,region,class,signature,label';
  await list.fill(
    [header, line(devices[0], 'moon'), line(devices[1], '1'), line(devices[2], '0')].join('\n'),
  );
  await check.click();
  // A region that is none, and a signature for another region than the line's.
  await page.locator('[data-fault="2 region"]').waitFor();
  await page.locator('[data-fault="3 possession"]').waitFor();
  await t.looks();
  await list.fill([header, ...devices.map((keys) => line(keys, '0'))].join('\n'));
  await check.click();
  await page.getByRole('button', { name: 'Review and register: 3' }).click();
  await signer.getByText('New devices: 3', { exact: true }).waitFor();
  await go.click();
  await page.locator('[data-registered="3"]').waitFor();
  t.check('each has its label', (await page.locator('[data-label]').count()) === 3);
  t.check('a label is text', (await page.getByText('SN <b>7</b>', { exact: true }).count()) === 3);
  await t.looks();
  for (const { publicKey } of devices) {
    const device = await t.network.get(`/v1/devices/${toHex(publicKey)}`);
    t.check('the ledger has the device', device.maker === MAKER && device.batch === batch, device.batch);
  }
  await page.emulateMedia({ media: 'print' });
  t.check('labels are printed', await page.locator('[data-label]').first().isVisible());
  t.check('nothing else is', !(await check.isVisible()));
}

function signButton(t) {
  return t.page.getByRole('button', { name: 'Review and sign' });
}

/** Imports the wallet of the devnet's operators, with so many accounts. */
async function openWallet(t, accounts) {
  const words = t.network.operatorWords;
  await t.open('/wallet', 'main button');
  await t.page.getByRole('button', { name: 'Import a wallet' }).click();
  const signer = signerOf(t.page);
  await signer.getByLabel('Words').fill(words);
  await signer.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await signer.getByLabel('Password again').fill(PASSWORD);
  await signer.getByRole('button', { name: 'Import wallet' }).click();
  await t.page.locator('[data-balance]').waitFor();
  for (let account = 1; account < accounts; account += 1) {
    await t.page.getByRole('button', { name: 'Add', exact: true }).click();
    await t.page.getByRole('heading', { level: 1, name: new RegExp(` ${account + 1}$`) }).waitFor();
  }
}

function signerOf(page) {
  return page.frameLocator('iframe[title="IOTW signer"]');
}
