import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkKeyPair } from '@iotw/adapters/mesh/link-certificate';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { afterAll, assert, beforeAll, expect, it } from 'vitest';
import { createNetwork } from '../node/new-network.js';
import { nodeConfigSchema, nodeKeysSchema, readConfigFile } from '../node/node-config.js';
import { iotwJson } from '../test-io.js';

let dir: string;
const at = (...path: string[]): string => join(dir, ...path);
const made = (name: string, ...more: string[]) =>
  iotwJson([
    ...['genesis', 'ledger-server', '--genesis', at('network', 'genesis.json'), '--dir', at(name)],
    ...['--index', '2', '--cloud', 'cloud-east', ...more],
  ]);
const PEERS = ['--peer', 'ledger:0=l0.example.net:7100', '--comet-peer', 'ledger:0=l0.example.net:26656'];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-new-ledger-server-'));
  const shape = { dir: at('network'), name: 'n', trustNodes: 1, apiPort: 0, mqttPort: 0, accounts: [] };
  assert((await createNetwork(shape)).ok);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('makes keys, a configuration that a node takes, and a proposal of the public keys alone', async () => {
  const { code, value } = await made('ledger-2', '--region', 'frankfurt', ...PEERS);
  expect(code, JSON.stringify(value)).toBe(0);
  expect(readdirSync(at('ledger-2')).sort()).toEqual([
    'account.key',
    'admission.json',
    'keys.json',
    'node.json',
  ]);
  for (const name of readdirSync(at('ledger-2'))) expect(statSync(at('ledger-2', name)).mode & 0o077).toBe(0);
  const keys = await readConfigFile(at('ledger-2', 'keys.json'), nodeKeysSchema);
  assert(keys.ok && keys.value.ledger !== undefined);
  const { index, seed, vrfSeed, linkSeed } = keys.value.ledger;
  const seedOf = (hex: string): Uint8Array => fromHex(hex, 32)!;
  expect(index).toBe(2);
  const admission = readFileSync(at('ledger-2', 'admission.json'), 'utf8');
  expect(JSON.parse(admission)).toMatchObject({
    key: toHex(keyPairFromSeed(seedOf(seed)).publicKey),
    vrfKey: toHex(vrfKeyPairFromSeed(seedOf(vrfSeed)).publicKey),
    linkKey: toHex(linkKeyPair(seedOf(linkSeed)).publicKey),
  });
  const account = readFileSync(at('ledger-2', 'account.key'), 'utf8').trim();
  for (const secret of [seed, vrfSeed, linkSeed, account]) expect(admission).not.toContain(secret);
  const config = await readConfigFile(at('ledger-2', 'node.json'), nodeConfigSchema);
  expect(config).toMatchObject({
    ok: true,
    value: {
      roles: ['ledger'],
      mesh: [{ self: 'ledger:2', peers: [{ peer: 'ledger:0', host: 'l0.example.net', port: 7_100 }] }],
      cometbft: { peers: [{ server: 0, host: 'l0.example.net', port: 26_656 }] },
    },
  });
});

it.each<[name: string, more: string[], code: string]>([
  ['a region that there is not', ['--region', 'nowhere'], 'node-place'],
  ['a peer in another form', ['--region', 'frankfurt', '--peer', 'l0:7100'], 'node-peer'],
  ['a peer that is no node', ['--region', 'frankfurt', '--peer', 'api:0=h:1'], 'node-peer'],
  ['a port that there is not', ['--region', 'frankfurt', '--comet-peer', 'ledger:0=h:99999'], 'node-peer'],
])('refuses %s and makes nothing', async (_, more, code) => {
  expect(await made('refused', ...more)).toMatchObject({ code: 1, value: { error: { code } } });
  expect(readdirSync(dir)).not.toContain('refused');
});

it('overwrites nothing', async () => {
  const before = readFileSync(at('ledger-2', 'keys.json'));
  expect(await made('ledger-2', '--region', 'frankfurt')).toMatchObject({
    value: { error: { code: 'genesis-exists' } },
  });
  expect(readFileSync(at('ledger-2', 'keys.json'))).toEqual(before);
});
