/** A backup is made of a node that runs under load, and restored on another machine. */
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeAddress } from '@iotw/protocol/address';
import { networkId } from '@iotw/protocol/genesis';
import { buildSigned } from '@iotw/sdk/transaction/build';
import { transfer } from '@iotw/sdk/transaction/money-operations';
import { afterAll, assert, beforeAll, expect, it } from 'vitest';
import { Child } from '../devnet/child.js';
import { iotwJson } from '../test-io.js';
import { readGenesisFile } from './genesis-file.js';
import { createNetwork } from './new-network.js';
import { submitBatch } from './test-split-network.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const alice = keyPairFromSeed(new Uint8Array(32).fill(1));
const bob = encodeAddress('tiotw', 0, keyPairFromSeed(new Uint8Array(32).fill(2)).publicKey);

let dir: string;
let node: Child;
let api: string;
let network: Uint8Array;
let sequence = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-backup-'));
  const accounts = [{ key: alice.publicKey, amount: 1_000_000_000 }];
  const made = await createNetwork({ dir, name: 'backup', trustNodes: 1, apiPort: 0, mqttPort: 0, accounts });
  assert(made.ok);
  const genesis = await readGenesisFile(join(dir, 'genesis.json'));
  assert(genesis.ok);
  network = networkId(genesis.value);
  node = new Child('node', MAIN, ['node', '--config', join(dir, 'node.json'), '--json']);
  const line = await node.first('ready');
  assert(line.ok);
  api = line.value.apiUrl as string;
}, 60_000);
afterAll(async () => {
  await node.stop(5_000);
  rmSync(dir, { recursive: true, force: true });
});

const at = (name: string): string => join(dir, name);

async function pay(count: number): Promise<string[]> {
  const envelopes = Array.from({ length: count }, () => {
    sequence += 1;
    const built = buildSigned(network, alice, { sequence, operations: [transfer(bob, 1, 'tiotw')] });
    assert(built.ok);
    return built.value.envelope;
  });
  const results = await submitBatch(api, envelopes);
  expect(new Set(results.map(({ code }) => code))).toEqual(new Set(['ok']));
  return results.map(({ id }) => id);
}

const backup = (out: string) => iotwJson(['node', 'backup', '--data', at('data'), '--out', at(out)]);
const restore = (from: string, data: string) => {
  const words = ['ledger', 'import', '--in', at(from), '--data', at(data), '--genesis', at('genesis.json')];
  return iotwJson(words);
};

it('of a node under load is of one moment; restored it ends with the same state root, and has all that was final before', async () => {
  const before = await pay(20);
  const load = pay(20);
  const { code, value } = await backup('backup.iotw');
  expect([code, value]).toEqual([
    0,
    expect.objectContaining({ stateRoot: expect.stringMatching(/^[0-9a-f]{64}$/) }),
  ]);
  expect(existsSync(at('backup.iotw.copy'))).toBe(false);
  await load;
  // The node has gone on, with the backup's round among its own.
  await pay(1);
  const round = await (await fetch(`${api}/v1/rounds/${value.round}`)).json();
  expect(round).toMatchObject({ hash: value.roundHash });

  const restored = await restore('backup.iotw', 'restored/data');
  expect(restored.code).toBe(0);
  const { stateRoot, roundHash, round: last } = restored.value;
  expect({ stateRoot, roundHash, round: last }).toEqual({
    stateRoot: value.stateRoot,
    roundHash: value.roundHash,
    round: value.round,
  });
  expect(restored.value.transactions).toBeGreaterThanOrEqual(before.length);
  const audit = ['ledger', 'audit', '--data', at('restored/data'), '--genesis', at('genesis.json')];
  expect((await iotwJson(audit)).value).toMatchObject({ to: value.round });
}, 60_000);

it.each<[string, string, (path: string) => void]>([
  ['cut short', 'ledger-file-truncated', (path) => truncateSync(path, readFileSync(path).length - 9)],
  [
    'with a byte changed',
    'ledger-file-damaged',
    (path) => {
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(path, bytes);
    },
  ],
  ['that is something else', 'ledger-file-form', (path) => writeFileSync(path, 'a letter')],
])('a backup %s is refused: %s', async (name, code, change) => {
  const file = `${name.replaceAll(' ', '-')}.iotw`;
  expect((await backup(file)).code).toBe(0);
  change(at(file));
  expect(await restore(file, `from-${file}/data`)).toMatchObject({ code: 1, value: { error: { code } } });
  expect(existsSync(join(at(`from-${file}/data`), 'ledger'))).toBe(false);
});

it('a backup is not written over, nor made of what is no node', async () => {
  expect((await backup('twice.iotw')).code).toBe(0);
  expect(await backup('twice.iotw')).toMatchObject({ code: 1, value: { error: { code: 'export-exists' } } });
  const words = ['node', 'backup', '--data', at('nothing'), '--out', at('nothing.iotw')];
  expect(await iotwJson(words)).toMatchObject({ code: 1, value: { error: { code: 'ledger-place' } } });
});
