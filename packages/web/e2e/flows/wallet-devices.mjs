// A device comes into a wallet by its code, and goes to another owner by his. Codes that are none, damaged, of another network or used
// are told before anybody signs.
import { encodeDeviceCode } from '@iotw/protocol/device-code';
import encodeQr from 'qr';
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

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'wallet: claims a device by its code', sizes: ['phone'], run: claims },
  { name: 'wallet: hands a device over', sizes: ['desktop'], long: true, run: handsOver },
];

async function claims(t) {
  t.expectFault(NOT_YET);
  const { address } = await importWallet(t.page, t.network.url);
  await fund(t.network, address);
  const { code, device, key, stranger } = await made(t, address);
  await refusals(t, { code, key, stranger });

  await t.open('/wallet/code', 'textarea');
  await showPicture(t, code);
  await t.page.locator('[data-meaning=claim]').waitFor();
  t.check(
    'the page says which device',
    await t.page.getByText(`Device ${device}`, { exact: true }).isVisible(),
  );
  await t.looks();
  await t.click(t.page.getByRole('button', { name: 'Claim the device' }));
  const signer = signerOf(t.page);
  const go = await asked(signer);
  t.check('the signer names the device', await signer.getByText(key, { exact: true }).isVisible());
  await t.click(go);
  await t.page.locator('[data-outcome=final]').waitFor();
  t.check('it is owned', (await t.network.get(`/v1/devices/${device}`)).owner === address);
  await t.click(t.page.getByRole('link', { name: 'Open the device' }));
  await t.page.locator('[data-reputation]').waitFor();
  await t.page.getByText(/Nothing yet: a new device enters the draw/).waitFor();
  await t.page.locator('[data-consent=none]').waitFor();
  await t.click(t.page.getByRole('button', { name: 'Agree to sharing' }));
  await t.click(await asked(signer));
  await t.page.locator('[data-consent=yes]').waitFor();
  await t.looks();

  await t.open('/wallet/code', 'textarea');
  await read(t, code, 'claim-yours');
  // Let go, its code is void: the device changed hands since.
  await t.open(`/wallet/device/${key}`, '[data-reputation]');
  await t.click(t.page.getByRole('button', { name: 'Release' }));
  await t.click(await asked(signer));
  await t.page.getByText('Nobody owns it.').waitFor();
  await t.open('/wallet/code', 'textarea');
  await read(t, code, 'code-used');
}

/** A registered device whose code was made for `owner`, and one for somebody else. */
function made(t, owner) {
  return inFolder(async (file) => {
    const { payer, ...mine } = await madeDevice(t.network, file, owner);
    const keyFile = ['--key-file', file('a.key')];
    const other = await t.network.iotw('device', 'claim-code', ...keyFile, '--owner', payer.address);
    return { ...mine, stranger: other.claimCode };
  });
}

async function refusals(t, { code, key, stranger }) {
  await t.open('/wallet/code', 'textarea');
  const device = Buffer.from(key, 'hex');
  await read(t, 'https://example.org/menu.pdf', 'device-code-other');
  await read(t, freshKey().address, 'device-code-payment');
  await read(t, `${code.slice(0, -1)}${code.endsWith('a') ? 'i' : 'a'}`, 'device-code-damaged');
  await read(t, encodeDeviceCode(new Uint8Array(32), { kind: 'device', device }), 'device-code-network');
  await read(t, stranger, 'claim-other-account');
  await showPicture(t, 'BEGIN:VCARD', 'device-code-other');
  await picture(t, 'image/png', Buffer.from('no picture'), 'qr-picture');
  // One grey pixel.
  const pixel = Buffer.from('R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
  await picture(t, 'image/gif', pixel, 'qr-none');
}

/** Pastes a text and waits for what it is refused with, or for what it means. */
async function read(t, text, code) {
  await t.page.getByLabel('Code', { exact: true }).fill(text);
  await t.click(t.page.getByRole('button', { name: 'Read the code' }));
  await t.page.locator(`[role=alert][data-code=${code}]`).waitFor();
}

/** Chooses a picture of a QR as a label bears it. */
async function showPicture(t, text, code) {
  await picture(t, 'image/gif', Buffer.from(encodeQr(text.toUpperCase(), 'gif', { scale: 6 })), code);
}

async function picture(t, mimeType, buffer, code) {
  await t.page.locator('input[type=file]').setInputFiles({ name: 'label', mimeType, buffer });
  if (code !== undefined) await t.page.locator(`[role=alert][data-code=${code}]`).waitFor();
}

async function handsOver(t) {
  t.expectFault(NOT_YET);
  const { address } = await importWallet(t.page, t.network.url);
  await fund(t.network, address);
  const { code, device, key } = await made(t, address);
  await t.open('/wallet/code', 'textarea');
  await t.page.getByLabel('Code', { exact: true }).fill(code);
  await t.click(t.page.getByRole('button', { name: 'Read the code' }));
  const signer = signerOf(t.page);
  await t.click(t.page.getByRole('button', { name: 'Claim the device' }));
  await t.click(await asked(signer));
  await t.page.locator('[data-outcome=final]').waitFor();
  await t.open(`/wallet/device/${key}`, '[data-reputation]');
  await t.click(t.page.getByRole('button', { name: 'Show the device' }));
  const label = await t.page.locator('[data-copy=device-code]').textContent();

  // Another person in another browser.
  const context = await t.context.browser().newContext({ locale: 'en-GB', timezoneId: 'UTC' });
  try {
    const page = await context.newPage();
    const receiver = await importWallet(page, t.network.url);
    const there = { page, click: (locator) => locator.click() };
    await page.goto(`${t.network.url}/wallet/code`);
    await read(there, code, 'claim-owned');
    await page.getByLabel('Code', { exact: true }).fill(label);
    await page.getByRole('button', { name: 'Read the code' }).click();
    await page.getByRole('button', { name: 'Accept the device' }).click();
    await (await asked(signerOf(page), 'Accept')).click();
    const acceptance = await page.locator('[data-copy=acceptance]').textContent();
    await read(there, acceptance, 'accept-own');

    await t.open('/wallet/code', 'textarea');
    await t.page.getByLabel('Code', { exact: true }).fill(acceptance);
    await t.click(t.page.getByRole('button', { name: 'Read the code' }));
    await t.page.locator('[data-meaning=handover]').waitFor();
    await t.looks();
    await t.click(t.page.getByRole('button', { name: 'Hand over the device' }));
    await t.click(await asked(signer));
    await t.page.locator('[data-outcome=final]').waitFor();
    t.check(
      'it has its new owner',
      (await t.network.get(`/v1/devices/${device}`)).owner === receiver.address,
    );
    await read(t, acceptance, 'accept-not-owner');
    await page.goto(`${t.network.url}/wallet/devices`);
    await page.locator(`[data-device="${device}"]`).waitFor();
  } finally {
    await context.close();
  }
}
