import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heightWrite } from '@iotw/adapters/cometbft/position';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import type { Store } from '@iotw/kernel/ports/store';
import { restoreLedger } from '@iotw/nodes/ledger-server/restore';
import { encodeRound, roundKey, roundWrites, storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { encodeAddress } from '@iotw/protocol/address';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { buildSigned } from '@iotw/sdk/transaction/build';
import { transfer } from '@iotw/sdk/transaction/money-operations';
import fc from 'fast-check';
import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest';
import { readGenesisFile } from '../node/genesis-file.js';
import { createNetwork } from '../node/new-network.js';
import { nodeConfigSchema, readConfigFile } from '../node/node-config.js';
import { type RunningNode, runNode } from '../node/run-node.js';
import { iotw, iotwJson } from '../test-io.js';
import { exportLedger } from './export-ledger.js';
import { importLedger } from './import-ledger.js';
import { openLedgerFile } from './read-ledger-file.js';

const alice = keyPairFromSeed(new Uint8Array(32).fill(1));
const bob = encodeAddress('tiotw', 0, keyPairFromSeed(new Uint8Array(32).fill(2)).publicKey);

let dir: string;
let genesis: Genesis;
const at = (...path: string[]): string => join(dir, ...path);
const GENESIS = ['--genesis', 'G'];

async function start(data: string): Promise<RunningNode> {
  const config = await readConfigFile(at('network', 'node.json'), nodeConfigSchema);
  assert(config.ok);
  const node = await runNode({ ...config.value, data }, () => {});
  assert(node.ok, node.ok ? '' : `${node.error.code}: ${node.error.message}`);
  return node.value;
}

async function pay(node: RunningNode, sequence: number, amount = 1_000): Promise<void> {
  const signed = buildSigned(node.network, alice, { sequence, operations: [transfer(bob, amount, 'tiotw')] });
  assert(signed.ok);
  const { envelope } = signed.value;
  const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
  expect(await node.process.submit(run, 'final')).toMatchObject({ ok: true });
}

const words = (...given: string[]): string[] =>
  given.map((word) => (word === 'G' ? at('network', 'genesis.json') : word));
const exported = (data: string, out: string) =>
  iotwJson(words('ledger', 'export', '--data', data, '--out', out, ...GENESIS));
const imported = (file: string, data: string) =>
  iotwJson(words('ledger', 'import', '--in', file, '--data', data, '--workers', '1', ...GENESIS));

async function withStore<T>(data: string, use: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await openLmdbStore({ path: join(data, 'ledger') });
  assert(store.ok, store.ok ? '' : store.error.message);
  try {
    return await use(store.value);
  } finally {
    await store.value.close();
  }
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-ledger-file-'));
  const accounts = [{ key: alice.publicKey, amount: 1_000_000_000 }];
  for (const name of ['network', 'other']) {
    const shape = { dir: at(name), name, trustNodes: 1, apiPort: 0, mqttPort: 0, accounts, epochMs: 1_000 };
    assert((await createNetwork(shape)).ok);
  }
  const file = await readGenesisFile(at('network', 'genesis.json'));
  assert(file.ok);
  genesis = file.value;
  const node = await start(at('data'));
  for (let sequence = 1; sequence <= 3; sequence++) await pay(node, sequence);
  // An edge must lie in between: pools, settlements and state roots are carried along.
  while (node.process.ledger.epoch === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await pay(node, 4);
  expect(await exported(at('data'), at('running.iotw'))).toMatchObject({
    code: 1,
    value: { error: { code: 'store-locked' } },
  });
  expect(existsSync(at('running.iotw'))).toBe(false);
  await node.stop();
  const made = await exported(at('data'), at('ledger.iotw'));
  expect(made, JSON.stringify(made.value)).toMatchObject({ code: 0, value: { file: at('ledger.iotw') } });
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a ledger that is carried to another machine', () => {
  it('has the same state root there, and everything that the node stored of it', async () => {
    const made = await imported(at('ledger.iotw'), at('copy', 'data'));
    expect(made.code, JSON.stringify(made.value)).toBe(0);
    expect(made.value).toMatchObject({ transactions: 4 });
    expect(readdirSync(at('copy', 'data'))).toEqual(['ledger']);
    const [before, after] = await Promise.all(
      [at('data'), at('copy', 'data')].map((data) =>
        withStore(data, (store) => {
          const restored = restoreLedger(store, genesis, {});
          assert(restored.ok);
          const tables = ['rounds', 'bodies', 'pools', 'settlements', 'state-roots', 'meta'];
          const entries = tables.map((table) =>
            [...store.range(table, {})].map(([key, value]) => `${toHex(key)} ${toHex(value)}`),
          );
          return { root: toHex(restored.value.ledger.stateRoot()), entries };
        }),
      ),
    );
    expect(after!.root).toBe(made.value.stateRoot);
    expect(before!.root).toBe(made.value.stateRoot);
    expect(after!.entries).toEqual(before!.entries);
  });

  it('has the same state root after each of its rounds', async () => {
    const records = await withStore(at('data'), (store) => [...storedRounds(store)]);
    expect(records.length).toBeGreaterThan(4);
    const quiet = { onRound: () => {}, stopped: () => false };
    for (const [i] of records.entries()) {
      const before = openMemoryStore();
      await before.commit(records.slice(0, i + 1).flatMap(roundWrites));
      const [path, data] = [at(`${i}.iotw`), at(`prefix-${i}`)];
      const made = await exportLedger(before, genesis, path, quiet);
      assert(made.ok, made.ok ? '' : made.error.message);
      const plan = { path, data, genesis, verifier: inlineVerifier(networkId(genesis)) };
      const got = await importLedger({ ...plan, onProgress: () => {}, stopped: () => false });
      assert(got.ok, got.ok ? '' : got.error.message);
      const root = await withStore(data, (store) => {
        const restored = restoreLedger(store, genesis, {});
        assert(restored.ok);
        // The import left a snapshot: nothing has to be applied again.
        expect(restored.value.replayed).toBe(0);
        expect(restored.value.ledger.round).toBe(i + 1);
        return restored.value.ledger.stateRoot();
      });
      expect(toHex(root)).toBe(toHex(made.value.head.stateRoot));
    }
  });

  it('comes out the same byte for byte when it is exported there', async () => {
    expect((await exported(at('copy', 'data'), at('again.iotw'))).code).toBe(0);
    expect(readFileSync(at('again.iotw'))).toEqual(readFileSync(at('ledger.iotw')));
  });

  it('goes on there: the used sequences are used, the next one is taken', async () => {
    const node = await start(at('copy', 'data'));
    const round = node.process.ledger.round;
    await pay(node, 5);
    expect(node.process.ledger.round).toBeGreaterThan(round);
    const account = node.process.ledger.accounts.find(alice.publicKey);
    expect(node.process.ledger.accounts.balance(account)).toBeLessThan(1_000_000_000 - 5 * 1_000);
    await node.stop();
    expect((await iotw(words('ledger', 'audit', '--data', at('copy', 'data'), ...GENESIS))).code).toBe(0);
  });

  it('stays as it was where it came from', async () => {
    const node = await start(at('data'));
    await pay(node, 5);
    await node.stop();
  });
});

describe('an export', () => {
  const refused = async (data: string, out: string) => {
    const { code, value } = await exported(data, out);
    expect(code).toBe(1);
    return (value.error as { code: string }).code;
  };

  it('overwrites nothing, and leaves nothing half done', async () => {
    expect(await refused(at('data'), at('ledger.iotw'))).toBe('export-exists');
    expect(await refused(at('nowhere'), at('new.iotw'))).toBe('ledger-place');
    mkdirSync(at('a-directory.iotw.partial'));
    expect(await refused(at('data'), at('a-directory.iotw'))).toBe('file-unwritable');
    const stopped = await iotw(
      words('ledger', 'export', '--data', at('data'), '--out', at('new.iotw'), ...GENESIS),
      {},
      Promise.resolve(),
    );
    expect(stopped.err).toContain('export-stopped');
    expect(existsSync(at('new.iotw'))).toBe(false);
    expect(existsSync(at('new.iotw.partial'))).toBe(false);
  });

  it("refuses another network's genesis, an empty ledger and one that lacks a round", async () => {
    const other = await iotwJson([
      ...['ledger', 'export', '--data', at('data'), '--out', at('new.iotw')],
      ...['--genesis', at('other', 'genesis.json')],
    ]);
    expect(other).toMatchObject({ code: 1, value: { error: { code: 'store-network' } } });
    await withStore(at('empty'), () => {});
    expect(await refused(at('empty'), at('new.iotw'))).toBe('export-empty');
    cpSync(at('data'), at('pruned'), { recursive: true });
    await withStore(at('pruned'), (store) =>
      store.commit([{ table: 'rounds', key: roundKey(2), value: undefined }]),
    );
    expect(await refused(at('pruned'), at('new.iotw'))).toBe('export-gap');
    expect(existsSync(at('new.iotw'))).toBe(false);
  });
});

/** Where the first round's bytes begin: behind magic, version, the head's length, the head and its own length. */
const ROUND_AT = 8 + 4 + 4 + 145 + 4;

describe('a migration', () => {
  const migrated = (data: string, file = at('network', 'genesis.json')) =>
    iotwJson(['ledger', 'migrate', '--data', data, '--genesis', file]);

  it.each<[name: string, data: () => string, genesisOf: string, code: string]>([
    ['a ledger of fewer than four servers', () => at('data'), 'network', 'migrate-servers'],
    ['a ledger without a round', () => at('empty'), 'network', 'migrate-empty'],
    ['a ledger of another network', () => at('data'), 'other', 'store-network'],
    ['a place without a ledger', () => at('nowhere'), 'network', 'ledger-place'],
  ])('refuses %s', async (_, data, genesisOf, code) => {
    const ran = await migrated(data(), at(genesisOf, 'genesis.json'));
    expect(ran).toMatchObject({ code: 1, value: { error: { code } } });
  });

  it('is refused where CometBFT orders the ledger; what it ordered is exported when asked for', async () => {
    cpSync(at('data'), at('on-cometbft'), { recursive: true });
    await withStore(at('on-cometbft'), (store) => store.commit([heightWrite(9)]));
    expect(await migrated(at('on-cometbft'))).toMatchObject({ value: { error: { code: 'migrate-done' } } });
    expect(await exported(at('on-cometbft'), at('part.iotw'))).toMatchObject({
      value: { error: { code: 'export-cometbft' } },
    });
    const ran = await iotwJson(
      words('ledger', 'export', '--all', '--data', at('on-cometbft'), '--out', at('all.iotw'), ...GENESIS),
    );
    expect(ran.code).toBe(0);
  });
});

describe('an import', () => {
  const whole = (): Buffer => readFileSync(at('ledger.iotw'));
  const changed = (offset: number, value: number): Buffer => {
    const bytes = whole();
    bytes[offset < 0 ? bytes.length + offset : offset] = value;
    return bytes;
  };
  const refusedFile = async (bytes: Uint8Array): Promise<string> => {
    writeFileSync(at('bad.iotw'), bytes);
    const { code, value } = await imported(at('bad.iotw'), at('fresh'));
    expect(code).toBe(1);
    expect(existsSync(at('fresh', 'ledger'))).toBe(false);
    return (value.error as { code: string }).code;
  };

  it.each<[name: string, bytes: () => Uint8Array, code: string]>([
    ['an empty file', () => new Uint8Array(0), 'ledger-file-form'],
    ['something else', () => readFileSync(at('network', 'genesis.json')), 'ledger-file-form'],
    ['another version', () => changed(8, 1), 'ledger-file-version'],
    ['a head that is cut off', () => whole().subarray(0, 40), 'ledger-file-truncated'],
    ['no last byte', () => whole().subarray(0, -1), 'ledger-file-truncated'],
    ['no hash', () => whole().subarray(0, -32), 'ledger-file-truncated'],
    ['no last round', () => whole().subarray(0, -100), 'ledger-file-truncated'],
    ['a byte more', () => Buffer.concat([whole(), Uint8Array.of(0)]), 'ledger-file-damaged'],
    ['a flipped byte of the hash', () => changed(-1, whole().at(-1)! ^ 1), 'ledger-file-damaged'],
    ['a length beyond all bounds', () => changed(15, 0xff), 'ledger-file-damaged'],
    ['a head of another length', () => changed(12, 5), 'ledger-file-damaged'],
  ])('refuses %s', async (_, bytes, code) => {
    expect(await refusedFile(bytes())).toBe(code);
  });

  /** As somebody would make it who knows the format: the hash fits. Offsets: see nodes: ledger-file.ts. */
  const forged = (offset: number, flip: number): Buffer => {
    const bytes = whole().subarray(0, -32);
    bytes[offset < 0 ? bytes.length + offset : offset]! ^= flip;
    return Buffer.concat([bytes, createHash('sha256').update(bytes).digest()]);
  };

  it.each<[name: string, bytes: () => Uint8Array, code: string]>([
    ['a state root that is not that of the rounds', () => forged(120, 1), 'import-mismatch'],
    ['a last round that is not that of the rounds', () => forged(48, 1), 'import-mismatch'],
    ['a round in no canonical form', () => forged(ROUND_AT + 263, 1), 'malformed'],
    ['a first round that is not the first', () => forged(ROUND_AT + 2, 2), 'audit-gap'],
    ['an agreed time that is not what was signed', () => forged(ROUND_AT + 10, 1), 'replay-mismatch'],
  ])('refuses %s', async (_, bytes, code) => {
    expect(await refusedFile(bytes())).toBe(code);
    expect(existsSync(at('fresh', 'ledger.importing'))).toBe(false);
  });

  it('refuses a fee that was not paid', async () => {
    const records = await withStore(at('data'), (store) => [...storedRounds(store)]);
    // Fees end a round's record; rounds of votes have none.
    const payment = records.find(({ fees }) => fees.length === 8);
    const paid = Buffer.from(encodeRound(payment!));
    const bytes = forged(whole().indexOf(paid) + paid.length - 5, 1);
    expect(await refusedFile(bytes)).toBe('audit-results');
  });

  it('refuses a file with any flipped bit', async () => {
    const bits = fc.record({ i: fc.nat(whole().length - 1), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(bits, async ({ i, bit }) => {
        writeFileSync(at('bad.iotw'), changed(i, whole()[i]! ^ (1 << bit)));
        const opened = await openLedgerFile(at('bad.iotw'), networkId(genesis));
        expect(opened.ok ? 'taken' : opened.error.code).toMatch(/^ledger-file-/);
      }),
    );
  });

  it('refuses the ledger of another network, a place that is not empty, a file that is not there', async () => {
    const other = await iotwJson([
      ...['ledger', 'import', '--in', at('ledger.iotw'), '--data', at('fresh')],
      ...['--genesis', at('other', 'genesis.json')],
    ]);
    expect(other).toMatchObject({ code: 1, value: { error: { code: 'ledger-file-network' } } });
    mkdirSync(at('full', 'cometbft'), { recursive: true });
    for (const [file, data, code] of [
      ['ledger.iotw', 'data', 'import-not-empty'],
      ['ledger.iotw', 'full', 'import-not-empty'],
      ['nothing.iotw', 'fresh', 'config-unreadable'],
      ['full', 'fresh', 'config-unreadable'],
    ] as const) {
      expect(await imported(at(file), at(data))).toMatchObject({ code: 1, value: { error: { code } } });
    }
    expect(readdirSync(at('full'))).toEqual(['cometbft']);
  });

  it('that was broken off keeps a node from starting, and is begun again by the next', async () => {
    // What a kill leaves: a store under the name of the growing one.
    const half = await openLmdbStore({ path: at('broken', 'ledger.importing') });
    assert(half.ok);
    await half.value.commit([{ table: 'rounds', key: roundKey(1), value: Uint8Array.of(1) }]);
    expect(await imported(at('ledger.iotw'), at('broken'))).toMatchObject({
      value: { error: { code: 'store-locked' } },
    });
    await half.value.close();
    const config = await readConfigFile(at('network', 'node.json'), nodeConfigSchema);
    assert(config.ok);
    expect(await runNode({ ...config.value, data: at('broken') }, () => {})).toMatchObject({
      error: { code: 'import-unfinished' },
    });
    expect((await imported(at('ledger.iotw'), at('broken'))).code).toBe(0);
    expect(readdirSync(at('broken'))).toEqual(['ledger']);
  });

  it('that is stopped leaves an empty directory', async () => {
    const stopped = await iotw(
      words('ledger', 'import', '--in', at('ledger.iotw'), '--data', at('stopped'), ...GENESIS),
      {},
      Promise.resolve(),
    );
    expect(stopped.err).toContain('import-stopped');
    expect(readdirSync(at('stopped'))).toEqual([]);
  });
});
