import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceGateway } from '@iotw/adapters/mqtt/device-gateway';
import { TestDevice } from '@iotw/adapters/mqtt/test-device';
import { until } from '@iotw/adapters/mqtt/test-raw-client';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import type { ApiServer } from '@iotw/api/server';
import { startedApi } from '@iotw/api/test-server';
import { TestSocket } from '@iotw/api/test-socket';
import { concatBytes, fromHex, readU16, toHex, utf8, writeU32 } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, publicKey, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { registerOp } from '@iotw/ledger/test-operations';
import { refusalName } from '@iotw/nodes/intake/local-codes';
import { MAX_TRANSACTION_BYTES } from '@iotw/protocol/limits';
import type { Operation } from '@iotw/protocol/operations';
import { ENVELOPE, encodeEnvelope, encodeTransaction, signTransaction } from '@iotw/protocol/transaction';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeProcess } from './node-process.js';
import { wallClock } from './wall-clock.js';

const TRUST_NODE = 1;
const base = testGenesis();
/** Without devices in its pools the trust nodes complete every block; device1 registers below, to use its `tx` topic. */
const options = {
  genesis: {
    timeMs: Date.now(),
    ledgerServers: base.ledgerServers.slice(0, 1),
    devices: [],
    accounts: [...base.accounts, { key: publicKey('device1'), amount: 1_000_000 }],
  },
  parameters: { epochMs: 600_000 },
};
const t = new TestNetwork(options);
const { genesis } = t;

let dir: string;
let store: Store;
let node: NodeProcess;
let gateway: DeviceGateway;
let mqttUrl: string;
let api: ApiServer;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-bad-input-'));
  const lmdb = await openLmdbStore({ path: join(dir, 'ledger') });
  if (!lmdb.ok) throw new Error(lmdb.error.message);
  store = lmdb.value;
  await startNode();
  expect(await json.hand(pay('alice', { operations: [registerOp(t, 'device1')] }).envelope)).toBe('ok');
  used.set('alice', 1);
});
afterAll(async () => {
  await stopNode();
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function startNode(): Promise<void> {
  const { network } = await open();
  gateway = new DeviceGateway({
    network,
    trustNode: TRUST_NODE,
    epoch: () => node.directory.epoch,
    authorize: (key) => node.directory.authorize(key),
    laneKeys: () => node.directory.laneKeys(),
    listen: { tcp: { host: '127.0.0.1', port: 0 } },
  });
  const ports = await gateway.start();
  if (!ports.ok) throw new Error(ports.error.message);
  mqttUrl = `mqtt://127.0.0.1:${ports.value.tcpPort}`;
  node.attach(TRUST_NODE, gateway);
  api = await startedApi({ backend: node });
  await node.start();
}

async function open(): Promise<NodeProcess> {
  const opened = await NodeProcess.open({
    genesis,
    store,
    verifier: inlineVerifier(t.network),
    clock: wallClock(),
    trust: [0, 1, 2].map((index) => ({
      index,
      keys: keys(`trust${index}`),
      accountKeys: keys(`operator${index}`),
    })),
    ledger: { index: 0, keys: keys('ledger0'), vrfKeys: vrfKeyPairFromSeed(sha256(utf8('vrf0'))) },
    onHalt: ({ code, message }) => {
      throw new Error(`${code}: ${message}`);
    },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  node = opened.value;
  return node;
}

async function stopNode(): Promise<void> {
  await api.close();
  await gateway.close();
  await node.stop();
}

/** Senders whose sequences run on: one for each entrance, so that nobody's number depends on another's. */
const SENDERS = ['alice', 'bob', 'operator0', 'device1'] as const;
const used = new Map<string, number>();

interface Options {
  readonly sequence?: number;
  readonly expiryMs?: number;
  readonly network?: Uint8Array;
  readonly operations?: readonly Operation[];
}

/** A transfer of one base unit to carol, signed by `sender`. */
function pay(sender: string, options: Options = {}) {
  const sequence = options.sequence ?? (used.get(sender) ?? 0) + 1;
  return signTransaction(
    options.network ?? node.network,
    {
      sender: publicKey(sender),
      sequence,
      expiryMs: options.expiryMs ?? Date.now() + 600_000,
      operations: options.operations ?? [{ type: 'transfer', to: 2, amount: 1 }],
      memo: new Uint8Array(0),
    },
    keys(sender),
  );
}

/** An entrance: hands bytes in and gives the code that comes back, or the state it reached. */
interface Entrance {
  readonly name: string;
  readonly sender: (typeof SENDERS)[number];
  hand(envelope: Uint8Array): Promise<string>;
}

const lengthOf = (n: number) => {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, n);
  return bytes;
};
const batchOf = (envelope: Uint8Array) => concatBytes(lengthOf(envelope.length), envelope);

const json: Entrance = {
  name: 'JSON',
  sender: 'alice',
  async hand(envelope) {
    const response = await fetch(`${api.url}/v1/transactions?wait=final`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ envelope: toHex(envelope) }),
    });
    const answer = JSON.parse(await response.text());
    if (response.ok) return answer.code ?? answer.status;
    expect(answer.detail.length).toBeGreaterThan(30);
    return answer.code;
  },
};

