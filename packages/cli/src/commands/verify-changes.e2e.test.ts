/** What `iotw verify` says of a network whose seeds came from a shared key and a public beacon, and whose nodes replaced their keys. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@iotw/adapters/mqtt/test-raw-client';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { type ApiServer, startApi } from '@iotw/api/server';
import { PUBLIC_BEACONS, publicRoundMs } from '@iotw/assignment/public-beacons';
import { fromHex, toHex, utf8 } from '@iotw/kernel/bytes';
import { verify as verifySignature } from '@iotw/kernel/ed25519';
import type { Store } from '@iotw/kernel/ports/store';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, signAs, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { BEACON_TABLE } from '@iotw/nodes/ledger-server/beacon-member';
import { rotateDigest } from '@iotw/protocol/digests';
import { NODE_ROLE, type Operation } from '@iotw/protocol/operations';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { encodeProposal, PROPOSAL_KIND } from '@iotw/protocol/proposals';
import { roundHash } from '@iotw/protocol/round';
import { signTransaction } from '@iotw/protocol/transaction';
import { NodeProcess } from '@iotw/runtime/node-process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotwJson } from '../test-io.js';

const BEACON = PUBLIC_BEACONS.find(({ name }) => name === 'drand quicknet')!;
const { round: ROUND, signature } = JSON.parse(
  readFileSync(new URL('../../../../spec/vectors/external/drand_beacons.json', import.meta.url), 'utf8'),
).quicknet.rounds[0] as { round: number; signature: string };

/** The process lives two minutes before drand published the round that its files hold. */
const SHIFT_MS = Date.now() - (publicRoundMs(BEACON, ROUND) - 120_000);
const clock = { nowMs: () => Date.now() - SHIFT_MS };
const { genesis, network } = new TestNetwork({
  genesis: {
    timeMs: clock.nowMs(),
    trustNodes: testGenesis().trustNodes.slice(0, 1),
    ledgerServers: testGenesis().ledgerServers.slice(0, 1),
    devices: [],
    committee: [keys('alice').publicKey],
    committeeThreshold: 1,
  },
  parameters: { epochMs: 1_000, seedSource: SEED_SOURCE.threshold, beaconStepMs: 2_000 },
});

let dir: string;
let store: Store;
let node: NodeProcess;
let api: ApiServer;
/** Names of the keys that the nodes' process holds: present and next. */
const held = { trust: ['trust0', 'second trust0'], ledger: ['ledger0', 'second ledger0'] } as const;
const pairs = ([present, next]: readonly [string, string]) => ({ keys: keys(present), nextKeys: keys(next) });
const sequences = new Map<string, number>();
/** Blocks by what had happened when they became final; transactions likewise. */
const places: Record<string, { readonly block: string; readonly id: string; readonly round: number }> = {};
let emergency: number;

async function open(): Promise<Store> {
  const lmdb = await openLmdbStore({ path: join(dir, 'ledger') });
  if (!lmdb.ok) throw new Error(lmdb.error.message);
  return lmdb.value;
}

async function start(): Promise<void> {
  store = await open();
  const opened = await NodeProcess.open({
    genesis,
    store,
    verifier: inlineVerifier(network),
    clock,
    trust: [{ index: 0, ...pairs(held.trust), accountKeys: keys('operator0') }],
    ledger: { index: 0, ...pairs(held.ledger), vrfKeys: vrfKeyPairFromSeed(sha256(utf8('vrf0'))) },
    onHalt: ({ code, message }) => {
      throw new Error(`${code}: ${message}`);
    },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  node = opened.value;
  await node.start();
}

async function stop(): Promise<void> {
  await node.stop();
  await store.close();
}

/** Sends one operation, waits until it took effect, and keeps its block under `name`. */
async function act(name: string, sender: string, made: (sequence: number) => Operation): Promise<void> {
  const sequence = (sequences.get(sender) ?? 0) + 1;
  sequences.set(sender, sequence);
  const pair = keys(sender);
  const content = { sender: pair.publicKey, sequence, operations: [made(sequence)], memo: utf8('') };
  const { envelope, id } = signTransaction(network, { ...content, expiryMs: clock.nowMs() + 600_000 }, pair);
  const offsets = Uint32Array.of(0, envelope.length);
  const outcome = await node.submit({ bytes: envelope, offsets }, 'final');
  if (!outcome.ok) throw new Error(outcome.error.message);
  expect(outcome.value.codes[0]).toBe(0);
  const { height } = node.ledger.lanes.read(0)!;
  places[name] = { block: `0/${height}`, id: toHex(id), round: node.ledger.round };
}

const rotation =
  (role: number, key: string) =>
  (sequence: number): Operation => {
    const content = { role, index: 0, key: keys(key).publicKey, linkKey: keys(`${key} link`).publicKey };
    const digest = rotateDigest(network, content, keys('operator0').publicKey, sequence);
    return { ...content, type: 'keyRotate', signature: signAs(key, digest) };
  };
const pay = (): Operation => ({ type: 'transfer', to: 1, amount: 1 });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-changes-'));
  await start();
  await until(() => node.ledger.epoch >= 2);
  await act('genesis keys', 'alice', pay);
  await stop();
  const disk = await open();
  await disk.commit([{ table: BEACON_TABLE, key: utf8('share'), value: undefined }]);
  await disk.close();
  await start();
  await until(() => node.ledger.epochDue(clock.nowMs() - 1_500));
  emergency = node.ledger.epoch + 1;
  const content = { epoch: emergency, chain: BEACON.chain, round: ROUND };
  const proposal = encodeProposal({ kind: 'emergencyBeacon', content });
  await act('vote', 'alice', () => ({
    type: 'propose',
    ...{ kind: PROPOSAL_KIND.emergencyBeacon, expiryEpoch: 100, content: proposal },
  }));
  await act('public value', 'operator0', () => ({ type: 'publicValue', value: fromHex(signature)! }));
  await until(() => node.ledger.epoch > emergency + 1);

  await act('trust key', 'operator0', rotation(NODE_ROLE.trust, 'second trust0'));
  await act('ledger key', 'operator0', rotation(NODE_ROLE.ledger, 'second ledger0'));
  const { epoch } = node.ledger;
  await act('at once', 'alice', pay);
  await until(() => node.ledger.epoch > epoch + 1);
  // A restart finds the old and the new keys in its file.
  await stop();
  await start();
  await act('second keys', 'alice', pay);
  const started = await startApi({
    backend: node,
    listen: { host: '127.0.0.1', port: 0 },
    indexStore: openMemoryStore(),
  });
  if (!started.ok) throw new Error(started.error.message);
  api = started.value;
  await api.index.caughtUp();
}, 60_000);
afterAll(async () => {
  await api?.close();
  await stop();
  rmSync(dir, { recursive: true, force: true });
});

