import { readFile, writeFile } from 'node:fs/promises';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { decodeCertifiedBlock } from '@iotw/protocol/certificate';
import type { Genesis } from '@iotw/protocol/genesis';
import type { Receipt } from '@iotw/protocol/receipt';
import { receiptFromJson, receiptToJson } from '@iotw/protocol/receipt-json';
import { leadTo } from '@iotw/sdk/client/commits';
import type { Connection } from '@iotw/sdk/client/connection';
import { getPool } from '@iotw/sdk/client/pools';
import { getReceipt } from '@iotw/sdk/client/receipts';
import { verifyBlock } from '@iotw/sdk/verify/block';
import type { Check } from '@iotw/sdk/verify/checks';
import { decodeReceipt, verifyReceipt } from '@iotw/sdk/verify/receipt';
import { type Trust, trustFromGenesis } from '@iotw/sdk/verify/trust';
import { iotw } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { styleOf } from '../output/style.js';
import { formatFields } from '../output/table.js';
import type { CommandContext } from './command.js';
import { connection } from './submission.js';
import { type LightOptions, lightTrust } from './verify-light.js';
import {
  checkLines,
  readData,
  signersBy,
  signersOf,
  trustedGenesis,
  type VerifyOptions,
} from './verify-trust.js';

export interface ReceiptOptions extends VerifyOptions, LightOptions {
  readonly save?: string;
}

/** `iotw verify receipt`. */
export async function receipt(
  context: CommandContext,
  options: ReceiptOptions,
  source?: string,
): Promise<Result<Answer>> {
  const server = connection(context, options.network);
  const id = fromHex(source!, 32);
  const found =
    id === undefined ? await readReceiptFile(source!) : await getReceipt(server, id, undefined, 'provable');
  if (!found.ok) return found;
  const { header, round } = found.value;
  const trust = await trustOf(
    server,
    options,
    header.epoch,
    round.number,
    id !== undefined,
    found.value.commits.length > 0,
  );
  if (!trust.ok) return trust;
  const proven = await withLead(server, options, found.value, trust.value, id !== undefined);
  if (!proven.ok) return proven;
  const report = verifyReceipt(proven.value.receipt, proven.value.trust, id);
  if (options.save !== undefined) {
    const saved = await saveReceipt(options.save, proven.value.receipt);
    if (!saved.ok) return saved;
  }
  const { paid, genuine, result, fee, certifiedBy, randomness } = report;
  const checks = trust.value.followed ? report.checks : withUnknownSigners(report.checks);
  const unknown = !genuine && checks.every(({ state }) => state !== 'fail');
  // A mesh's server signs alone: what others can check is the commit.
  const bare = found.value.commits.length === 0 && trust.value.genesis.ledgerServers.length > 1;
  const notKnown = bare ? notProvable : signersUnknown;
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
        ['verdict', unknown ? UNKNOWN_SIGNERS : verdict(paid, genuine)],
      ]),
    ],
    ...(paid ? {} : { failure: unknown ? notKnown() : notPaid(genuine, result) }),
  });
}

/** Trust in the commits of a receipt that has some, and the receipt with those that lead to them, where a server is asked. */
async function withLead(
  server: Connection,
  options: ReceiptOptions,
  receipt: Receipt,
  { trust, genesis }: Believed,
  fetched: boolean,
): Promise<Result<{ readonly receipt: Receipt; readonly trust: Trust }>> {
  if (receipt.commits.length === 0) return ok({ receipt, trust });
  const light = lightTrust(options, genesis);
  if (!light.ok) return light;
  const commits = fetched ? await leadTo(server, receipt.commits, light.value) : ok(receipt.commits);
  if (!commits.ok) return commits;
  return ok({ receipt: { ...receipt, commits: commits.value }, trust: { ...trust, light: light.value } });
}