const batch: Entrance = {
  name: 'binary batch',
  sender: 'bob',
  async hand(envelope) {
    const response = await fetch(`${api.url}/v1/transactions/batch?wait=final`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.from(batchOf(envelope)),
    });
    const answer = JSON.parse(await response.text());
    return response.ok ? answer.results[0].code : answer.code;
  },
};

const socketText: Entrance = {
  name: 'WebSocket text',
  sender: 'operator0',
  async hand(envelope) {
    const socket = await TestSocket.open(api.url);
    const answer = await socket.ask(
      JSON.stringify({ type: 'submit', wait: 'final', envelope: toHex(envelope) }),
    );
    socket.close();
    const told = JSON.parse(String(answer));
    return told.code ?? told.status;
  },
};

const socketBinary: Entrance = {
  name: 'WebSocket frame',
  sender: 'operator0',
  async hand(envelope) {
    const socket = await TestSocket.open(api.url, '?wait=final');
    const answer = await socket.ask(concatBytes(lengthOf(7), batchOf(envelope)));
    socket.close();
    if (typeof answer === 'string') return JSON.parse(answer).code;
    return refusalName(readU16(answer, 8)) ?? 'ok';
  },
};

/** A device is told nothing on its `tx` topic: it looks the id up. What was refused is counted by its code. */
const mqtt: Entrance = {
  name: 'MQTT tx topic',
  sender: 'device1',
  async hand(envelope) {
    const key = { ...keys('device1'), hex: toHex(publicKey('device1')) };
    const device = await TestDevice.connect({
      url: mqttUrl,
      key,
      network: node.network,
      trustNode: TRUST_NODE,
      epoch: node.directory.epoch,
    });
    await until(() => gateway.connected(key.hex));
    const before = gateway.stats().incidents;
    const round = node.ledger.round;
    await device.publish('tx', envelope).catch(() => undefined);
    const counted = () =>
      Object.entries(gateway.stats().incidents).find(([code, count]) => count > (before[code] ?? 0))?.[0];
    await until(() => counted() !== undefined || node.ledger.round > round);
    const code = counted() ?? 'ok';
    await device.leave();
    return code;
  },
};

const ENTRANCES = [json, batch, socketText, socketBinary, mqtt] as const;

/** S + the group order: the same equation, another encoding. */
function malleated(envelope: Uint8Array): Uint8Array {
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  const bytes = envelope.slice();
  let s = order;
  for (let i = 0; i < 32; i++) s += BigInt(bytes[ENVELOPE.signature + 32 + i]!) << BigInt(8 * i);
  for (let i = 0; i < 32; i++) bytes[ENVELOPE.signature + 32 + i] = Number((s >> BigInt(8 * i)) & 0xffn);
  return bytes;
}

const SMALL_ORDER = fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 32)!;

const changed = (envelope: Uint8Array, at: number) => envelope.map((byte, i) => (i === at ? byte ^ 1 : byte));

type Bad = readonly [
  what: string,
  make: (sender: string) => Uint8Array,
  code: string,
  /** Codes of entrances that see it earlier, or answer a repetition with the first result. */
  other?: Readonly<Record<string, string>>,
];

const TOO_LARGE = {
  JSON: 'transaction-too-large',
  'WebSocket text': 'transaction-too-large',
  'MQTT tx topic': 'mqtt-packet-too-large',
};
const KNOWN = { JSON: 'ok', 'WebSocket text': 'ok' };

