/** A network of one embedded ledger server admits three more by vote, is carried over, and goes on with all four on CometBFT. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { freePorts } from '@iotw/adapters/free-ports';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeAddress } from '@iotw/protocol/address';
import { RESULT_CODES } from '@iotw/protocol/result';
import { buildSigned } from '@iotw/sdk/transaction/build';
import { transfer } from '@iotw/sdk/transaction/money-operations';
import { afterAll, assert, beforeAll, describe, expect, it, vi } from 'vitest';
import { createNetwork } from '../node/new-network.js';
import { type NodeConfig, nodeConfigSchema, readConfigFile } from '../node/node-config.js';
import { type RunningNode, runNode } from '../node/run-node.js';
import { iotwJson } from '../test-io.js';

const HOST = '127.0.0.1';
const SERVERS = 4;
const everybody = Array.from({ length: SERVERS }, (_, i) => i);
const WAIT = { timeout: 90_000, interval: 100 };
const binary = cometBftForTests();
const alice = keyPairFromSeed(new Uint8Array(32).fill(1));

let dir: string;
let ports: number[];
let origin: Record<string, unknown>;
const nodes = new Map<number, RunningNode>();
const faults: string[] = [];
/** Ids of payments, by sequence. */
const ids = new Map<number, string>();
const at = (...path: string[]): string => join(dir, ...path);
const dataOf = (server: number): string =>
  server === 0 ? at('network', 'data') : at(`ledger-${server}`, 'data');
const GENESIS = (): string => at('network', 'genesis.json');

async function command(...words: string[]): Promise<Record<string, unknown>> {
  const { code, value } = await iotwJson(words);
  expect(code, JSON.stringify(value)).toBe(0);
  return value;
}

async function start(server: number, config: NodeConfig): Promise<RunningNode> {
  const node = await runNode(
    config,
    ({ code, message }) => faults.push(`ledger:${server} HALTED ${code}: ${message}`),
    () => {},
    (line) => faults.push(`ledger:${server} ${line}`),
  );
  assert(node.ok, node.ok ? '' : `${node.error.code}: ${node.error.message}`);
  nodes.set(server, node.value);
  return node.value;
}

async function stop(server: number): Promise<void> {
  const node = nodes.get(server)!;
  nodes.delete(server);
  await node.stop();
}

const linkOf = (i: number) => ({ peer: `ledger:${i}`, host: HOST, port: ports[i]! });
const cometOf = (i: number) => ({ server: i, host: HOST, port: ports[SERVERS + i]! });

/** The configuration that was there; of server 0 as of a lonely server. */
async function configOf(server: number): Promise<NodeConfig> {
  const path = server === 0 ? at('network', 'node.json') : at(`ledger-${server}`, 'node.json');
  const config = await readConfigFile(path, nodeConfigSchema);
  assert(config.ok, config.ok ? '' : config.error.message);
  return config.value;
}

/** What an operator adds to server 0's. Its trust node meets the others' ledger servers. */
async function togetherOf(server: number): Promise<NodeConfig> {
  const config = await configOf(server);
  if (server > 0) return { ...config, cometbft: { ...config.cometbft!, file: binary! } };
  const others = everybody.slice(1);
  return {
    ...config,
    mesh: [
      { self: 'ledger:0', listen: { host: HOST, port: ports[0]! }, peers: [] },
      { self: 'trust:0', peers: others.map(linkOf) },
    ],
    cometbft: { file: binary!, listen: { host: HOST, port: ports[SERVERS]! }, peers: others.map(cometOf) },
  };
}

const startTogether = async (server: number): Promise<RunningNode> => start(server, await togetherOf(server));

function payment(sequence: number, to: Uint8Array, amount: number) {
  const operations = [transfer(encodeAddress('tiotw', 0, to), amount, 'tiotw')];
  const signed = buildSigned(nodes.get(0)!.network, alice, { sequence, operations });
  assert(signed.ok);
  return signed.value;
}

/** Handed in at server 0; final with result `ok`. */
async function pay(
  sequence: number,
  to = keyPairFromSeed(new Uint8Array(32).fill(2)).publicKey,
  amount = 1_000,
) {
  const { envelope, id } = payment(sequence, to, amount);
  const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
  const outcome = await nodes.get(0)!.process.submit(run, 'final');
  expect(outcome).toMatchObject({ ok: true });
  ids.set(sequence, toHex(id));
}

