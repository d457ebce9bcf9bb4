import { readFile } from 'node:fs/promises';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { decodeCertifiedBlock } from '@iotw/protocol/certificate';
import type { Receipt } from '@iotw/protocol/receipt';
import { receiptFromJson } from '@iotw/protocol/receipt-json';
import type { Connection } from '@iotw/sdk/client/connection';
import { getPool } from '@iotw/sdk/client/epochs';
import { getReceipt } from '@iotw/sdk/client/receipts';
import { verifyBlock } from '@iotw/sdk/verify/block';
import { decodeReceipt, verifyReceipt } from '@iotw/sdk/verify/receipt';
import { type Trust, trustFromGenesis } from '@iotw/sdk/verify/trust';
import { iotw } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { styleOf } from '../output/style.js';
import { formatFields } from '../output/table.js';
import type { CommandContext } from './command.js';
import { connection } from './submission.js';
import { checkLines, trustedGenesis, type VerifyOptions } from './verify-trust.js';

/** `iotw verify receipt`. */
export async function receipt(
  context: CommandContext,
  options: VerifyOptions,
  source?: string,
): Promise<Result<Answer>> {
  const server = connection(context, options.network);
  const id = fromHex(source!, 32);
  const found = id === undefined ? await readReceiptFile(source!) : await getReceipt(server, id);
  if (!found.ok) return found;
  const trust = await trustOf(server, options, found.value.header.epoch, id !== undefined);
  if (!trust.ok) return trust;
  const report = verifyReceipt(found.value, trust.value, id);
  const { paid, genuine, checks, result, fee, certifiedBy, randomness } = report;
  const json = {
    paid,
    genuine,
    id: toHex(report.id),
    result,
    fee,
    certifiedBy: certifiedBy ?? null,
    randomness,
    checks,
  };
  return ok({
    json,
    text: () => [
      ...checkLines(checks, styleOf(context.io.color && context.io.outIsTerminal)),
      '',
      ...formatFields([
        ['transaction', json.id],
        ['result', result],
        ['fee', iotw(fee)],
        ['certified by', certifiedBy ?? 'an unknown mode'],
        ['randomness', randomness],
        ['verdict', verdict(paid, genuine)],
      ]),
    ],
    ...(paid ? {} : { failure: notPaid(genuine, result) }),
  });
}

function verdict(paid: boolean, genuine: boolean): string {
  if (paid) return 'the transaction took effect';
  return genuine ? 'included, and it had no effect' : 'this proves nothing';
}

function notPaid(genuine: boolean, result: string): Failure {
  return genuine
    ? {
        code: 'receipt-no-effect',
        message: `The receipt is genuine and says that the transaction had no effect: ${result}.`,
      }
    : {
        code: 'receipt-not-genuine',
        message: 'The receipt proves nothing: see the checks that failed. Ask another server.',
      };
}

/** `iotw verify block` of a certified block in SSZ: its certificate, not what became of it. */
export async function blockFile(
  context: CommandContext,
  options: VerifyOptions,
  source: string,
): Promise<Result<Answer>> {
  const server = connection(context, options.network);
  const found = await readFileBytes(source, 'lane/height', decodeCertifiedBlock);
  if (!found.ok) return found;
  const trust = await trustOf(server, options, found.value.header.epoch, false);
  if (!trust.ok) return trust;
  const report = verifyBlock(found.value, trust.value);
  const { genuine, checks, invalid } = report;
  const json = { genuine, hash: toHex(report.hash), transactions: report.ids.map(toHex), invalid, checks };
  const failure = {
    code: 'block-not-genuine',
    message: 'The block is not certified as it says: see the checks that failed. Ask another server.',
  };
  return ok({
    json,
    text: () => [
      ...checkLines(checks, styleOf(context.io.color && context.io.outIsTerminal)),
      '',
      ...formatFields([
        ['block', json.hash],
        ['transactions', `${report.ids.length}, of them ${invalid.length} unreadable or unsigned`],
        ['verdict', genuine ? 'certified; that it is final only a receipt shows' : 'not certified'],
      ]),
    ],
    ...(genuine ? {} : { failure }),
  });
}

/** What the verifier believes: the genesis, and the pool where it was asked for. */
async function trustOf(
  server: Connection,
  options: VerifyOptions,
  epoch: number,
  fetched: boolean,
): Promise<Result<Trust>> {
  const trusted = await trustedGenesis(server, options);
  if (!trusted.ok) return trusted;
  const trust = trustFromGenesis(trusted.value.genesis, trusted.value.network);
  if (!trust.ok || !(fetched || options.pool === true)) return trust;
  const pool = await getPool(server, epoch);
  // An epoch whose pool is gone leaves the committee unchecked; everything else still tells.
  if (!pool.ok) return pool.error.code === 'epoch-not-found' ? trust : pool;
  return ok({ ...trust.value, pool: pool.value });
}

async function readReceiptFile(path: string): Promise<Result<Receipt>> {
  return readFileBytes(path, 'an id', (bytes) => {
    // SSZ begins with an offset, JSON with a brace.
    const text = bytes[0] === 0x7b ? new TextDecoder().decode(bytes) : undefined;
    if (text === undefined) return decodeReceipt(bytes);
    try {
      return receiptFromJson(JSON.parse(text));
    } catch {
      return fail('receipt-json', `The file ${path} is no JSON: fetch the receipt again.`);
    }
  });
}

/** `what` the path could have been instead. */
async function readFileBytes<T>(
  path: string,
  what: string,
  decode: (bytes: Uint8Array) => Result<T>,
): Promise<Result<T>> {
  try {
    return decode(new Uint8Array(await readFile(path)));
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail('file-unreadable', `${path} is neither ${what} nor a readable file (${cause}): check it.`, {
      path,
    });
  }
}