/** Errors: `file-unwritable`. */
async function saveReceipt(path: string, receipt: Receipt): Promise<Result<void>> {
  try {
    await writeFile(path, `${JSON.stringify(receiptToJson(receipt))}\n`);
    return ok(undefined);
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail('file-unwritable', `${path} can't be written (${cause}).`, { path });
  }
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
  const { epoch, refRound } = found.value.header;
  const trust = await trustOf(server, options, epoch, refRound + 1, false);
  if (!trust.ok) return trust;
  const report = verifyBlock(found.value, trust.value.trust);
  const { genuine, invalid } = report;
  const checks = trust.value.followed ? report.checks : withUnknownSigners(report.checks);
  const unknown = !genuine && checks.every(({ state }) => state !== 'fail');
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
        [
          'verdict',
          genuine
            ? 'certified; that it is final only a receipt shows'
            : unknown
              ? UNKNOWN_SIGNERS
              : 'not certified',
        ],
      ]),
    ],
    ...(genuine ? {} : { failure: unknown ? signersUnknown() : failure }),
  });
}

/** Checks that tell by keys of nodes, which may be replaced. */
const BY_KEYS: ReadonlySet<string> = new Set(['round-signatures', 'lane-signature', 'votes', 'pool-anchor']);

/** By the genesis' keys alone nobody can tell a forged signature from one by a key that came later. */
function withUnknownSigners(checks: readonly Check[]): Check[] {
  return checks.map((check) =>
    check.state === 'fail' && BY_KEYS.has(check.name)
      ? { ...check, state: 'unchecked', reason: `${check.reason} Or its key was replaced since the genesis.` }
      : check,
  );
}

const UNKNOWN_SIGNERS = 'unknown: not signed by the keys of the genesis';

const notProvable = (): Failure => ({
  code: 'receipt-not-provable',
  message:
    'The receipt carries no commit and too few signatures: it is its server’s word alone. Fetch it again with ?wait=provable.',
});

const signersUnknown = (): Failure => ({
  code: 'signers-unknown',
  message:
    'It is not signed by the keys of the genesis: forged, or keys were replaced since. Give --pool to ask the server for the changes, or --signers with a file that iotw verify block --save kept.',
});

interface Believed {
  readonly trust: Trust;
  readonly genesis: Genesis;
  readonly followed: boolean;
}

/**
 * What the verifier believes: the genesis, the pool where it was asked for, and who signed what is in `round`. `followed`: the
 * changes of who signs are known. `byCommit`: a commit stands for the round.
 */
async function trustOf(
  server: Connection,
  options: VerifyOptions,
  epoch: number,
  round: number,
  fetched: boolean,
  byCommit = false,
): Promise<Result<Believed>> {
  const trusted = await trustedGenesis(server, options);
  if (!trusted.ok) return trusted;
  const { genesis } = trusted.value;
  const trust = trustFromGenesis(genesis, trusted.value.network);
  if (!trust.ok) return trust;
  const asks = fetched || options.pool === true;
  if (!asks && options.signers === undefined) return ok({ trust: trust.value, genesis, followed: false });
  const kept = options.signers === undefined ? undefined : await readData(options.signers);
  if (kept?.ok === false) return kept;
  const signersAt =
    kept === undefined ? await signersOf(server, trusted.value) : signersBy(kept.value, trusted.value);
  // The commit stands for the round: the changes, whose rounds carry none, are then needed for nodes that replaced keys only.
  if (!signersAt.ok && byCommit) return ok({ trust: trust.value, genesis, followed: false });
  if (!signersAt.ok) return signersAt;
  const followed = { ...trust.value, ...signersAt.value(round) };
  if (!asks) return ok({ trust: followed, genesis, followed: true });
  const pool = await getPool(server, epoch);
  if (pool.ok) return ok({ trust: { ...followed, pool: pool.value }, genesis, followed: true });
  // An epoch whose pool is gone leaves the committee unchecked; everything else still tells.
  return ['epoch-not-found', 'pruned'].includes(pool.error.code)
    ? ok({ trust: followed, genesis, followed: true })
    : pool;
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
