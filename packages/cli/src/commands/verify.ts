import { readFile } from 'node:fs/promises';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { type CertifiedBlock, decodeCertifiedBlock } from '@iotw/protocol/certificate';
import type { Receipt } from '@iotw/protocol/receipt';
import { receiptFromJson } from '@iotw/protocol/receipt-json';
import type { Connection } from '@iotw/sdk/client/connection';
import { getPool } from '@iotw/sdk/client/epochs';
import { getGenesis } from '@iotw/sdk/client/network';
import { getReceipt } from '@iotw/sdk/client/receipts';
import { path as apiPath, callBytes } from '@iotw/sdk/client/request';
import { verifyBlock } from '@iotw/sdk/verify/block';
import type { Check } from '@iotw/sdk/verify/checks';
import { decodeReceipt, verifyReceipt } from '@iotw/sdk/verify/receipt';
import { type Trust, trustFromGenesis } from '@iotw/sdk/verify/trust';
import { readGenesisFile } from '../node/genesis-file.js';
import { iotw } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { type Style, styleOf } from '../output/style.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, type OptionSpec } from './command.js';
import { readPlace } from './place.js';
import { connection } from './submission.js';

interface VerifyOptions {
  readonly genesis?: string;
  readonly network?: string;
  readonly pool?: boolean;
}

const OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--genesis <file>',
    summary: 'genesis to trust (default: ask the server, which --network must vouch for)',
  },
  { flags: '--network <id>', summary: 'network id (hex) that the genesis must have' },
  {
    flags: '--pool',
    summary: "for a file: fetch the epoch's pool, so that the device committee is checked too",
  },
];

const NOTES: readonly string[] = [
  'With a file and --genesis nothing is asked of any server. A check that lacks what it takes is "unchecked".',
  'Without --network and --genesis the server names its own keys: that only shows that it is consistent.',
];

/** `iotw verify receipt|block`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb<VerifyOptions>(noun, run, {
    usage: 'receipt <file-or-id>',
    summary: 'does a receipt prove that a transaction took effect?',
    examples: [
      'iotw verify receipt receipt.json --genesis network/genesis.json',
      'iotw verify receipt 5f0c...e1 --network 91ab...07',
    ],
    shared: ['api'],
    options: OPTIONS,
    notes: NOTES,
    run: receipt,
  });
  addVerb<VerifyOptions>(noun, run, {
    usage: 'block <file-or-lane/height>',
    summary: 'is a block certified by the devices and trust nodes it names?',
    examples: ['iotw verify block block.ssz --genesis network/genesis.json', 'iotw verify block 0/12'],
    shared: ['api'],
    options: OPTIONS,
    notes: NOTES,
    run: block,
  });
};

async function receipt(
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

async function block(
  context: CommandContext,
  options: VerifyOptions,
  source?: string,
): Promise<Result<Answer>> {
  const server = connection(context, options.network);
  const place = readPlace(source!);
  const found = place.ok
    ? await fetchBlock(server, place.value.lane, place.value.height)
    : await readFileBytes(source!, decodeCertifiedBlock);
  if (!found.ok) return found;
  const trust = await trustOf(server, options, found.value.header.epoch, place.ok);
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

async function fetchBlock(server: Connection, lane: number, height: number): Promise<Result<CertifiedBlock>> {
  const bytes = await callBytes(server, {
    path: apiPath`/v1/blocks/${lane}/${height}`,
    accept: 'application/octet-stream',
  });
  return bytes.ok ? decodeCertifiedBlock(bytes.value) : bytes;
}

/** What the verifier believes: the genesis of a file, or one that the server gives. */
async function trustOf(
  server: Connection,
  options: VerifyOptions,
  epoch: number,
  fetched: boolean,
): Promise<Result<Trust>> {
  const network = options.network === undefined ? undefined : fromHex(options.network, 32);
  if (options.network !== undefined && network === undefined) {
    return fail('client-network', 'The option --network is the network id: 64 characters of hex.');
  }
  const genesis =
    options.genesis === undefined ? await getGenesis(server) : await readGenesisFile(options.genesis);
  if (!genesis.ok) return genesis;
  const trust = trustFromGenesis(genesis.value, network);
  if (!trust.ok || !(fetched || options.pool === true)) return trust;
  const pool = await getPool(server, epoch);
  // An epoch whose pool is gone leaves the committee unchecked; everything else still tells.
  if (!pool.ok) return pool.error.code === 'epoch-not-found' ? trust : pool;
  return ok({ ...trust.value, pool: pool.value });
}

async function readReceiptFile(path: string): Promise<Result<Receipt>> {
  return readFileBytes(path, (bytes) => {
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

async function readFileBytes<T>(path: string, decode: (bytes: Uint8Array) => Result<T>): Promise<Result<T>> {
  try {
    return decode(new Uint8Array(await readFile(path)));
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail('file-unreadable', `${path} is neither an id nor a readable file (${cause}): check it.`, {
      path,
    });
  }
}

function checkLines(checks: readonly Check[], style: Style): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const mark = {
    pass: style.good('pass     '),
    fail: style.bad('FAIL     '),
    unchecked: style.dim('unchecked'),
  };
  return checks.map(({ name, state, reason }) => `${mark[state]}  ${name.padEnd(width)}  ${reason}`);
}
