/** How a commit is read from CometBFT's RPC: its own answers, and whatever else may lie on the socket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchLightBlock } from './light-rpc.js';

const dir = mkdtempSync(join(tmpdir(), 'iotw-rpc-'));
const socket = join(dir, 'rpc.sock');
const HASH = 'AB'.repeat(32);
const SIGNATURE = Buffer.alloc(64, 7).toString('base64');
const KEY = Buffer.alloc(32, 8).toString('base64');
const id = { hash: HASH, parts: { total: 1, hash: HASH } };
const vote = {
  block_id_flag: 2,
  validator_address: 'CD'.repeat(20),
  timestamp: '2026-11-23T06:00:01.5Z',
  signature: SIGNATURE,
};
const nobody = {
  block_id_flag: 1,
  validator_address: '',
  timestamp: '0001-01-01T00:00:00Z',
  signature: null,
};
const header = {
  version: { block: '11' },
  ...{
    chain_id: 'iotw-test',
    height: '9',
    time: '2026-11-23T06:00:00.000000123Z',
    last_block_id: { hash: '', parts: { total: 0, hash: '' } },
  },
  ...{
    last_commit_hash: HASH,
    data_hash: HASH,
    validators_hash: HASH,
    next_validators_hash: HASH,
    consensus_hash: HASH,
  },
  ...{ app_hash: HASH, last_results_hash: HASH, evidence_hash: HASH, proposer_address: 'CD'.repeat(20) },
};
const commit = {
  height: '9',
  round: 1,
  block_id: id,
  signatures: [nobody, vote, { ...vote, block_id_flag: 3 }],
};
const validators = {
  validators: [
    { address: 'x', pub_key: { type: 'tendermint/PubKeyEd25519', value: KEY }, voting_power: '3' },
  ],
};
const result = (value: unknown): string => JSON.stringify({ jsonrpc: '2.0', id: -1, result: value });
const signed = (change: object): string =>
  result({ signed_header: { header: { ...header, ...change }, commit } });

/** Answers by path. */
let answers: Record<string, string>;
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    response.end(answers[request.url!.split('?')[0]!]);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

describe('a commit from CometBFT', () => {
  it('holds the votes for the block at their places, times to the nanosecond', async () => {
    answers = { '/commit': signed({}), '/validators': result(validators) };
    const block = await fetchLightBlock(socket, 9);
    const at = Date.parse('2026-11-23T06:00:00Z') / 1_000;
    expect(block).toMatchObject({
      value: {
        header: { height: 9, appVersion: 0, seconds: at, nanos: 123, lastBlockHash: new Uint8Array(0) },
        round: 1,
        votes: [{ validator: 1, seconds: at + 1, nanos: 500_000_000, signature: new Uint8Array(64).fill(7) }],
        validators: [{ key: new Uint8Array(32).fill(8), power: 3 }],
      },
    });
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'no such height',
      {
        '/commit': JSON.stringify({ error: { code: -32603, message: 'height 9 must be less' } }),
        '/validators': result(validators),
      },
      'commit-not-found',
    ],
    ['no JSON', { '/commit': '<html>', '/validators': result(validators) }, 'cometbft-rpc'],
    ['no result', { '/commit': '{}', '/validators': result(validators) }, 'cometbft-rpc'],
    [
      'no header',
      { '/commit': result({ signed_header: { commit } }), '/validators': result(validators) },
      'cometbft-rpc',
    ],
    [
      'a short hash',
      { '/commit': signed({ app_hash: 'AB' }), '/validators': result(validators) },
      'cometbft-rpc',
    ],
    [
      'a negative height',
      { '/commit': signed({ height: '-9' }), '/validators': result(validators) },
      'cometbft-rpc',
    ],
    [
      'a time without a zone',
      { '/commit': signed({ time: '2026-11-23T06:00:00' }), '/validators': result(validators) },
      'cometbft-rpc',
    ],
    [
      'a list that is none',
      { '/commit': signed({}), '/validators': result({ validators: 4 }) },
      'cometbft-rpc',
    ],
    [
      'an answer without end',
      { '/commit': `"${'x'.repeat(1_200_000)}"`, '/validators': result(validators) },
      'cometbft-rpc',
    ],
  ])('is none with %s', async (_, given, code) => {
    answers = given;
    expect(await fetchLightBlock(socket, 9)).toMatchObject({ error: { code } });
  });

  it('is none where nobody listens', async () => {
    expect(await fetchLightBlock(join(dir, 'nobody.sock'), 9)).toMatchObject({
      error: { code: 'cometbft-rpc' },
    });
  });
});
