import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGenesisFile } from './genesis-file.js';
import { createNetwork } from './new-network.js';
import { nodeConfigSchema, nodeKeysSchema, readConfigFile } from './node-config.js';
import { runNode } from './run-node.js';

type Json = Record<string, unknown>;

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-config-'));
  const accounts = [{ key: keyPairFromSeed(new Uint8Array(32).fill(1)).publicKey, amount: 1_000 }];
  const made = await createNetwork({ dir, name: 'config', trustNodes: 1, apiPort: 0, mqttPort: 0, accounts });
  expect(made.ok).toBe(true);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The file after `change`, under another name. */
async function changed(name: string, change: (json: Json) => unknown): Promise<string> {
  const json = JSON.parse(await readFile(join(dir, name), 'utf8')) as Json;
  const path = join(dir, `changed-${name}`);
  await writeFile(path, JSON.stringify(change(json)));
  return path;
}

const withStateSync = (c: Json, change: Json): Json => {
  const rpcServers = ['http://ledger-0:26657', 'https://ledger-1'];
  const stateSync = { trustHeight: 9, trustHash: 'Ab'.repeat(32), rpcServers, ...change };
  return { ...c, cometbft: { listen: { host: '::1', port: 1 }, stateSync } };
};

describe('a node configuration', () => {
  it('may name what to trust in a state sync', async () => {
    const path = await changed('node.json', (c) => withStateSync(c, {}));
    expect(await readConfigFile(path, nodeConfigSchema)).toMatchObject({ ok: true });
  });

  it('is taken as it was made', async () => {
    expect((await readConfigFile(join(dir, 'node.json'), nodeConfigSchema)).ok).toBe(true);
    expect((await readConfigFile(join(dir, 'keys.json'), nodeKeysSchema)).ok).toBe(true);
  });

  it.each<[what: string, name: string, words: string, change: (json: Json) => unknown]>([
    ['a key nobody knows', 'node.json', 'dataDirectory', (c) => ({ ...c, dataDirectory: '/x' })],
    ['a misspelt key inside', 'node.json', 'prot', (c) => ({ ...c, api: { host: '::1', prot: 1 } })],
    ['a port out of range', 'node.json', 'api.port', (c) => ({ ...c, api: { host: '::1', port: 65_536 } })],
    ['a role that is none', 'node.json', 'roles', (c) => ({ ...c, roles: ['miner'] })],
    ['no data directory', 'node.json', 'data', ({ data: _, ...c }) => c],
    ['a list where an object must be', 'node.json', 'the file', () => []],
    [
      'one RPC server to sync from',
      'node.json',
      'rpcServers',
      (c) => withStateSync(c, { rpcServers: ['http://a:1'] }),
    ],
    [
      'an RPC server that is no URL',
      'node.json',
      'rpcServers.1',
      (c) => withStateSync(c, { rpcServers: ['http://a:1', 'b:1'] }),
    ],
    ['a short hash to trust', 'node.json', 'trustHash', (c) => withStateSync(c, { trustHash: 'ab' })],
    ['no height to trust', 'node.json', 'trustHeight', (c) => withStateSync(c, { trustHeight: 0 })],
    ['a seed of another length', 'keys.json', 'ledger.seed', (k) => withLedger(k, 'seed', 'ab')],
    ['a seed in capitals', 'keys.json', 'ledger.vrfSeed', (k) => withLedger(k, 'vrfSeed', 'AB'.repeat(32))],
  ])('with %s is refused by name (%s: %s)', async (_what, name, words, change) => {
    const schema = name === 'keys.json' ? nodeKeysSchema : nodeConfigSchema;
    const read = await readConfigFile(await changed(name, change), schema);
    expect(read.ok ? 'ok' : read.error.code).toBe('config-invalid');
    expect(!read.ok && read.error.message).toContain(words);
    // A seed must not reach a log.
    expect(!read.ok && read.error.message).not.toMatch(/[0-9a-fA-F]{16}/);
  });

  it('that is no JSON, or no file, says so', async () => {
    const path = join(dir, 'half.json');
    await writeFile(path, '{"data": ');
    const half = await readConfigFile(path, nodeConfigSchema);
    expect(half).toMatchObject({ ok: false, error: { code: 'config-invalid' } });
    const none = await readConfigFile(join(dir, 'none.json'), nodeConfigSchema);
    expect(none).toMatchObject({ ok: false, error: { code: 'config-unreadable' } });
  });

  it('without what its role needs starts nothing and leaves nothing open', async () => {
    const read = await readConfigFile(join(dir, 'node.json'), nodeConfigSchema);
    if (!read.ok) throw new Error(read.error.message);
    const { api: _, ...config } = { ...read.value, data: join(dir, 'data') };
    const refused = await runNode(config, () => {});
    expect(refused).toMatchObject({ ok: false, error: { code: 'config-invalid' } });
    // The store and the ports are free again.
    const good = await runNode({ ...read.value, data: join(dir, 'data') }, () => {});
    if (!good.ok) throw new Error(good.error.message);
    await good.value.stop();
  });
});

function withLedger(keys: Json, member: string, value: string): Json {
  return { ...keys, ledger: { ...(keys.ledger as Json), [member]: value } };
}

describe('a genesis file', () => {
  it.each<[what: string, code: string, change: (json: Json) => unknown]>([
    ['as it was made', 'ok', (g) => g],
    ['with a key nobody knows', 'genesis-json', (g) => ({ ...g, owner: 'me' })],
    ['with a parameter out of bounds', 'genesis-parameters', (g) => withParameter(g, 'epochMs', 0)],
    ['that names an account twice', 'genesis-duplicate', (g) => doubled(g, 'accounts')],
    ['that names a maker twice', 'genesis-duplicate', (g) => doubled(g, 'makers')],
  ])('%s: %s', async (_what, code, change) => {
    const read = await readGenesisFile(await changed('genesis.json', change));
    expect(read.ok ? 'ok' : read.error.code).toBe(code);
  });

  it('that can not start a network starts no node', async () => {
    const read = await readConfigFile(join(dir, 'node.json'), nodeConfigSchema);
    if (!read.ok) throw new Error(read.error.message);
    const genesis = await changed('genesis.json', (g) => withParameter(g, 'miners', 0));
    const started = await runNode({ ...read.value, genesis, data: join(dir, 'other') }, () => {});
    expect(started).toMatchObject({ ok: false, error: { code: 'genesis-parameters' } });
  });
});

function withParameter(genesis: Json, name: string, value: number): Json {
  return { ...genesis, parameters: { ...(genesis.parameters as Json), [name]: value } };
}

function doubled(genesis: Json, name: string): Json {
  const list = genesis[name] as unknown[];
  return { ...genesis, [name]: [...list, list[0]] };
}
