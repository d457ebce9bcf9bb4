// node tools/web/load.mjs --dir .iotw/devnet [--url URL] [--rate 500] [--seconds 90]: payments among the owners of a running devnet at a steady
// rate, for `tools/web/record.mjs`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fromHex } from '@iotw/kernel/bytes';
import { getAccount } from '@iotw/sdk/client/accounts';
import { connect } from '@iotw/sdk/client/connection';
import { networkOf } from '@iotw/sdk/client/network';
import { submitBatch } from '@iotw/sdk/client/submit';
import { buildSigned } from '@iotw/sdk/transaction/build';
import { transfer } from '@iotw/sdk/transaction/money-operations';
import { devnetKeys } from '../../packages/cli/dist/devnet/devnet-keys.js';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '.iotw/devnet' },
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '90' },
  },
});
const SENDERS = 40;
const TICK_MS = 100;
const AMOUNT = 1_000;

const connection = connect({ url: values.url });
const network = given(await networkOf(connection));
const seed = fromHex(JSON.parse(readFileSync(join(values.dir, 'devnet.json'), 'utf8')).seed, 32);
const senders = [];
for (let owner = 0; owner < SENDERS; owner += 1) {
  const keys = devnetKeys(seed, 'owner', owner);
  const account = await getAccount(connection, keys.publicKey);
  if (account.ok) senders.push({ keys, number: account.value.number, next: account.value.sequence + 1 });
}
if (senders.length < 2) throw new Error(`${values.dir} is no devnet of ${values.url}`);

const perTick = (Number(values.rate) * TICK_MS) / 1_000;
const outcomes = {};
const began = performance.now();
let sent = 0;
for (let tick = 1; performance.now() - began < Number(values.seconds) * 1_000; tick += 1) {
  const batch = [];
  for (; sent < tick * perTick; sent += 1) batch.push(payment(sent));
  if (batch.length > 0) send(batch);
  await pause(Math.max(0, began + tick * TICK_MS - performance.now()));
}
await pause(3_000);
console.log(JSON.stringify({ sent, outcomes }));
process.exit(0);

function payment(index) {
  const sender = senders[index % senders.length];
  const to = senders[(index + 1) % senders.length].number;
  const operations = [transfer(to, AMOUNT, 'tiotw')];
  const signed = given(buildSigned(network, sender.keys, { sequence: sender.next, operations }));
  sender.next += 1;
  return signed;
}

async function send(batch) {
  const answer = await submitBatch(connection, batch);
  const codes = answer.ok ? answer.value.map(({ code }) => code) : batch.map(() => answer.error.code);
  for (const code of codes) outcomes[code] = (outcomes[code] ?? 0) + 1;
}

function given(result) {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}
