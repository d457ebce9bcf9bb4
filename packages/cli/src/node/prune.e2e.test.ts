/** A node with a horizon, whose last epochs ended without a save of its large state, is killed in the middle of its pruning, and goes on where it was. */
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { sha256 } from '@iotw/kernel/sha256';
import { PAGE_ROWS } from '@iotw/ledger/tables/table';
import { firstStoredRound, prunedSlice } from '@iotw/nodes/ledger-server/prune';
import { storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { encodeAddress } from '@iotw/protocol/address';
import { networkId } from '@iotw/protocol/genesis';
import { NodeProcess } from '@iotw/runtime/node-process';
import { restoreLedger } from '@iotw/runtime/restore-ledger';
import { buildSigned } from '@iotw/sdk/transaction/build';
import { transfer } from '@iotw/sdk/transaction/money-operations';
import { afterAll, assert, beforeAll, expect, it, vi } from 'vitest';
import { Child } from '../devnet/child.js';
import { iotwJson } from '../test-io.js';
import { readGenesisFile } from './genesis-file.js';
import { identitiesOf } from './identities.js';
import { createNetwork } from './new-network.js';
import { nodeConfigSchema, nodeKeysSchema, readConfigFile } from './node-config.js';
import { submitBatch } from './test-split-network.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const DAY_MS = 86_400_000;
const EPOCHS = 6;
/** At their ends the state was saved; at those behind too much of it had changed for so few rounds. */
const SAVED = 3;
const PAYMENTS = 24;
/** More than a mebibyte of pages. */
const ACCOUNTS = 18_000;
const alice = keyPairFromSeed(new Uint8Array(32).fill(1));
const others = Array.from({ length: ACCOUNTS }, (_, i) => sha256(utf8(`account ${i}`)));
const bob = encodeAddress('tiotw', 0, keyPairFromSeed(new Uint8Array(32).fill(2)).publicKey);

let dir: string;
let network: Uint8Array;
let sequence = 0;
/** Last round and state of the history that was made. */
let stood: { readonly round: number; readonly stateHash: string };
const at = (name: string): string => join(dir, name);

function envelope(to: readonly (string | Uint8Array)[] = [bob]): Uint8Array {
  sequence += 1;
  const operations = to.map((recipient) => transfer(recipient, 1, 'tiotw'));
  const built = buildSigned(network, alice, { sequence, operations });
  assert(built.ok);
  return built.value.envelope;
}

/** Ten days of history, in which an epoch took a day. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-prune-'));
  const rich = { key: alice.publicKey, amount: 1_000_000_000 };
  const accounts = [rich, ...others.map((key) => ({ key, amount: 1 }))];
  const made = await createNetwork({ dir, name: 'prune', trustNodes: 1, apiPort: 0, mqttPort: 0, accounts });
  assert(made.ok);
  const json = JSON.parse(readFileSync(at('genesis.json'), 'utf8'));
  writeFileSync(at('genesis.json'), JSON.stringify({ ...json, timeMs: json.timeMs - 10 * DAY_MS }));
  const config = JSON.parse(readFileSync(at('node.json'), 'utf8'));
  writeFileSync(at('node.json'), JSON.stringify({ ...config, keep: { days: 3 } }));
  const [genesis, node, keys] = [
    await readGenesisFile(at('genesis.json')),
    await readConfigFile(at('node.json'), nodeConfigSchema),
    await readConfigFile(at('keys.json'), nodeKeysSchema),
  ];
  assert(genesis.ok && node.ok && keys.ok);
  network = networkId(genesis.value);
  const identities = identitiesOf(node.value, keys.value);
  const store = await openLmdbStore({ path: at('data/ledger') });
  assert(identities.ok && store.ok && identities.value.ledger !== undefined);
  let days = 10;
  const { trust, ledger } = identities.value;
  const opened = await NodeProcess.open({
    ...{ genesis: genesis.value, store: store.value, trust, ledger },
    verifier: inlineVerifier(network),
    clock: { nowMs: () => Date.now() - days * DAY_MS },
    onHalt: ({ code, message }) => {
      throw new Error(`${code}: ${message}`);
    },
  });
  assert(opened.ok);
  const past = opened.value;
  await past.start();
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let i = 0; i < PAYMENTS; i++) {
      const wide = i === 0 && epoch >= SAVED;
      const bytes = wide ? envelope(others.filter((_, at) => at % PAGE_ROWS === 0)) : envelope();
      const outcome = await past.submit({ bytes, offsets: Uint32Array.of(0, bytes.length) }, 'final');
      assert(outcome.ok && outcome.value.codes[0] === 0);
    }
    days -= 1;
    await vi.waitFor(() => expect(past.ledger.epoch).toBe(epoch + 1), { timeout: 10_000, interval: 5 });
  }
  await past.stop();
  stood = { round: past.ledger.round, stateHash: toHex(past.ledger.stateHash) };
  await store.value.close();
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Rounds on the disk of the node, which does not run: the first, and whether the rest has no gap and replays. */
async function onDisk(): Promise<{ first: number; saved: number; stateHash: string; round: number }> {
  const store = await openLmdbStore({ path: at('data/ledger') });
  const genesis = await readGenesisFile(at('genesis.json'));
  assert(store.ok && genesis.ok);
  const first = firstStoredRound(store.value)!;
  let next = first;
  for (const { header, input } of storedRounds(store.value)) {
    expect(header.number).toBe(next++);
    for (const { body } of input.blocks) expect(body.length).toBeGreaterThan(0);
  }
  const restored = await restoreLedger(store.value, genesis.value, {});
  assert(restored.ok);
  const { round, stateHash } = restored.value.ledger;
  await store.value.close();
  return { first, round, saved: restored.value.snapshotRound, stateHash: toHex(stateHash) };
}

const place = (data = 'data') => ['--data', at(data), '--genesis', at('genesis.json')];

async function started(failpoints = ''): Promise<Child> {
  process.env.IOTW_FAILPOINTS = failpoints;
  const node = new Child('node', MAIN, ['node', '--config', at('node.json'), '--json']);
  delete process.env.IOTW_FAILPOINTS;
  return node;
}

it('is audited, exported and imported where the state on disk is that of an epoch before the last', async () => {
  const { round, saved } = await onDisk();
  expect(round - saved).toBeGreaterThanOrEqual((EPOCHS - SAVED) * PAYMENTS);
  cpSync(at('data'), at('lagging'), { recursive: true });
  const store = await openLmdbStore({ path: at('lagging/ledger') });
  assert(store.ok);
  for (;;) {
    const { rounds, writes } = prunedSlice(store.value, saved);
    if (rounds.length === 0) break;
    assert((await store.value.commit(writes)).ok);
  }
  await store.value.close();
  const audited = await iotwJson(['ledger', 'audit', ...place('lagging')]);
  expect([audited.code, audited.value]).toEqual([
    0,
    expect.objectContaining({ from: saved, to: round, believed: expect.objectContaining({ round: saved }) }),
  ]);
  const out = ['--out', at('lagging.iotw')];
  const exported = await iotwJson(['ledger', 'export', ...place('lagging'), ...out]);
  expect([exported.code, exported.value]).toEqual([0, expect.objectContaining({ first: saved, round })]);
  const { roundHash } = exported.value as { roundHash: string };
  const words = ['ledger', 'import', '--in', at('lagging.iotw'), '--believe', roundHash];
  const imported = await iotwJson([...words, ...place('imported')]);
  expect([imported.code, imported.value]).toEqual([0, expect.objectContaining({ roundHash })]);
}, 60_000);

it('killed before a slice leaves the disk, and after one: what is left is whole, and the next start goes on', async () => {
  expect((await onDisk()).first).toBe(1);
  await (await started('runtime-prune=exit@1')).ended;
  expect(await onDisk()).toMatchObject({ first: 1 });
  await (await started('runtime-pruned=exit@1')).ended;
  const { first, round, stateHash } = await onDisk();
  // One slice is gone, and not all that is beyond the horizon.
  expect(first).toBeGreaterThan(1);
  expect(first).toBeLessThan(1 + 2 * PAYMENTS * 3);
  if (round === stood.round) expect(stateHash).toBe(stood.stateHash);
}, 60_000);

it('is audited from its first round on: held together by hashes up to the stored state, applied from there', async () => {
  const { first, round } = await onDisk();
  const { code, value } = await iotwJson(['ledger', 'audit', ...place()]);
  expect([code, value]).toEqual([0, expect.objectContaining({ from: first, to: round })]);
  const { believed } = value as { believed: { round: number } };
  expect(believed.round).toBeGreaterThan(first);
  expect(believed.round).toBeLessThanOrEqual(round);
}, 60_000);

it('is exported with the state that its rounds lead on from, and imported by whoever believes its last round', async () => {
  const before = await onDisk();
  const exported = await iotwJson(['ledger', 'export', ...place(), '--out', at('pruned.iotw')]);
  expect([exported.code, exported.value]).toEqual([
    0,
    expect.objectContaining({ first: before.first, round: before.round }),
  ]);
  const { roundHash } = exported.value as { roundHash: string };
  const words = ['ledger', 'import', '--in', at('pruned.iotw'), ...place('again')];
  for (const believe of [[], ['--believe', '00'.repeat(32)]]) {
    const refused = await iotwJson([...words, ...believe]);
    expect(refused.value.error).toMatchObject({ code: 'import-believe', data: { first: before.first } });
  }
  const imported = await iotwJson([...words, '--believe', roundHash]);
  expect([imported.code, imported.value]).toEqual([0, expect.objectContaining({ roundHash })]);
  rmSync(at('data'), { recursive: true });
  renameSync(at('again'), at('data'));
  expect(await onDisk()).toEqual(before);
  // The state on disk is the last round's: it ended no epoch, and stands for nothing that a reader could check.
  const again = await iotwJson(['ledger', 'export', ...place(), '--out', at('again.iotw')]);
  expect(again.value.error).toMatchObject({ code: 'export-state' });
}, 60_000);

it('ends with the rounds of the last days, serves them, and says of the others that they are pruned', async () => {
  const node = await started();
  const line = await node.first('ready');
  assert(line.ok);
  const api = line.value.apiUrl as string;
  // Ten days are over at once: with the epoch that ends now all of the past goes.
  await vi.waitFor(
    async () => {
      const status = await fetch(`${api}/v1/status`);
      const { firstRound } = (await status.json()) as { firstRound: number };
      expect(firstRound).toBeGreaterThan(stood.round - PAYMENTS);
    },
    { timeout: 30_000, interval: 100 },
  );
  const results = await submitBatch(api, [envelope()]);
  expect(results[0]).toMatchObject({ code: 'ok' });
  let first = 0;
  // Epochs go on ending: what the first answer names may be gone by the second.
  await vi.waitFor(async () => {
    const gone = await fetch(`${api}/v1/rounds/1`);
    const { code, data } = (await gone.json()) as { code: string; data: { first: number } };
    expect([gone.status, code]).toEqual([410, 'pruned']);
    first = data.first;
    expect(await (await fetch(`${api}/v1/rounds/${first}`)).json()).toMatchObject({ number: first });
  });
  await node.stop(5_000);
  expect((await onDisk()).first).toBeGreaterThanOrEqual(first);
}, 60_000);
