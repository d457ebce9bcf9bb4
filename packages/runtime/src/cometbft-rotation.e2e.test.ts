/** Two ledger servers on CometBFT, neither of which can do without the other's vote, replace their keys. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { freePorts } from '@iotw/adapters/free-ports';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import type { Store } from '@iotw/kernel/ports/store';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, signAs, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { rotateDigest } from '@iotw/protocol/digests';
import { NODE_ROLE } from '@iotw/protocol/operations';
import { roundHash } from '@iotw/protocol/round';
import { signTransaction } from '@iotw/protocol/transaction';
import { afterAll, assert, beforeAll, describe, expect, it, vi } from 'vitest';
import { NodeProcess } from './node-process.js';
import { wallClock } from './wall-clock.js';

const HOST = '127.0.0.1';
const WAIT = { timeout: 40_000, interval: 50 };
const SERVERS = [0, 1] as const;
const file = cometBftForTests();

const { accounts, ledgerServers, trustNodes } = testGenesis();
const { genesis, network } = new TestNetwork({
  genesis: {
    timeMs: Date.now(),
    devices: [],
    accounts: [...accounts, { key: keys('operator1').publicKey, amount: 1_000_000 }],
    trustNodes: trustNodes.slice(0, 1),
    ledgerServers: SERVERS.map((i) => ({
      ...ledgerServers[0]!,
      key: keys(`ledger${i}`).publicKey,
      linkKey: keys(`link${i}`).publicKey,
      account: keys(`operator${i}`).publicKey,
      vrfKey: vrfKeyPairFromSeed(sha256(utf8(`vrf${i}`))).publicKey,
    })),
  },
  parameters: { epochMs: 2_000 },
});
const linkSeed = (name: string): Uint8Array => keys(name).secretKey.slice(0, 32);

let dir: string;
let ports: number[];
const running: ({ readonly node: NodeProcess; readonly store: Store } | undefined)[] = [];
const said: string[] = [];

async function start(index: number): Promise<void> {
  const lmdb = await openLmdbStore({ path: join(dir, `ledger-${index}`) });
  assert(lmdb.ok);
  const links = { linkSeed: linkSeed(`link${index}`), nextLinkSeed: linkSeed(`second link${index}`) };
  const opened = await NodeProcess.open({
    genesis,
    store: lmdb.value,
    verifier: inlineVerifier(network),
    clock: wallClock(),
    trust: index === 0 ? [{ index: 0, keys: keys('trust0'), accountKeys: keys('operator0') }] : [],
    ledger: {
      index,
      keys: keys(`ledger${index}`),
      nextKeys: keys(`second${index}`),
      vrfKeys: vrfKeyPairFromSeed(sha256(utf8(`vrf${index}`))),
    },
    mesh: [
      {
        ...{ self: `ledger:${index}`, ...links, listen: { host: HOST, port: ports[index]! } },
        peers: index === 0 ? [] : [{ peer: 'ledger:0', host: HOST, port: ports[0]! }],
      },
    ],
    cometbft: {
      ...{ home: join(dir, `cometbft-${index}`), file: file!, ...links },
      listen: { host: HOST, port: ports[2 + index]! },
      peers: [{ server: 1 - index, host: HOST, port: ports[3 - index]! }],
    },
    log: (line) => said.push(`ledger:${index} ${line}`),
    onHalt: ({ code, message }) => said.push(`ledger:${index} HALTED ${code}: ${message}`),
  });
  assert(opened.ok, opened.ok ? '' : opened.error.message);
  running[index] = { node: opened.value, store: lmdb.value };
  const started = await opened.value.start();
  assert(started.ok, started.ok ? '' : started.error.message);
}

async function stop(index: number): Promise<void> {
  const { node, store } = running[index] ?? {};
  running[index] = undefined;
  await node?.stop(0);
  await store?.close();
}

const ledger = (index: number) => running[index]!.node.ledger;

/** Both come to have so many rounds more than the first has now. */
async function goesOn(more: number): Promise<void> {
  const target = ledger(0).round + more;
  await vi.waitFor(() => {
    for (const index of SERVERS)
      expect(ledger(index).round, said.slice(-6).join('\n')).toBeGreaterThanOrEqual(target);
  }, WAIT);
}

/** Rotates server `index`; the round that did it. */
async function rotate(index: number): Promise<number> {
  const sender = keys(`operator${index}`);
  // Above what trust node 0 uses of the first account.
  const sequence = 40;
  const [key, linkKey] = [keys(`second${index}`).publicKey, keys(`second link${index}`).publicKey];
  const content = { role: NODE_ROLE.ledger, index, key, linkKey };
  const digest = rotateDigest(network, content, sender.publicKey, sequence);
  const operation = { ...content, type: 'keyRotate' as const, signature: signAs(`second${index}`, digest) };
  const { envelope } = signTransaction(
    network,
    {
      ...{ sender: sender.publicKey, sequence, operations: [operation] },
      ...{ expiryMs: Date.now() + 60_000, memo: utf8('') },
    },
    sender,
  );
  const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
  const outcome = await running[0]!.node.submit(run, 'final');
  assert(outcome.ok, outcome.ok ? '' : outcome.error.message);
  expect([...outcome.value.codes]).toEqual([0]);
  expect(toHex(ledger(0).ledgerServers.key(index))).toBe(toHex(key));
  return ledger(0).round;
}

describe.skipIf(file === undefined)('two ledger servers on CometBFT', () => {
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'iotw-comet-rotation-'));
    ports = await freePorts(HOST, 4);
    await Promise.all(SERVERS.map(start));
    await goesOn(2);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(SERVERS.map(stop));
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  it('go on through the rotation of one, whose CometBFT takes the new key when it counts', {
    timeout: 60_000,
  }, async () => {
    const rotated = await rotate(0);
    await goesOn(3);
    const { header, signatures } = running[0]!.node.history.round(rotated + 1)!;
    const [{ signature }] = signatures as [(typeof signatures)[0]];
    expect(verify(signature, roundHash(network, header), keys('second0').publicKey)).toBe(true);
  });

  it('go on where a server is stopped right after its rotation', { timeout: 60_000 }, async () => {
    await rotate(1);
    await stop(1);
    await start(1);
    await goesOn(3);
  });

  it('find each other by the new link keys after a restart of both', { timeout: 60_000 }, async () => {
    await Promise.all(SERVERS.map(stop));
    await Promise.all(SERVERS.map(start));
    await goesOn(2);
    expect(said.filter((line) => line.includes('HALTED'))).toEqual([]);
  });
});