const BAD: readonly Bad[] = [
  ['noise', () => sha256(utf8('noise')), 'transaction-malformed'],
  ['one cut at its end', (s) => pay(s).envelope.slice(0, -1), 'transaction-malformed'],
  ['one cut inside its signature', (s) => pay(s).envelope.slice(0, 50), 'transaction-malformed'],
  [
    'one with bytes behind it',
    (s) => concatBytes(pay(s).envelope, new Uint8Array(300)),
    'transaction-malformed',
  ],
  [
    'one whose amount is above 2^53',
    (s) => pay(s).envelope.map((byte, i, all) => (i === all.length - 1 ? 0xff : byte)),
    'transaction-malformed',
  ],
  ['one too large', () => new Uint8Array(MAX_TRANSACTION_BYTES + 1), 'batch-malformed', TOO_LARGE],
  ['the same again', (s) => last.get(s)!, 'transaction-duplicate', KNOWN],
  ['another under a used sequence', (s) => pay(s, { sequence: 1 }).envelope, 'sequence-used'],
  ['one that has expired', (s) => pay(s, { expiryMs: genesis.timeMs - 1 }).envelope, 'transaction-expired'],
  ['one of another network', (s) => pay(s, { network: new Uint8Array(32) }).envelope, 'signature-invalid'],
  ['one with a flipped bit in R', (s) => changed(pay(s).envelope, ENVELOPE.signature), 'signature-invalid'],
  [
    'one with a flipped bit in S',
    (s) => changed(pay(s).envelope, ENVELOPE.signature + 40),
    'signature-invalid',
  ],
  ['one with S + L', (s) => malleated(pay(s).envelope), 'signature-invalid'],
  [
    'one with a small-order R',
    (s) => {
      const bytes = pay(s).envelope.slice();
      bytes.set(SMALL_ORDER, ENVELOPE.signature);
      return bytes;
    },
    'signature-invalid',
  ],
  [
    'one signed with zeros',
    (s) => pay(s).envelope.map((byte, i) => (i >= 4 && i < 68 ? 0 : byte)),
    'signature-invalid',
  ],
  ['one from a key without account', () => pay('nobody', { sequence: 1 }).envelope, 'sender-unknown'],
  ['one that can not pay its fee', () => pay('carol', { sequence: 1 }).envelope, 'fee-unpaid'],
];

/** The last good envelope of each sender. */
const last = new Map<string, Uint8Array>();

function state() {
  const { accounts, trustNodes } = node.ledger;
  return {
    senders: SENDERS.map((name) => {
      const account = accounts.find(publicKey(name));
      return [accounts.balance(account), accounts.sequence(account)];
    }),
    lanes: [0, 1, 2].map((lane) => [trustNodes.read(lane)!.credit, trustNodes.read(lane)!.bond]),
    round: node.ledger.round,
  };
}

async function sendGood(entrance: Entrance): Promise<void> {
  const { sender } = entrance;
  const { envelope } = pay(sender);
  expect(await entrance.hand(envelope)).toBe('ok');
  last.set(sender, envelope);
  used.set(sender, (used.get(sender) ?? 0) + 1);
}

const ROWS = BAD.map(([what, make, code, other = {}]) => [what, make, code, other] as const);

describe.each(ENTRANCES.map((entrance) => [entrance.name, entrance] as const))('%s', (name, entrance) => {
  beforeAll(() => sendGood(entrance));

  it.each(ROWS)('refuses %s, at nobody’s cost', async (_what, make, code, other) => {
    const before = state();
    expect(await entrance.hand(make(entrance.sender))).toBe(other[name] ?? code);
    expect(state()).toEqual(before);
  });

  it('refuses every signature of Wycheproof under its own key', async () => {
    const file = new URL('../../../spec/vectors/external/wycheproof_ed25519_test.json', import.meta.url);
    const { testGroups } = JSON.parse(readFileSync(file, 'utf8'));
    const before = state();
    const codes = new Set<string>();
    // Every tenth on the way through the whole list: the codec and the verifier have all of them.
    let number = 0;
    for (const { publicKey: pk, tests } of testGroups) {
      for (const { sig } of tests) {
        if (number++ % 10 !== 0) continue;
        const transaction = encodeTransaction({
          sender: fromHex(pk.pk, 32)!,
          sequence: 1,
          expiryMs: Date.now() + 600_000,
          operations: [{ type: 'transfer', to: 2, amount: 1 }],
          memo: new Uint8Array(0),
        });
        codes.add(await entrance.hand(encodeEnvelope(transaction, fromHex(sig)!)));
      }
    }
    // Keys of the list have no account; signatures of another length shift the frame.
    expect([...codes].sort()).toEqual(['sender-unknown', 'transaction-malformed']);
    expect(state()).toEqual(before);
  });

  it('takes a good one after all that', () => sendGood(entrance));
});

describe('after a restart', () => {
  it('what was final is still final, and is not taken twice by any entrance', async () => {
    const before = state();
    await stopNode();
    await startNode();
    expect(state()).toEqual(before);
    for (const entrance of ENTRANCES) {
      const code = await entrance.hand(last.get(entrance.sender)!);
      expect([entrance.name, code]).toEqual([
        entrance.name,
        KNOWN[entrance.name as keyof typeof KNOWN] ?? 'sequence-used',
      ]);
    }
    expect(state()).toEqual(before);
  });
});
