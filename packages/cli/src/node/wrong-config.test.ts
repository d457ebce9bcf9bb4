/** What a node says of a configuration that can't work, before it signs anything. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotwJson } from '../test-io.js';
import type { NodeConfig, NodeKeys } from './node-config.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-config-'));
  const words = ['--dir', join(dir, 'network'), '--trust-nodes', '2', '--api-port', '0', '--mqtt-port', '0'];
  expect((await iotwJson(['genesis', 'create', ...words])).code).toBe(0);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const read = (name: string) => JSON.parse(readFileSync(join(dir, 'network', name), 'utf8'));

/** Starts a node with changed files; its refusal. */
async function refusal(
  change: (config: Mutable<NodeConfig>, keys: Mutable<NodeKeys>) => void,
): Promise<{ code: string; message: string }> {
  const [config, keys] = [read('node.json'), read('keys.json')];
  config.keys = join(dir, 'keys.json');
  change(config, keys);
  writeFileSync(join(dir, 'keys.json'), JSON.stringify(keys));
  writeFileSync(join(dir, 'node.json'), JSON.stringify(config));
  const { code, value } = await iotwJson(['node', '--config', join(dir, 'node.json')]);
  expect(code).toBe(1);
  return value.error as { code: string; message: string };
}

const OTHER = '11'.repeat(32);

describe('a node refuses', () => {
  const table: [name: string, change: Parameters<typeof refusal>[0], code: string, says: string][] = [
    [
      'a horizon that is too short to punish a double signature',
      (config) => {
        config.keep = { days: 2 };
      },
      'config-invalid',
      'keep.days',
    ],
    [
      'an app and a signer of one origin, where the app could reach the keys',
      (config) => {
        config.api = {
          ...config.api!,
          public: { app: 'https://iotw.example', signer: 'https://iotw.example' },
        };
      },
      'config-invalid',
      'api.public',
    ],
    [
      'a public origin with a path',
      (config) => {
        config.api = {
          ...config.api!,
          public: { app: 'https://iotw.example/app', signer: 'https://sign.iotw.example' },
        };
      },
      'config-invalid',
      'api.public.app',
    ],
    [
      "another trust node's key",
      (_, keys) => {
        keys.trust = keys.trust.map((node) => ({ ...node, seed: OTHER }));
      },
      'node-key-wrong',
      'trust node 0',
    ],
    [
      "another ledger server's key",
      (_, keys) => {
        keys.ledger = { ...keys.ledger!, seed: OTHER };
      },
      'node-key-wrong',
      'ledger server 0',
    ],
    [
      'another VRF key',
      (_, keys) => {
        keys.ledger = { ...keys.ledger!, vrfSeed: OTHER };
      },
      'node-key-wrong',
      'ledger server 0',
    ],
    [
      'a node that the network does not have',
      (_, keys) => {
        keys.trust = [...keys.trust, { ...keys.trust[0]!, index: 7 }];
      },
      'node-key-wrong',
      'trust node 7, the network has 2',
    ],
    [
      'a key that is no hex',
      (_, keys) => {
        keys.trust = [{ ...keys.trust[0]!, seed: 'secret' }];
      },
      'config-invalid',
      'trust.0.seed',
    ],
    [
      'TLS for devices without a key for it',
      (_, keys) => {
        keys.trust = keys.trust.map(({ tlsSeed: _seed, ...node }) => node);
      },
      'config-invalid',
      'tlsSeed',
    ],
    [
      'an unknown member',
      (config) => {
        Object.assign(config, { colour: 'red' });
      },
      'config-invalid',
      'colour',
    ],
    [
      'a genesis that is not there',
      (config) => {
        config.genesis = join(dir, 'none.json');
      },
      'config-unreadable',
      'none.json',
    ],
    [
      'an API without an address',
      (config) => {
        delete (config as { api?: unknown }).api;
      },
      'config-invalid',
      'api',
    ],
  ];
  for (const [name, change, code, says] of table) {
    it(name, async () => {
      const error = await refusal(change);
      expect(error.code).toBe(code);
      expect(error.message).toContain(says);
      expect(error.message).not.toContain(OTHER);
    });
  }

  it('a taken API port, a taken MQTT port', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const at = { host: '127.0.0.1', port };
    expect((await refusal((config) => Object.assign(config, { api: at }))).code).toBe('api-port-taken');
    const mqtt = [{ trustNode: 0, tcp: at }];
    expect((await refusal((config) => Object.assign(config, { mqtt }))).code).toBe('mqtt-port-taken');
    await new Promise((resolve) => server.close(resolve));
  });

  it('the data of another network', async () => {
    const words = ['--dir', join(dir, 'second'), '--trust-nodes', '2', '--api-port', '0', '--mqtt-port', '0'];
    await iotwJson(['genesis', 'create', ...words]);
    const second = JSON.parse(readFileSync(join(dir, 'second', 'node.json'), 'utf8')) as NodeConfig;
    // Every start above has claimed the first network's directory.
    const error = await refusal((config) =>
      Object.assign(config, { genesis: second.genesis, keys: second.keys }),
    );
    expect(error.code).toBe('store-network');
  });
});
