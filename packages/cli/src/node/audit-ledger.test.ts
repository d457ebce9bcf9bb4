import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import type { Store } from '@iotw/kernel/ports/store';
import { Ledger } from '@iotw/ledger/ledger';
import { bodyErase } from '@iotw/nodes/body-record';
import { replayRound } from '@iotw/nodes/ledger-server/replay';
import { type RoundRecord, roundWrites, storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { encodeAddress } from '@iotw/protocol/address';
import type { Genesis } from '@iotw/protocol/genesis';
import { networkId } from '@iotw/protocol/genesis';
import { roundHash } from '@iotw/protocol/round';
import { buildSigned } from '@iotw/sdk/transaction/build';
import { transfer } from '@iotw/sdk/transaction/money-operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLedger } from './audit-ledger.js';
import { readGenesisFile } from './genesis-file.js';
import { createNetwork } from './new-network.js';
import { nodeConfigSchema, readConfigFile } from './node-config.js';
import { runNode } from './run-node.js';

const ROUNDS = 4;
const alice = keyPairFromSeed(new Uint8Array(32).fill(1));
const bob = encodeAddress('tiotw', 0, keyPairFromSeed(new Uint8Array(32).fill(2)).publicKey);

let dir: string;
let genesis: Genesis;
/** The rounds of a real node, as it stored them. */
let rounds: readonly RoundRecord[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-audit-'));
  const accounts = [{ key: alice.publicKey, amount: 1_000_000 }];
  const shape = { dir, name: 'audit', trustNodes: 1, apiPort: 0, mqttPort: 0, accounts };
  expect((await createNetwork(shape)).ok).toBe(true);
  const config = await readConfigFile(join(dir, 'node.json'), nodeConfigSchema);
  const file = await readGenesisFile(join(dir, 'genesis.json'));
  if (!config.ok || !file.ok) throw new Error('the new network is not whole');
  genesis = file.value;
  const node = await runNode(config.value, () => {});
  if (!node.ok) throw new Error(node.error.message);
  for (let sequence = 1; sequence <= ROUNDS; sequence++) {
    const operations = [transfer(bob, 1_000, 'tiotw')];
    const signed = buildSigned(node.value.network, alice, { sequence, operations });
    if (!signed.ok) throw new Error(signed.error.message);
    const { envelope } = signed.value;
    const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
    expect(await node.value.process.submit(run, 'final')).toMatchObject({ ok: true });
  }
  await node.value.stop();
  const store = await openLmdbStore({ path: join(dir, 'data', 'ledger') });
  if (!store.ok) throw new Error(store.error.message);
  rounds = [...storedRounds(store.value)];
  await store.value.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function storeOf(records: readonly RoundRecord[]): Promise<Store> {
  const store = openMemoryStore();
  await store.commit(records.flatMap(roundWrites));
  return store;
}

async function audit(values: readonly RoundRecord[]) {
  return auditLedger(
    storedRounds(await storeOf(values)),
    genesis,
    inlineVerifier(networkId(genesis)),
    () => {},
  );
}

it('a good ledger passes, and its figures are those of the node', async () => {
  let told = 0;
  const store = await storeOf(rounds);
  const report = await auditLedger(storedRounds(store), genesis, inlineVerifier(networkId(genesis)), () => {
    told += 1;
  });
  const last = rounds.at(-1)!.header;
  expect(report).toMatchObject({
    ok: true,
    // Each transaction, the header of its block, the only trust node's vote, the round; and once its vote for the first epoch.
    value: {
      rounds: rounds.length,
      transactions: ROUNDS,
      invalid: 0,
      signatures: 4 * ROUNDS + 1,
    },
  });
  expect(report.ok && toHex(report.value.stateHash)).toBe(toHex(last.stateHash));
  expect(told).toBe(rounds.length);
});

describe('what was changed on disk is found', () => {
  /** Round 2 with a change; whatever the record says of itself stays. */
  const table: [name: string, change: (record: RoundRecord) => RoundRecord, code: string][] = [
    [
      // The signature is no part of the transaction id, so neither root nor state hash can show it.
      "a transaction's signature",
      (record) => ({ ...record, input: withBody(record, (body) => flip(body, 10)) }),
      'audit-signature',
    ],
    ["a transaction's flag", (record) => ({ ...record, valid: Uint8Array.of(0) }), 'replay-mismatch'],
    ["a transaction's id", (record) => ({ ...record, ids: flip(record.ids, 3) }), 'replay-round'],
    [
      "a block's certificate",
      (record) => ({ ...record, input: withVote(record, (v) => flip(v, 5)) }),
      'replay-round',
    ],
    [
      "a ledger server's signature",
      (record) => ({
        ...record,
        signatures: record.signatures.map((s) => ({ ...s, signature: flip(s.signature, 9) })),
      }),
      'audit-round-signature',
    ],
    ["a transaction's result", (record) => ({ ...record, codes: flip(record.codes, 0) }), 'audit-results'],
    ["a transaction's fee", (record) => ({ ...record, fees: flip(record.fees, 0) }), 'audit-results'],
    ['no signature at all', (record) => ({ ...record, signatures: [] }), 'audit-round-signature'],
    [
      'the state hash',
      (record) => ({ ...record, header: { ...record.header, stateHash: flip(record.header.stateHash, 0) } }),
      'replay-mismatch',
    ],
  ];
  for (const [name, change, code] of table) {
    it(name, async () => {
      const values = rounds.map((record) => (record.header.number === 2 ? change(record) : record));
      expect(await audit(values)).toMatchObject({ ok: false, error: { code } });
    });
  }

  it('a round that is gone', async () => {
    expect(await audit(rounds.filter((_, i) => i !== 1))).toMatchObject({
      ok: false,
      error: { code: 'audit-gap' },
    });
  });

  it("a block's body that is gone", async () => {
    const store = await storeOf(rounds);
    const { header } = rounds[1]!.input.blocks[0]!;
    await store.commit([bodyErase(header)]);
    const report = await auditLedger(
      storedRounds(store),
      genesis,
      inlineVerifier(networkId(genesis)),
      () => {},
    );
    expect(report).toMatchObject({ ok: false, error: { code: 'replay-round' } });
  });

  it('all rounds gone', async () => {
    expect(await audit([])).toMatchObject({ ok: false, error: { code: 'audit-no-rounds' } });
  });
});

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

function withBody(record: RoundRecord, change: (body: Uint8Array) => Uint8Array): RoundRecord['input'] {
  const blocks = record.input.blocks.map((block) => ({ ...block, body: change(block.body) }));
  return { ...record.input, blocks };
}

function withVote(record: RoundRecord, change: (signature: Uint8Array) => Uint8Array): RoundRecord['input'] {
  const blocks = record.input.blocks.map((block) => {
    const votes = block.certificate.votes.map((vote) => ({ ...vote, signature: change(vote.signature) }));
    return { ...block, certificate: { ...block.certificate, votes } };
  });
  return { ...record.input, blocks };
}

describe('of a pruned ledger, which begins with round 2, on the state after round 3', () => {
  const verifier = () => inlineVerifier(networkId(genesis));
  const auditKept = async (values: readonly RoundRecord[]) => {
    const start = Ledger.genesis(genesis);
    for (const record of rounds.slice(0, 3)) expect(replayRound(start, record).ok).toBe(true);
    return auditLedger(storedRounds(await storeOf(values)), genesis, verifier(), () => {}, { start });
  };
  const kept = () => rounds.slice(1);

  it('every kept round is verified, and the end is that of the whole', async () => {
    const report = await auditKept(kept());
    expect(report).toMatchObject({ ok: true, value: { rounds: rounds.length - 1, round: rounds.length } });
    const whole = await audit(rounds);
    expect(report.ok && whole.ok && toHex(report.value.stateHash)).toBe(
      whole.ok && toHex(whole.value.stateHash),
    );
  });

  const table: [name: string, change: (record: RoundRecord) => RoundRecord, code: string][] = [
    [
      "a transaction's signature",
      (record) => ({ ...record, input: withBody(record, (body) => flip(body, 10)) }),
      'audit-signature',
    ],
    ["a transaction's flag", (record) => ({ ...record, valid: Uint8Array.of(0) }), 'audit-signature'],
    ["a transaction's id", (record) => ({ ...record, ids: flip(record.ids, 3) }), 'block-root'],
    ["a transaction's result", (record) => ({ ...record, codes: flip(record.codes, 0) }), 'audit-results'],
    ["a transaction's fee", (record) => ({ ...record, fees: flip(record.fees, 0) }), 'audit-results'],
    ['a result too many', (record) => ({ ...record, codes: new Uint8Array(4) }), 'audit-results'],
    ['another order', (record) => ({ ...record, order: Uint8Array.of(9, 0) }), 'audit-results'],
    ['a block less', (record) => ({ ...record, order: new Uint8Array(0) }), 'audit-results'],
    ['no signature at all', (record) => ({ ...record, signatures: [] }), 'audit-round-signature'],
    [
      'another state hash',
      (record) => ({ ...record, header: { ...record.header, stateHash: flip(record.header.stateHash, 0) } }),
      'audit-round-signature',
    ],
  ];
  for (const [name, change, code] of table) {
    it(`${name} is found`, async () => {
      const values = kept().map((record) => (record.header.number === 2 ? change(record) : record));
      expect(await auditKept(values)).toMatchObject({ ok: false, error: { code } });
    });
  }

  it('a round that was signed anew is not the one that the next names, nor the one of the state', async () => {
    const signed = (record: RoundRecord): RoundRecord => {
      const header = { ...record.header, timeMs: record.header.timeMs + 1 };
      const hash = roundHash(networkId(genesis), header);
      return { ...record, header, signatures: [{ server: 0, signature: sign(hash, serverKey()) }] };
    };
    for (const number of [2, 3]) {
      const values = kept().map((record) => (record.header.number === number ? signed(record) : record));
      expect(await auditKept(values)).toMatchObject({ ok: false, error: { code: 'audit-link' } });
    }
  });

  it('a round that is gone is found', async () => {
    const longer = [rounds[0]!, ...rounds.slice(2)];
    expect(await auditKept(longer)).toMatchObject({ ok: false, error: { code: 'audit-gap' } });
  });
});

/** The ledger server's own, as the network's key file has it. */
function serverKey(): Uint8Array {
  const { ledger } = JSON.parse(readFileSync(join(dir, 'keys.json'), 'utf8'));
  return keyPairFromSeed(Buffer.from(ledger.seed, 'hex')).secretKey;
}

describe('an audit that goes on', () => {
  const options = async (more: Parameters<typeof auditLedger>[4], values = rounds) => {
    const told: number[] = [];
    const store = await storeOf(values);
    const verifier = inlineVerifier(networkId(genesis));
    const report = await auditLedger(
      storedRounds(store),
      genesis,
      verifier,
      ({ round }) => told.push(round),
      more,
    );
    return { report, told };
  };

  it('stops where it is asked to, and says where to go on', async () => {
    let asked = 0;
    const { report, told } = await options({ stopped: () => ++asked > 2 });
    expect(report).toMatchObject({ ok: false, error: { code: 'audit-stopped', data: { from: 3 } } });
    expect(told).toEqual([1, 2]);
    const rest = await options({ from: 3 });
    expect(rest.told[0]).toBe(3);
    expect(rest.report).toMatchObject({
      ok: true,
      value: { rounds: rounds.length - 2, round: rounds.length },
    });
    const whole = await options({});
    expect(whole.report.ok && rest.report.ok && rest.report.value.stateHash).toEqual(
      whole.report.ok && whole.report.value.stateHash,
    );
  });

  it('begins behind the last round with a code, not with a clean bill', async () => {
    const { report } = await options({ from: rounds.length + 1 });
    expect(report).toMatchObject({ ok: false, error: { code: 'audit-from', data: { last: rounds.length } } });
  });

  it('still compares the state hashes of what it does not verify again', async () => {
    const record = rounds[0]!;
    const changed = { ...record, header: { ...record.header, stateHash: new Uint8Array(32) } };
    const { report } = await options({ from: 3 }, [changed, ...rounds.slice(1)]);
    expect(report).toMatchObject({ ok: false, error: { code: 'replay-mismatch' } });
  });
});