async function receiptOf(sequence: number): Promise<Buffer> {
  const response = await fetch(`${nodes.get(0)!.apiUrl}/v1/transactions/${ids.get(sequence)}/receipt`, {
    headers: { accept: 'application/octet-stream' },
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** Every running server comes to have this round on its disk, and all have the same one. */
async function allReach(round: number): Promise<void> {
  await vi.waitFor(() => {
    const hashes = [...nodes.values()].map(({ process }) => process.history.round(round)?.header.stateHash);
    expect(hashes, faults.slice(-6).join('\n')).not.toContain(undefined);
    expect(new Set(hashes.map((hash) => toHex(hash!))).size).toBe(1);
  }, WAIT);
}

/** As its operator makes it. */
async function makeLedgerServer(server: number): Promise<void> {
  const text = ({ host, port }: { host: string; port: number }, i: number) => `ledger:${i}=${host}:${port}`;
  const peers = everybody.flatMap((i) => [
    ...(i < server ? ['--peer', text(linkOf(i), i)] : []),
    ...(i === server ? [] : ['--comet-peer', text(cometOf(i), i)]),
  ]);
  await command(
    ...['genesis', 'ledger-server', '--genesis', GENESIS(), '--dir', at(`ledger-${server}`)],
    ...['--index', String(server), '--region', 'frankfurt', '--cloud', 'cloud-east'],
    ...['--mesh-port', String(ports[server]), '--comet-port', String(ports[SERVERS + server]), ...peers],
  );
}

describe.skipIf(binary === undefined)('a ledger of one embedded server', () => {
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'iotw-migrate-'));
    ports = await freePorts(HOST, 2 * SERVERS);
    const accounts = [{ key: alice.publicKey, amount: 1_000_000_000_000 }];
    const made = await createNetwork({
      ...{ dir: at('network'), name: 'migrated', trustNodes: 1, apiPort: 0, mqttPort: 0, accounts },
      epochMs: 2_000,
    });
    assert(made.ok);
  });
  afterAll(async () => {
    await Promise.all([...nodes.keys()].map(stop));
    rmSync(dir, { recursive: true, force: true });
  });

  it('admits three more by vote', { timeout: 90_000 }, async () => {
    const { apiUrl, process } = await start(0, await configOf(0));
    const member = (i: number): string => at('network', 'committee', `${i}.key`);
    for (const i of [0, 1]) {
      const text = readFileSync(member(i), 'utf8').trim();
      const { publicKey } = keyPairFromSeed(new Uint8Array(Buffer.from(text, 'hex')));
      await pay(i + 1, publicKey, 10_000_000_000);
    }
    for (const server of everybody.slice(1)) {
      await makeLedgerServer(server);
      const content = `@${at(`ledger-${server}`, 'admission.json')}`;
      const api = ['--api', apiUrl!];
      const proposal = (...words: string[]) => command('proposal', ...words, ...api);
      await proposal('create', 'ledgerServerAdmit', content, '--signer-key-file', member(0));
      const { items } = (await proposal('list')) as { items: { number: number }[] };
      const number = String(Math.max(...items.map((item) => item.number)));
      await proposal('vote', number, '--yes', '--signer-key-file', member(1));
      // The numbers are given in the order in which the votes are adopted, at an epoch's edge.
    }
    await vi.waitFor(() => expect(process.ledger.ledgerServers.rows).toBe(SERVERS), WAIT);
    await pay(3);
    writeFileSync(at('receipt'), await receiptOf(1));
    await stop(0);
  });

  it('is on no other engine before it is carried over', async () => {
    const refused = await runNode(await togetherOf(0), () => {});
    expect(refused).toMatchObject({ error: { code: 'engine-embedded' } });
  });

  it('is carried over to the others with the same state root', { timeout: 60_000 }, async () => {
    const before = await command('ledger', 'export', '--data', dataOf(0), '--out', at('before.iotw'));
    origin = await command('ledger', 'migrate', '--data', dataOf(0));
    expect(origin).toMatchObject({ round: before.round, stateRoot: before.stateRoot });
    expect(origin.servers).toHaveLength(SERVERS);
    const file = at('ledger.iotw');
    const exported = await command('ledger', 'export', '--data', dataOf(0), '--out', file);
    expect(exported).toMatchObject({ stateRoot: before.stateRoot, roundHash: before.roundHash });
    for (const server of everybody.slice(1)) {
      const words = ['--in', file, '--data', dataOf(server), '--genesis', GENESIS()];
      expect(await command('ledger', 'import', ...words)).toMatchObject({
        network: before.network,
        round: before.round,
        stateRoot: before.stateRoot,
      });
    }
    expect(await runNode(await configOf(0), () => {})).toMatchObject({ error: { code: 'engine-cometbft' } });
  });

  it('goes on with all four: sequences, epochs and receipts', { timeout: 120_000 }, async () => {
    await Promise.all(everybody.map(startTogether));
    const { process } = nodes.get(0)!;
    const epoch = process.ledger.epoch;
    const { envelope } = payment(3, alice.publicKey, 5);
    const used = await process.submit(
      { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) },
      'final',
    );
    expect(used.ok && [...used.value.codes]).toEqual([RESULT_CODES['sequence-used']]);
    for (const sequence of [4, 5, 6]) await pay(sequence);
    await allReach(process.ledger.round);
    // The seeds of an epoch's turn come from all of them.
    await vi.waitFor(() => {
      for (const { process: one } of nodes.values())
        expect(one.ledger.epoch, faults.slice(-6).join('\n')).toBeGreaterThanOrEqual(epoch + SERVERS + 1);
    }, WAIT);
    // What was final before is proven by what it was signed with then.
    expect(await receiptOf(1)).toEqual(readFileSync(at('receipt')));
    await command('verify', 'receipt', at('receipt'), '--genesis', GENESIS());
    expect(faults.filter((fault) => fault.includes('HALTED'))).toEqual([]);
  });

  it('has its new receipts proven by the commits of all four, from a block that somebody trusts', {
    timeout: 60_000,
  }, async () => {
    const { apiUrl } = nodes.get(0)!;
    const first = (await (await fetch(`${apiUrl}/v1/commits/1`)).json()) as { blockHash: string };
    const trusted = ['--genesis', GENESIS(), '--trust-height', '1', '--trust-hash', first.blockHash];
    const saved = at('mesh-receipt');
    await command('verify', 'receipt', ids.get(6)!, '--api', apiUrl!, ...trusted, '--save', saved);
    const proven = await command('verify', 'receipt', saved, ...trusted);
    expect(proven).toMatchObject({ paid: true });
    // The genesis knows neither the chain that began later nor its servers.
    const { value } = await iotwJson(['verify', 'receipt', saved, '--genesis', GENESIS()]);
    const refused = { name: 'commit', state: 'fail', code: 'light-chain' };
    expect(value).toMatchObject({ checks: expect.arrayContaining([expect.objectContaining(refused)]) });
  });

  it('bears the loss of one, which comes back from the same file', { timeout: 120_000 }, async () => {
    await stop(3);
    rmSync(dataOf(3), { recursive: true });
    for (const sequence of [7, 8]) await pay(sequence);
    const round = nodes.get(0)!.process.ledger.round;
    const words = ['--in', at('ledger.iotw'), '--data', dataOf(3), '--genesis', GENESIS()];
    await command('ledger', 'import', ...words);
    await startTogether(3);
    await allReach(round);
    await pay(9);
    await allReach(nodes.get(0)!.process.ledger.round);
  });

  it('is right from the genesis on, as every one of them holds it', { timeout: 60_000 }, async () => {
    await Promise.all(everybody.map(stop));
    const audited = await command('ledger', 'audit', '--data', dataOf(2), '--genesis', GENESIS());
    expect(audited.to).toBeGreaterThan(origin.round as number);
    expect(
      await command(
        'ledger',
        'export',
        '--data',
        dataOf(1),
        '--genesis',
        GENESIS(),
        '--out',
        at('again.iotw'),
      ),
    ).toMatchObject({ round: origin.round });
    expect(readFileSync(at('again.iotw'))).toEqual(readFileSync(at('ledger.iotw')));
    const all = ['--all', '--data', dataOf(1), '--genesis', GENESIS(), '--out', at('all.iotw')];
    const exported = await command('ledger', 'export', ...all);
    expect(exported.round).toBeGreaterThanOrEqual(audited.to as number);
  });
});
