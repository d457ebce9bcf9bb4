// Codes read by the camera, which sees a label: a device is claimed, a request is paid. A QR of something else and a camera that may not be
// used are told.
import {
  asked,
  freshKey,
  fund,
  importWallet,
  inFolder,
  madeDevice,
  NOT_YET,
  signerOf,
} from '../wallet-kit.mjs';

const AMOUNT = '2.5';

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [{ name: 'wallet: reads codes by the camera', sizes: ['phone'], run: scans }];

async function scans(t) {
  t.expectFault(NOT_YET);
  const { address } = await importWallet(t.page, t.network.url);
  await fund(t.network, address);
  const { code, device } = await inFolder((file) => madeDevice(t.network, file, address));

  await t.open('/wallet/code', 'textarea');
  await scan(t);
  await refused(t, 'qr-camera-denied');
  await t.looks();
  await t.cameraSees('https://example.org/menu.pdf');
  await scan(t);
  await refused(t, 'device-code-other');
  await t.cameraSees(freshKey().address);
  await scan(t);
  await refused(t, 'device-code-payment');
  // As labels bear it.
  await t.cameraSees(code.toUpperCase());
  await scan(t);
  await t.page.locator('[data-meaning=claim]').waitFor();
  t.check('the camera is off again', (await t.page.locator('video').count()) === 0);
  await t.click(t.page.getByRole('button', { name: 'Claim the device' }));
  await t.click(await asked(signerOf(t.page)));
  await t.page.locator('[data-outcome=final]').waitFor();
  t.check('it is owned', (await t.network.get(`/v1/devices/${device}`)).owner === address);

  const to = freshKey().address;
  const link = (until) => `${t.network.url}/pay?to=${to}&amount=${AMOUNT}&memo=Tea${until}`;
  await t.open('/wallet/send', 'input[name=amount]');
  await t.cameraSees(code.toUpperCase());
  await scan(t);
  await refused(t, 'request-device');
  await t.cameraSees('BEGIN:VCARD');
  await scan(t);
  await refused(t, 'request-link');
  await t.cameraSees(link('&until=2020-01-01T00:00:00Z'));
  await scan(t);
  await refused(t, 'request-expired');
  await t.cameraSees(link(''));
  await scan(t);
  await t.page.locator('[data-fee=true]').waitFor();
  t.check('no word of refusal is left', (await t.page.locator('[role=alert]').count()) === 0);
  t.check('the amount is there', (await t.page.getByLabel('Amount').inputValue()) === AMOUNT);
  t.check('the memo is there', (await t.page.getByLabel('Memo').inputValue()) === 'Tea');
  await t.click(t.page.getByRole('button', { name: 'Review and sign' }));
  await t.click(await asked(signerOf(t.page)));
  await t.page.locator('[data-outcome=final]').waitFor();
  const { balance } = await t.network.get(`/v1/accounts/${to}`);
  t.check('the request is paid', Number(balance) === 2_500_000, balance);
}

function scan(t) {
  return t.click(t.page.getByRole('button', { name: 'Scan with the camera' }));
}

function refused(t, code) {
  return t.page.locator(`[role=alert][data-code=${code}]`).waitFor();
}