interface Shown {
  readonly genuine: boolean;
  readonly randomness: string;
  readonly checks: readonly { readonly name: string; readonly state: string; readonly reason: string }[];
  readonly error?: { readonly code: string };
}

async function verify(...words: string[]): Promise<Shown> {
  const online = words.includes('--from') || words.includes('--genesis') ? [] : ['--api', api.url];
  const { value } = await iotwJson(['verify', ...words, '--network', toHex(network), ...online]);
  return value as unknown as Shown;
}
const failedOf = ({ checks }: Shown) => checks.filter(({ state }) => state === 'fail');
const stateOf = ({ checks }: Shown, name: string) => checks.find((check) => check.name === name)?.state;

describe('verifying single things from the genesis', () => {
  it.each(['genesis keys', 'public value', 'trust key', 'ledger key', 'at once', 'second keys'])(
    'blocks, elections, committees and receipts are good where nodes replaced their keys: %s',
    async (name) => {
      const { block, id } = places[name]!;
      for (const verb of ['block', 'election', 'committee']) {
        const shown = await verify(verb, block);
        expect(failedOf(shown), `${verb} ${block}`).toEqual([]);
        expect(stateOf(shown, 'round-signatures')).toBe('pass');
        expect(stateOf(shown, 'committee')).toBe('pass');
        expect(shown.genuine).toBe(true);
      }
      const receipt = await verify('receipt', id);
      expect(failedOf(receipt)).toEqual([]);
      expect(receipt).toMatchObject({ paid: true });
    },
  );

  it('every round since the rotation is signed by the key that it lists, with no restart in between', () => {
    const [old, now] = held.ledger.map((name) => keys(name).publicKey);
    const rotated = places['ledger key']!.round;
    for (let number = rotated - 1; number <= node.ledger.round; number++) {
      const { header, signatures } = node.round(number)!;
      const signer = number < rotated ? old! : now!;
      const [only] = signatures;
      expect(verifySignature(only!.signature, roundHash(network, header), signer), `round ${number}`).toBe(
        true,
      );
    }
    expect(node.ledger.round).toBeGreaterThan(places['at once']!.round);
  });

  it('every epoch’s seed: of the genesis, by the shared key, by the public value a vote named, by the key made after it', async () => {
    const seen: string[] = [];
    for (let epoch = 0; epoch <= node.ledger.epoch; epoch++) {
      const shown = await verify('beacon', String(epoch));
      expect(failedOf(shown), `epoch ${epoch}`).toEqual([]);
      expect(stateOf(shown, 'seed-chain'), `epoch ${epoch}`).toBe('pass');
      seen.push(shown.randomness);
    }
    // One ledger server holds the whole key.
    const expected = seen.map((_, epoch) =>
      epoch === 0 ? 'genesis' : epoch === emergency ? 'public' : 'operator-trusted',
    );
    expect(seen).toEqual(expected);
  });

  it('a receipt in a file is unknown by the genesis alone, and good with the changes in a file', async () => {
    const { block, id } = places['second keys']!;
    const [file, saved, first] = ['receipt.json', 'data.json', 'genesis.json'].map((name) => join(dir, name));
    writeFileSync(file!, await (await fetch(`${api.url}/v1/transactions/${id}/receipt`)).text());
    writeFileSync(first!, await (await fetch(`${api.url}/v1/genesis`)).text());
    await verify('block', block, '--save', saved!);
    const alone = await verify('receipt', file!, '--genesis', first!);
    expect(alone.error?.code).toBe('signers-unknown');
    const told = await verify('receipt', file!, '--genesis', first!, '--signers', saved!);
    expect(failedOf(told)).toEqual([]);
    expect(told).toMatchObject({ paid: true });
    const offline = await verify('block', block, '--from', saved!, '--genesis', first!);
    expect(failedOf(offline)).toEqual([]);

    // A server that hides the changes shows nothing: the newer keys are then nobody's.
    const data = JSON.parse(readFileSync(saved!, 'utf8'));
    const asked = data.blocks.filter(
      ({ round }: { round: number }) => round === places['second keys']!.round,
    );
    expect(asked.length).toBeLessThan(data.blocks.length);
    writeFileSync(saved!, JSON.stringify({ ...data, blocks: asked }));
    const hidden = await verify('block', block, '--from', saved!, '--genesis', first!);
    expect(hidden.error?.code).toBe('public-data-not-genuine');
    expect(stateOf(hidden, 'round-signatures')).toBe('fail');
  });
});
