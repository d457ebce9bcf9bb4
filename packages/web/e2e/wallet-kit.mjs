// What flows of the wallet share: a wallet that is there at once, its signer, an address nobody has.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeAddress } from '@iotw/protocol/address';
import { deriveKeyPair } from '@iotw/sdk/wallet/derive';
import { createMnemonic, seedFromMnemonic } from '@iotw/sdk/wallet/mnemonic';

export const PASSWORD = 'Zebra-quartz-4711';
/** What the ledger does not hold yet answers 404, which Chromium tells as an error of the console. */
export const NOT_YET =
  /status of 404 .*\/v1\/(accounts\/tiotw1|devices\/[0-9a-f]{64}|transactions\/[0-9a-f]{64})/;

/** The signer's frame of a page. @param {import('playwright-core').Page} page */
export function signerOf(page) {
  return page.frameLocator('iframe[title="IOTW signer"]');
}

/** An address of the tests' network that nobody else has, and its key pair. */
export function freshKey() {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const keys = keyPairFromSeed(seed);
  return { seed: Buffer.from(seed).toString('hex'), keys, address: addressOf(keys.publicKey) };
}

function addressOf(key) {
  return encodeAddress('tiotw', 0, key);
}

/** A wallet that no browser has yet: its words, key pair and address. */
export function newWallet() {
  return walletOf(createMnemonic(), 0);
}

/** An account of the wallet with these words. `seed`: hex, as a key file holds it. */
export async function walletOf(words, account) {
  const master = await seedFromMnemonic(words);
  const keys = deriveKeyPair(master.value, { account, role: 'spending', index: 0 }).value;
  const seed = Buffer.from(keys.secretKey.slice(0, 32)).toString('hex');
  return { words, keys, seed, address: addressOf(keys.publicKey) };
}

/** Imports a wallet into a page: a new one unless told otherwise. @returns it */
export async function importWallet(page, url, wallet) {
  const { words, keys, address } = wallet ?? (await newWallet());
  await page.goto(`${url}/wallet`);
  await page.getByRole('button', { name: 'Import a wallet' }).click();
  const signer = signerOf(page);
  await signer.getByLabel('Words').fill(words);
  await signer.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await signer.getByLabel('Password again').fill(PASSWORD);
  await signer.getByRole('button', { name: 'Import wallet' }).click();
  await page.locator('[data-balance]').waitFor();
  return { words, keys, address };
}

/** Money of the network's faucet, final when it resolves. */
export async function fund(network, address) {
  const response = await fetch(`${network.url}/v1/faucet`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to: address }),
  });
  if (!response.ok) throw new Error(`the faucet answered ${response.status}: ${await response.text()}`);
}

/** A wallet with money in the flow's page. @param {import('../../../tools/web/flows.mjs').FlowRun} t */
export async function funded(t) {
  const wallet = await newWallet();
  await fund(t.network, wallet.address);
  return importWallet(t.page, t.network.url, wallet);
}

/** The button that signs, of a signer that may want its password first: it forgets the key with its page. */
export async function asked(signer, button = 'Sign') {
  const password = signer.getByLabel('Password', { exact: true });
  const go = signer.getByRole('button', { name: button, exact: true });
  await password.or(go).waitFor();
  if (await password.isVisible()) {
    await password.fill(PASSWORD);
    await signer.getByRole('button', { name: 'Unlock', exact: true }).click();
  }
  await go.waitFor();
  return go;
}

/** A folder for one piece of work, gone after it. @param {(file: (name: string, text?: string) => string) => Promise<T>} work @template T */
export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'iotw-flow-'));
  try {
    return await work((name, text) => {
      const path = join(folder, name);
      if (text !== undefined) writeFileSync(path, `${text}\n`, { mode: 0o600 });
      return path;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A device that its maker has registered, with the code that claims it for `owner`. Its key lies in `a.key` of the folder.
 * @param {import('../../../tools/web/network.mjs').Network} network
 * @param {(name: string, text?: string) => string} file of `inFolder`
 * @param {string} owner address
 */
export async function madeDevice(network, file, owner) {
  const payer = freshKey();
  await fund(network, payer.address);
  const made = await network.iotw(
    ...['maker', 'provision', '--key-file', file('a.key'), '--out', file('a.bin')],
    ...['--broker', 'mqtt://127.0.0.1:1883', '--devnet', network.dir, '--owner', owner],
    ...['--signer-key-file', file('payer.key', payer.seed)],
  );
  return { ...made, payer };
}

/** Fills in the password of a wallet that is made, and sends the form. @param {import('playwright-core').Page} page */
export async function choosePassword(page) {
  const signer = signerOf(page);
  await signer.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await signer.getByLabel('Password again').fill(PASSWORD);
  await signer.getByLabel('Password again').press('Enter');
  // The words come after argon2id has made the key.
  await signer.getByTestId('words').waitFor();
}

/** The words that the signer shows. @param {import('playwright-core').Page} page */
export function shownWords(page) {
  return signerOf(page).getByTestId('words').locator('li').allTextContents();
}

/** The asked words of the backup, as the person has them on paper. @param {import('playwright-core').Page} page */
export async function fillBackup(page, words) {
  const signer = signerOf(page);
  await signer.getByRole('heading', { name: 'Check your backup' }).waitFor();
  for (const input of await signer.locator('input').all()) {
    const place = Number((await input.getAttribute('name')).slice('word-'.length));
    await input.fill(words[place - 1]);
  }
}
