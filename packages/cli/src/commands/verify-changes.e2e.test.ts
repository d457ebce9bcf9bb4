/** What `iotw verify` says of a network whose seeds came from a shared key and a public beacon, and whose nodes replaced their keys. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@iotw/adapters/mqtt/test-raw-client';
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { type ApiServer, startApi } from '@iotw/api/server';
import { toHex } from '@iotw/kernel/bytes';
import { verify as verifySignature } from '@iotw/kernel/ed25519';
import { keys, signAs } from '@iotw/ledger/test-network';
import { rotateDigest } from '@iotw/protocol/digests';
import { NODE_ROLE, type Operation } from '@iotw/protocol/operations';
import { roundHash } from '@iotw/protocol/round';
import { LoneServer } from '@iotw/runtime/test-lone-server';
import { beaconNetwork, clock, nameRound, Sender, VALUE } from '@iotw/runtime/test-public-beacon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotwJson } from '../test-io.js';

const { genesis, network } = beaconNetwork(2_000);
/** The process holds the nodes' present and next keys. */
const server = new LoneServer({
  genesis,
  clock,
  trust: [
    { index: 0, keys: keys('trust0'), nextKeys: keys('second trust0'), accountKeys: keys('operator0') },
  ],
  nextKeys: keys('second ledger0'),
});
const { start, stop } = server;
const senders = new Sender(server, network);
let api: ApiServer;
let dir: string;
/** Blocks by what had happened when they became final; transactions likewise. */
const places: Record<string, { readonly block: string; readonly id: string; readonly round: number }> = {};
let emergency: number;

/** Sends one operation, waits until it took effect, and keeps its block under `name`. */
async function act(name: string, sender: string, made: (sequence: number) => Operation): Promise<void> {
  const { id, code } = await senders.send(sender, made);
  expect(code).toBe(0);
  const { ledger } = server.node;
  places[name] = { block: `0/${ledger.lanes.read(0)!.height}`, id: toHex(id), round: ledger.round };
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
  await until(() => server.node.ledger.epoch >= 2);
  await act('genesis keys', 'alice', pay);
  await stop();
  await server.loseShare();
  await start();
  await until(() => server.node.ledger.epochDue(clock.nowMs() - 1_500));
  emergency = server.node.ledger.epoch + 1;
  await act('vote', 'alice', () => nameRound(emergency));
  await act('public value', 'operator0', () => ({ type: 'publicValue', value: VALUE }));
  await until(() => server.node.ledger.epoch > emergency + 1);

  await act('trust key', 'operator0', rotation(NODE_ROLE.trust, 'second trust0'));
  await act('ledger key', 'operator0', rotation(NODE_ROLE.ledger, 'second ledger0'));
  const { epoch } = server.node.ledger;
  await act('at once', 'alice', pay);
  await until(() => server.node.ledger.epoch > epoch + 1);
  // A restart finds the old and the new keys in its file.
  await stop();
  await start();
  await act('second keys', 'alice', pay);
  const started = await startApi({
    backend: server.node,
    listen: { host: '127.0.0.1', port: 0 },
    indexStore: openMemoryStore(),
  });
  if (!started.ok) throw new Error(started.error.message);
  api = started.value;
  await api.index.caughtUp();
}, 60_000);
afterAll(async () => {
  await api?.close();
  await server.remove();
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
    const [old, now] = ['ledger0', 'second ledger0'].map((name) => keys(name).publicKey);
    const rotated = places['ledger key']!.round;
    // The ledger itself may be rounds ahead of what is durable.
    let number = rotated - 1;
    for (
      let record = server.node.history.round(number);
      record !== undefined;
      record = server.node.history.round(++number)
    ) {
      const { header, signatures } = record;
      const signer = number < rotated ? old! : now!;
      const [only] = signatures;
      expect(verifySignature(only!.signature, roundHash(network, header), signer), `round ${number}`).toBe(
        true,
      );
    }
    expect(number - 1).toBeGreaterThan(places['at once']!.round);
  });

  it('every epoch’s seed: of the genesis, by the shared key, by the public value a vote named, by the key made after it', async () => {
    const seen: string[] = [];
    for (let epoch = 0; epoch <= server.node.ledger.epoch; epoch++) {
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
