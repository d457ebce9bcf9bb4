// The console's other forms: money for a lane from any account, a device and a batch that their maker revokes, an appeal. What can't work is told
// before anybody signs.
import { encodeAttestation } from '@iotw/protocol/attestation';
import { encodeSignedHeader } from '@iotw/protocol/evidence';
import { asked, funded, importWallet, NOT_YET, signerOf, walletOf } from '../wallet-kit.mjs';

/** A device that is none: the browser tells the answer as an error of its console. */
const NO_DEVICE = /status of 404 .*\/v1\/devices\/[0-9]+/;
const MAKER = 1;
/** Of the operators' wallet: the root of maker 1. */
const ROOT = 4;

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'operator: funds a lane', sizes: ['phone'], run: fundsLane },
  // Alone: the numbers of the root's transactions are one row.
  { name: 'operator: a maker revokes', sizes: ['desktop'], long: true, alone: true, run: revokes },
  { name: 'operator: an appeal is looked through', sizes: ['phone'], run: appeals },
];

async function fundsLane(t) {
  t.expectFault(NOT_YET);
  await funded(t);
  await t.page.getByRole('link', { name: 'Operate' }).locator('visible=true').first().click();
  await t.page.getByRole('link', { name: 'Lane funds', exact: true }).click();
  await t.settled('input[name=bond]');
  const go = t.page.getByRole('button', { name: 'Review and fund' });
  t.check('nothing is nothing to sign', await go.isDisabled());
  await t.page.getByLabel('Credit').fill('1.0000001');
  await t.page.getByText(/at most six decimals/).waitFor();
  t.check('too many decimals are not signed', await go.isDisabled());
  await t.page.getByLabel('Credit').fill('99999');
  await t.page.locator('[role=alert][data-code=wallet-balance]').waitFor();
  t.check('more than there is is not signed', await go.isDisabled());
  const before = await t.network.get('/v1/trust-nodes/0');
  await t.page.getByLabel('Credit').fill('3');
  await t.page.getByLabel('Bond').fill('2.5');
  await t.page.locator('[data-preview=funds]').waitFor();
  await t.looks();
  await t.click(go);
  const signer = signerOf(t.page);
  const sign = await asked(signer);
  await signer.getByText('Money for a lane', { exact: true }).waitFor();
  await signer.getByText('2.5 IOTW', { exact: true }).waitFor();
  await t.click(sign);
  const added = 2_500_000;
  await t.network.until('the bond is there', async () => {
    const { bond } = await t.network.get('/v1/trust-nodes/0');
    return bond === before.bond + added;
  });
  await t.page.locator('input[name=bond]').and(t.page.locator('[value=""]')).waitFor();
}

async function revokes(t) {
  t.expectFault(NOT_YET);
  t.expectFault(NO_DEVICE);
  await importWallet(t.page, t.network.url, await walletOf(t.network.operatorWords, 0));
  for (let account = 1; account <= ROOT; account += 1) {
    await t.page.getByRole('button', { name: 'Add', exact: true }).click();
    await t.page.getByRole('heading', { level: 1, name: new RegExp(` ${account + 1}$`) }).waitFor();
  }
  const of = async (maker) => (await t.network.get(`/v1/devices?maker=${maker}&limit=50`)).items;
  const device = (await of(MAKER)).findLast(
    ({ device: n, status }) => n !== t.facts.device && status === 'active',
  );
  const other = (await of(MAKER + 1))[0];
  await t.page.getByRole('link', { name: 'Operate' }).locator('visible=true').first().click();
  await t.page.getByRole('link', { name: 'Makers', exact: true }).click();
  const desk = t.page.locator(`[data-revoke="${MAKER}"]`);
  const go = desk.getByRole('button', { name: 'Review and revoke' });
  const name = desk.locator('input[name=revoke]');
  await name.waitFor();
  for (const [text, code] of [
    ['-1', 'revoke-name'],
    ['4000000', 'revoke-unknown'],
    [String(other.device), 'revoke-maker'],
  ]) {
    await name.fill(text);
    await desk.locator(`[role=alert][data-code=${code}]`).waitFor();
    await desk.getByRole('checkbox').check();
    t.check(`${code} is not signed`, await go.isDisabled());
    await desk.getByRole('checkbox').uncheck();
  }
  await name.fill(device.key);
  await desk.locator('[data-preview=revoke]').waitFor();
  t.check('it is not signed unawares', await go.isDisabled());
  await desk.getByRole('checkbox').check();
  await t.looks();
  await t.click(go);
  const signer = signerOf(t.page);
  const sign = await asked(signer);
  await signer.getByText('Devices are revoked', { exact: true }).waitFor();
  await t.click(sign);
  await t.network.until('it is revoked', async () => {
    return (await t.network.get(`/v1/devices/${device.key}`)).status === 'revoked';
  });
  await desk.locator('input[name=revoke][value=""]').waitFor();
  await name.fill(String(device.device));
  await desk.locator('[role=alert][data-code=revoke-done]').waitFor();
}

async function appeals(t) {
  t.expectFault(NOT_YET);
  t.expectFault(NO_DEVICE);
  await funded(t);
  await t.page.getByRole('link', { name: 'Operate' }).locator('visible=true').first().click();
  await t.page.getByRole('link', { name: 'Removed devices' }).click();
  await t.page.getByRole('link', { name: 'Send an appeal' }).click();
  await t.settled('textarea[name=attestation]');
  const bytes = (fill, length = 32) => new Uint8Array(length).fill(fill);
  const header = {
    ...{ lane: t.facts.lane, incarnation: 0, height: 1, previous: bytes(1), root: bytes(2) },
    ...{ count: 1, timeMs: 1, epoch: 1, refRound: 1 },
  };
  const signed = Buffer.from(encodeSignedHeader({ header, signature: bytes(3, 64) })).toString('hex');
  const answerOf = (device) =>
    Buffer.from(
      encodeAttestation({
        ...{ lane: t.facts.lane, incarnation: 0, height: 1, attempt: 0, rank: 0, device },
        ...{ cited: bytes(4), hash: bytes(4), boot: 1, counter: 1, head: bytes(5), signature: bytes(6, 64) },
      }),
    ).toString('hex');
  const answer = answerOf(t.facts.device);
  for (const [attestation, head, code] of [
    ['<img src=x>', signed, 'appeal-attestation'],
    [answer.slice(2), signed, 'appeal-attestation'],
    [answer, answer, 'appeal-header'],
    [answerOf(4_000_000), signed, 'appeal-device'],
    [answer, signed, 'appeal-not-blacklisted'],
  ]) {
    await t.page.locator('textarea[name=attestation]').fill(attestation);
    await t.page.locator('textarea[name=header]').fill(head);
    await t.page.locator(`[role=alert][data-code=${code}]`).waitFor();
    const go = t.page.getByRole('button', { name: 'Review and send' });
    t.check(`${code} is not signed`, (await go.count()) === 0 || (await go.isDisabled()));
  }
  await t.looks();
}
