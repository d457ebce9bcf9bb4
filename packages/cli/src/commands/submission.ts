import { toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { AddressPrefix } from '@iotw/protocol/address';
import type { Operation } from '@iotw/protocol/operations';
import type { Receipt } from '@iotw/protocol/receipt';
import { resultCodeName } from '@iotw/protocol/result';
import { getAccount } from '@iotw/sdk/client/accounts';
import { type Connection, connect } from '@iotw/sdk/client/connection';
import { getNetwork, type NetworkInfo, networkOf } from '@iotw/sdk/client/network';
import { waitForReceipt } from '@iotw/sdk/client/receipts';
import { submit, type WaitFor } from '@iotw/sdk/client/submit';
import { buildSigned } from '@iotw/sdk/transaction/build';
import { openSigner, SIGNER_OPTIONS, type SignerOptions } from '../keys/signer.js';
import { iotw } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type CommandContext, integer, type OptionSpec, oneOf } from './command.js';

/** Options of every command that sends a transaction. */
export interface SubmissionOptions extends SignerOptions {
  readonly network?: string;
  readonly wait?: WaitFor;
  readonly memo?: string;
  readonly expiry?: number;
}

export const SUBMISSION_OPTIONS: readonly OptionSpec[] = [
  ...SIGNER_OPTIONS,
  { flags: '--network <id>', summary: 'network id (hex): refuse any other (default: believe the server)' },
  {
    flags: '--wait <for>',
    summary: 'accepted, certified or final (default)',
    parse: oneOf('accepted', 'certified', 'final'),
  },
  { flags: '--memo <text>', summary: 'public text of at most 256 bytes' },
  {
    flags: '--expiry <seconds>',
    summary: 'how long it may wait to be included (default: 600)',
    parse: integer(1, 86_400),
  },
];

/** What the operations are made from: whose network it is and who acts. */
export interface Acting {
  readonly connection: Connection;
  readonly network: Uint8Array;
  readonly prefix: AddressPrefix;
  readonly info: NetworkInfo;
  readonly keys: KeyPair;
  readonly sequence: number;
}

/** The connection of a command that talks to a node. */
export function connection(context: CommandContext, network?: string): Connection {
  // One retry: a person who mistyped an address should not wait for four.
  return connect({ url: context.api, retries: 1, ...(network === undefined ? {} : { network }) });
}

/**
 * Opens the signer, makes the operations, signs, submits and waits. `above`: how far above the account's highest used
 * sequence (1 to 64), where others send from it at the same time. The node's outcome other than `ok` is a failure with
 * the result's code. Codes: those of the signer, the client, the builders and the ledger's results.
 */
export async function act(
  context: CommandContext,
  options: SubmissionOptions,
  operations: (acting: Acting) => Result<readonly Operation[]> | Promise<Result<readonly Operation[]>>,
  signer?: (server: Connection) => Promise<Result<KeyPair>>,
  above = 1,
): Promise<Result<Answer>> {
  const server = connection(context, options.network);
  const info = await getNetwork(server);
  if (!info.ok) return info;
  const network = await networkOf(server);
  if (!network.ok) return network;
  const keys = await (signer ?? (() => openSigner(context.io, options)))(server);
  if (!keys.ok) return keys;
  const account = await getAccount(server, keys.value.publicKey);
  if (!account.ok)
    return account.error.code === 'account-not-found' ? unfunded(account.error.message) : account;
  const acting: Acting = {
    connection: server,
    network: network.value,
    prefix: info.value.addressPrefix,
    info: info.value,
    keys: keys.value,
    sequence: account.value.sequence + above,
  };
  const made = await operations(acting);
  if (!made.ok) return made;
  return send(context, options, acting, made.value);
}

async function send(
  context: CommandContext,
  options: SubmissionOptions,
  acting: Acting,
  operations: readonly Operation[],
): Promise<Result<Answer>> {
  const { wait = 'final', memo, expiry } = options;
  const signed = buildSigned(acting.network, acting.keys, {
    sequence: acting.sequence,
    operations,
    ...(memo === undefined ? {} : { memo }),
    ...(expiry === undefined ? {} : { expiryMs: Date.now() + 1000 * expiry }),
  });
  if (!signed.ok) return signed;
  const id = toHex(signed.value.id);
  const submitted = await submit(acting.connection, signed.value, { wait });
  if (!submitted.ok) {
    if (!UNKNOWN_FATE.includes(submitted.error.code)) return submitted;
    context.io.err(
      `${submitted.error.code}: the fate of transaction ${id} is unknown; waiting for its receipt\n`,
    );
    return received(await waitForReceipt(acting.connection, signed.value.id), id, acting.sequence);
  }
  const { status, code, receipt } = submitted.value;
  if (receipt !== undefined) return received(ok(receipt), id, acting.sequence);
  if (wait === 'final' && status !== 'failed') {
    return received(await waitForReceipt(acting.connection, signed.value.id), id, acting.sequence);
  }
  return answered({ id, status, sequence: acting.sequence, ...(code === undefined ? {} : { result: code }) });
}

/** After these nobody knows whether the node took it: only a receipt tells. */
const UNKNOWN_FATE: readonly string[] = ['wait-timeout', 'client-timeout', 'client-unreachable'];

/** What is known of a transaction that was sent. */
interface Outcome {
  readonly id: string;
  readonly status: string;
  readonly sequence?: number;
  readonly result?: string;
  readonly round?: number;
  /** Base units. */
  readonly fee?: number;
  /** Of the faucet, base units. */
  readonly amount?: number;
}

function received(receipt: Result<Receipt>, id: string, sequence: number): Result<Answer> {
  if (!receipt.ok) return receipt;
  return answered({ ...outcomeOf(id, receipt.value), sequence });
}

/** A receipt's outcome. It is the server's word: `iotw verify receipt` checks the proof. */
export function outcomeOf(id: string, receipt: Receipt): Outcome {
  const { code, fee, round } = receipt;
  const result = resultCodeName(code) ?? `code-${code}`;
  return { id, status: code === 0 ? 'final' : 'failed', result, round: round.number, fee };
}

/** An outcome as a command's answer; one that had no effect is a failure with the result's code. */
export function answered(outcome: Outcome): Result<Answer> {
  const { id, status, result } = outcome;
  const failed = status === 'failed' || (result !== undefined && result !== 'ok');
  return ok({
    json: outcome,
    text: () =>
      formatFields(
        Object.entries(outcome).map(([name, value]) => [
          name === 'id' ? 'transaction' : name,
          name === 'fee' || name === 'amount' ? iotw(value) : String(value),
        ]),
      ),
    ...(failed ? { failure: refused(id, result ?? 'failed') } : {}),
  });
}

function refused(id: string, code: string) {
  return {
    code,
    message: `The transaction was included and had no effect: ${code}. See docs/errors.md for the mend; iotw tx show ${id}`,
    data: { id },
  };
}

function unfunded(message: string): Result<never> {
  return fail(
    'account-not-found',
    `The signer's account holds nothing yet. ${message} On a test network: iotw faucet.`,
  );
}
