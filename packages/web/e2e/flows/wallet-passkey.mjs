// A wallet that a passkey opens: Chromium's virtual authenticator computes the PRF, as a phone or a security key does.
import { fund, importWallet, NOT_YET, newWallet, PASSWORD, signerOf } from '../wallet-kit.mjs';

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [{ name: 'wallet: opened by a passkey', sizes: ['desktop'], long: true, run: passkey }];

async function passkey(t) {
  t.expectFault(NOT_YET);
  const cdp = await t.context.newCDPSession(t.page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasPrf: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  });
  // Passkeys belong to a host name, which an address of the internet is not.
  const url = t.network.url.replace('127.0.0.1', 'localhost');
  const wallet = await newWallet();
  await fund(t.network, wallet.address);
  await importWallet(t.page, url, wallet);
  const signer = signerOf(t.page);
  await t.page.getByRole('button', { name: 'Settings' }).click();
  await signer.getByRole('button', { name: 'Add a passkey' }).click();
  await signer.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await signer.getByRole('button', { name: 'Add a passkey' }).click();
  await signer.getByRole('button', { name: 'Remove the passkey' }).waitFor();
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
  t.check('the authenticator holds it', credentials.length === 1, credentials.length);
  await t.looks();
  await signer.getByRole('button', { name: 'Done' }).click();

  await t.page.getByRole('button', { name: 'Lock', exact: true }).click();
  await t.page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await signer.getByRole('button', { name: 'Unlock by passkey' }).click();
  await t.page.getByRole('button', { name: 'Lock', exact: true }).waitFor();

  // An authenticator that refuses leaves the password as the way.
  await t.page.getByRole('button', { name: 'Lock', exact: true }).click();
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await t.page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await signer.getByRole('button', { name: 'Unlock by passkey' }).click();
  await signer.getByText(/The passkey did not open the wallet/).waitFor();
  await signer.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await signer.getByRole('button', { name: 'Unlock', exact: true }).click();
  await t.page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
}
