import { request } from 'node:http';
import { fromHex, utf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { EngineHeader, EngineVote, LightBlock } from '@iotw/protocol/light-block';

/** What an answer may take, ms, and hold, bytes: 64 validators make 20 kB. */
const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 1_048_576;
/** BlockIDFlagCommit: the vote is for this block. */
const FOR_THE_BLOCK = 2;

type Json = Readonly<Record<string, unknown>>;

/** An answer that has not the form of CometBFT 0.38. Caught in lightBlockOf. */
class FormError extends Error {}

/**
 * A height's header, validators and commit from CometBFT's RPC on a Unix socket. Nothing is verified: who uses it does.
 * Errors: `commit-not-found` (CometBFT has no such height, or not any more), `cometbft-rpc` (no answer, or none of that form).
 */
export async function fetchLightBlock(socket: string, height: number): Promise<Result<LightBlock>> {
  try {
    const commit = await call(socket, `/commit?height=${height}`);
    const validators = await call(socket, `/validators?height=${height}&per_page=100`);
    if (commit === undefined || validators === undefined)
      return fail('commit-not-found', `CometBFT has no commit of height ${height}.`, { height });
    return ok(lightBlockOf(commit, validators));
  } catch (error) {
    return fail('cometbft-rpc', `CometBFT does not tell height ${height}: ${(error as Error).message}.`, {
      height,
    });
  }
}

/** The result of one call; undefined where CometBFT answers with an error. */
async function call(socket: string, path: string): Promise<Json | undefined> {
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request({ socketPath: socket, path, timeout: TIMEOUT_MS }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        body += part;
        if (body.length > MAX_ANSWER_BYTES) asked.destroy(new FormError('the answer is too long'));
      });
      answer.on('end', () => resolve(body));
      answer.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new FormError(`no answer in ${TIMEOUT_MS} ms`)));
    asked.on('error', reject);
    asked.end();
  });
  const { result, error } = object(JSON.parse(text));
  return error === undefined ? object(result) : undefined;
}

/** The light block in the results of `/commit` and `/validators`. Throws where they have another form. */
export function lightBlockOf(commitResult: Json, validatorsResult: Json): LightBlock {
  const { header, commit } = objects(object(commitResult.signed_header), 'header', 'commit');
  const { block_id: id } = objects(commit!, 'block_id');
  const parts = object(id!.parts);
  const votes: EngineVote[] = [];
  for (const [validator, one] of list(commit!.signatures).entries()) {
    const signature = object(one);
    if (signature.block_id_flag !== FOR_THE_BLOCK) continue;
    votes.push({ validator, ...time(signature.timestamp), signature: base64(signature.signature, 64) });
  }
  return {
    header: headerOf(header!),
    round: integer(commit!.round),
    blockHash: hash(id!.hash),
    partsTotal: integer(parts.total),
    partsHash: hash(parts.hash),
    votes,
    validators: list(validatorsResult.validators).map((one) => {
      const { pub_key, voting_power } = object(one);
      return { key: base64(object(pub_key).value, 32), power: integer(voting_power) };
    }),
  };
}

function headerOf(header: Json): EngineHeader {
  const { version, last_block_id: last } = objects(header, 'version', 'last_block_id');
  const parts = object(last!.parts);
  return {
    blockVersion: integer(version!.block),
    appVersion: integer(version!.app ?? 0),
    chainId: utf8(text(header.chain_id)),
    height: integer(header.height),
    ...time(header.time),
    lastBlockHash: hex(last!.hash),
    lastPartsTotal: integer(parts.total),
    lastPartsHash: hex(parts.hash),
    lastCommitHash: hash(header.last_commit_hash),
    dataHash: hash(header.data_hash),
    validatorsHash: hash(header.validators_hash),
    nextValidatorsHash: hash(header.next_validators_hash),
    consensusHash: hash(header.consensus_hash),
    appHash: hash(header.app_hash),
    lastResultsHash: hash(header.last_results_hash),
    evidenceHash: hash(header.evidence_hash),
    proposer: hex(header.proposer_address, 20),
  };
}

function object(value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new FormError('the answer lacks a part');
}

function objects<K extends string>(value: Json, ...names: readonly K[]): Partial<Record<K, Json>> {
  return Object.fromEntries(names.map((name) => [name, object(value[name])])) as Partial<Record<K, Json>>;
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new FormError('the answer lacks a list');
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new FormError('the answer lacks a text');
}

/** CometBFT writes 64-bit integers as text. */
function integer(value: unknown): number {
  const number = typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw new FormError('the answer lacks a number');
}

function hex(value: unknown, length?: number): Uint8Array {
  const bytes = fromHex(text(value).toLowerCase(), length);
  if (bytes !== undefined) return bytes;
  throw new FormError('the answer lacks a hash');
}

const hash = (value: unknown): Uint8Array => hex(value, 32);

function base64(value: unknown, length: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text(value), 'base64'));
  if (bytes.length === length) return bytes;
  throw new FormError('the answer lacks a key or signature');
}

/** RFC 3339 in UTC with up to nine decimals. */
function time(value: unknown): { seconds: number; nanos: number } {
  const [, whole, fraction = ''] = /^([0-9-]{10}T[0-9:]{8})(?:\.([0-9]{1,9}))?Z$/.exec(text(value)) ?? [];
  const seconds = Date.parse(`${whole}Z`) / 1_000;
  if (Number.isSafeInteger(seconds)) return { seconds, nanos: Number(fraction.padEnd(9, '0')) };
  throw new FormError('the answer lacks a time');
}
