import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { keys, testGenesis } from '@iotw/ledger/test-network';
import { genesisOrigin } from '@iotw/nodes/engine/origin';
import { VALIDATOR_POWER } from '@iotw/protocol/engine-chain';
import { networkId } from '@iotw/protocol/genesis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainIdOf, type HomePlan, writeHome } from './home.js';

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), 'iotw-home-')), 'home');
});
afterEach(() => rmSync(join(home, '..'), { recursive: true, force: true }));

const genesis = testGenesis();
const origin = genesisOrigin(genesis);
const plan: HomePlan = {
  network: networkId(genesis),
  origin,
  index: 0,
  keys: keys('ledger0'),
  linkSeed: sha256(utf8('ledger-link0')),
  listen: { host: '127.0.0.1', port: 26_656 },
  peers: [{ server: 1, host: 'ledger-1.example.net', port: 26_656 }],
  abciSocket: '/tmp/a.sock',
  rpcSocket: '/tmp/rpc.sock',
  times: { proposeMs: 1_500, voteMs: 500 },
};
const text = (name: string): string => readFileSync(join(home, name), 'utf8');
const parsed = (name: string) => JSON.parse(text(name));

describe("CometBFT's home", () => {
  it('is derived from genesis and keys, for the eyes of its owner only', async () => {
    expect((await writeHome(home, plan)).ok).toBe(true);
    const { chain_id, validators, app_state, genesis_time } = parsed('config/genesis.json');
    expect(chain_id).toBe(chainIdOf(plan.network, origin));
    expect(chain_id.length).toBeLessThanOrEqual(50);
    expect(app_state).toEqual({ network: toHex(plan.network), round: '0', hash: toHex(plan.network) });
    expect(Date.parse(genesis_time)).toBe(genesis.timeMs);
    expect(validators.map((one: { pub_key: { value: string } }) => one.pub_key.value)).toEqual(
      genesis.ledgerServers.map(({ key }) => Buffer.from(key).toString('base64')),
    );
    const { priv_key, pub_key, address } = parsed('config/priv_validator_key.json');
    expect(Buffer.from(priv_key.value, 'base64')).toEqual(Buffer.from(plan.keys.secretKey));
    expect(pub_key).toEqual(validators[0].pub_key);
    expect(address).toBe(validators[0].address);
    const peer = toHex(sha256(genesis.ledgerServers[1]!.linkKey).subarray(0, 20));
    expect(text('config/config.toml')).toContain(`persistent_peers = "${peer}@ledger-1.example.net:26656"`);
    expect(text('config/config.toml')).toContain('type = "nop"');
    for (const name of ['config/priv_validator_key.json', 'config/node_key.json'])
      expect(statSync(join(home, name)).mode & 0o077).toBe(0);
  });

  it('knows the others by their link keys of now; a validator’s key that may still vote stays', async () => {
    const peers = (): string => /persistent_peers = "(.*)"/.exec(text('config/config.toml'))![1]!;
    const linkKeys = [keys('link0').publicKey, keys('second link1').publicKey];
    const key = (): string => parsed('config/priv_validator_key.json').priv_key.value;
    const of = (name: string): string => Buffer.from(keys(name).secretKey).toString('base64');
    // There is none yet: then it is written all the same.
    await writeHome(home, { ...plan, linkKeys, keepValidatorKey: true });
    expect(peers()).toBe(`${toHex(sha256(linkKeys[1]!).subarray(0, 20))}@ledger-1.example.net:26656`);
    expect(key()).toBe(of('ledger0'));
    await writeHome(home, { ...plan, keys: keys('second0'), keepValidatorKey: true });
    expect(key()).toBe(of('ledger0'));
    await writeHome(home, { ...plan, keys: keys('second0') });
    expect(key()).toBe(of('second0'));
  });

  it('answers its own server alone and joins by blocks, unless it is told where and from what height', async () => {
    await writeHome(home, plan);
    expect(text('config/config.toml')).toMatch(/\[rpc\]\nladdr = "unix:\/\/\/tmp\/rpc.sock"\n/);
    expect(text('config/config.toml')).toMatch(/\[statesync\]\nenable = false\n/);
    const rpcServers = ['http://ledger-1.example.net:26657', 'http://ledger-2.example.net:26657'];
    const stateSync = { trustHeight: 12, trustHash: 'AB'.repeat(32), rpcServers };
    await writeHome(home, { ...plan, rpc: { host: '127.0.0.1', port: 26_657 }, stateSync });
    const config = text('config/config.toml');
    expect(config).toContain('laddr = "unix:///tmp/rpc.sock,tcp://127.0.0.1:26657"');
    expect(config).toContain(
      `enable = true\nrpc_servers = "${rpcServers.join(',')}"\ntrust_height = 12\ntrust_hash = "${'AB'.repeat(32)}"\ntrust_period = "24h0m0s"`,
    );
  });

  it.each([
    [1, true],
    [2, true],
    [3, true],
    [4, false],
    [5, false],
    [7, false],
    [100, false],
  ])('of %i servers, CometBFT takes one for indispensable: %s', async (servers, indispensable) => {
    const many = Array.from({ length: servers }, () => origin.servers[0]!);
    await writeHome(home, { ...plan, origin: { ...origin, servers: many }, peers: [] });
    const powers = parsed('config/genesis.json').validators.map((one: { power: string }) =>
      Number(one.power),
    );
    expect(powers).toEqual(Array(servers).fill(VALIDATOR_POWER));
    // blocksync/reactor.go, localNodeBlocksTheChain: integers. Where it holds, missed blocks are not fetched first.
    expect(VALIDATOR_POWER >= Math.floor((servers * VALIDATOR_POWER) / 3)).toBe(indispensable);
  });

  it('of a ledger that was carried over: servers, keys and time of its origin, a name of that round alone', async () => {
    const servers = [3, 4, 5, 6].map((i) => ({
      key: keys(`admitted${i}`).publicKey,
      linkKey: keys(`admitted-link${i}`).publicKey,
    }));
    const later = {
      ...origin,
      round: 7,
      timeMs: origin.timeMs + 90_000,
      hash: keys('hash').publicKey,
      servers,
    };
    await writeHome(home, { ...plan, origin: later, peers: [{ server: 3, host: 'h', port: 1 }] });
    const { chain_id, validators, genesis_time } = parsed('config/genesis.json');
    expect(Date.parse(genesis_time)).toBe(later.timeMs);
    expect(validators).toHaveLength(4);
    expect(validators[3].pub_key.value).toBe(Buffer.from(servers[3]!.key).toString('base64'));
    const peer = toHex(sha256(servers[3]!.linkKey).subarray(0, 20));
    expect(text('config/config.toml')).toContain(`persistent_peers = "${peer}@h:1"`);
    const names = [origin, later, { ...later, round: 8 }, { ...later, hash: plan.network }].map((one) =>
      chainIdOf(plan.network, one),
    );
    expect(new Set([...names, chainIdOf(keys('other').publicKey, later)]).size).toBe(5);
    expect(names[1]).toBe(chain_id);
    for (const name of names) expect(name).toMatch(/^iotw-[0-9a-f]{40}$/);
  });

  it('keeps the record of what was signed, whatever else is written anew', async () => {
    await writeHome(home, plan);
    const record = join(home, 'data', 'priv_validator_state.json');
    expect(parsed('data/priv_validator_state.json')).toEqual({ height: '0', round: 0, step: 0 });
    writeFileSync(record, '{"height":"9","round":0,"step":3}');
    await writeHome(home, { ...plan, peers: [] });
    expect(text('data/priv_validator_state.json')).toBe('{"height":"9","round":0,"step":3}');
    expect(text('config/config.toml')).toContain('persistent_peers = ""');
  });

  it.each([[0], [2], [99]])('refuses ledger:%i as a peer of ledger:0 in a network of two', async (server) => {
    const peers = [{ server, host: 'h', port: 1 }];
    expect(await writeHome(home, { ...plan, peers })).toMatchObject({ error: { code: 'cometbft-peer' } });
    expect(existsSync(home)).toBe(false);
  });

  it('says where it can not be written', async () => {
    writeFileSync(home, '');
    expect(await writeHome(home, plan)).toMatchObject({ error: { code: 'cometbft-home' } });
  });
});
