/** Commands about witnesses against a real node with a real device behind MQTT, first honest, then a liar about its number. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { ok } from '@iotw/kernel/result';
import { MicroMiner } from '@iotw/micro-miner/session';
import { encodeAddress } from '@iotw/protocol/address';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotw, iotwJson } from '../test-io.js';

const seed = (fill: number) => new Uint8Array(32).fill(fill);
const address = (fill: number) => encodeAddress('tiotw', 0, keyPairFromSeed(seed(fill)).publicKey);
const [ALICE, SHOP, DEVICE] = [1, 2, 9] as const;

let dir: string;
let api: string;
let mqtt: string;
let network: string;
let announceStop: () => void;
let ended: Promise<void>;
const file = (...path: string[]) => join(dir, ...path);
const as = (fill: number) => ['--signer-key-file', file(`${fill}.key`)];

// biome-ignore lint/suspicious/noExplicitAny: the answers are looked into field by field
async function call(...words: string[]): Promise<any> {
  const { code, value } = await iotwJson([...words, '--api', api]);
  expect(value.error, JSON.stringify(value.error)).toBeUndefined();
  expect(code).toBe(0);
  return value;
}

// biome-ignore lint/suspicious/noExplicitAny: the same
async function failing(...words: string[]): Promise<any> {
  const { code, value } = await iotwJson([...words, '--api', api]);
  expect(code).toBe(1);
  return value;
}

/** Pays until something is the case. */
async function payUntil(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await call('send', address(SHOP), '0.001', ...as(ALICE));
}

/** The device, as it starts its `boot`-th boot. */
async function start(boot: number): Promise<MicroMiner> {
  const miner = new MicroMiner({
    keys: keyPairFromSeed(seed(DEVICE)),
    network: Uint8Array.from(Buffer.from(network, 'hex')),
    boot: { next: async () => ok(boot), close: async () => undefined },
    connect: { url: mqtt },
    device: 0,
  });
  expect(await miner.start()).toMatchObject({ ok: true });
  return miner;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-witness-'));
  for (const fill of [ALICE, SHOP, DEVICE])
    writeFileSync(file(`${fill}.key`), `${toHex(seed(fill))}\n`, { mode: 0o600 });
  const words = ['--dir', file('network'), '--trust-nodes', '1', '--epoch-seconds', '1'];
  const ports = ['--api-port', '0', '--mqtt-port', '0'];
  const created = ['genesis', 'create', ...words, ...ports, '--account', `${address(ALICE)}=1000`];
  expect((await iotwJson(created)).code).toBe(0);
  const stop = new Promise<void>((resolve) => {
    announceStop = resolve;
  });
  const ready = new Promise<string>((resolve, reject) => {
    ended = startNode(stop, resolve);
    ended.catch(reject);
  });
  const said = JSON.parse(await ready);
  api = said.apiUrl;
  network = said.network;
  mqtt = `mqtt://127.0.0.1:${said.mqtt[0].tcpPort}`;
});

afterAll(async () => {
  announceStop();
  await ended;
  rmSync(dir, { recursive: true, force: true });
});

async function startNode(stop: Promise<void>, onLine: (line: string) => void): Promise<void> {
  const { run } = await import('../program.js');
  const quiet = { outIsTerminal: false, errIsTerminal: false, inIsTerminal: false, color: false, env: {} };
  const io = { ...quiet, out: onLine, err: () => {}, stopRequested: () => stop };
  expect(await run(['node', '--config', file('network', 'node.json'), '--json'], io)).toBe(0);
}

describe('a witness', () => {
  it('that is honest is sound, whatever of it is looked at', async () => {
    const key = ['--key-file', file(`${DEVICE}.key`)];
    const batch = ['--maker', '100', '--batch', '1'];
    const batchKey = ['--batch-key-file', file('network', 'makers', '100.batch.key')];
    await call('device', 'register', ...key, ...batch, ...batchKey, '--region', 'frankfurt', ...as(ALICE));
    expect((await failing('audit', 'witness', '0')).error.code).toBe('witness-silent');
    const miner = await start(1);
    try {
      // Its answers of a whole epoch are on the ledger and paid, and the index knows it.
      await payUntil(async () => {
        if ((await call('device', 'show', '0')).earned === 0) return false;
        const { findings } = await call('audit', 'witness', '0');
        return findings.some(({ name }: { name: string }) => name === 'rewards');
      });
    } finally {
      await miner.stop();
    }
    const audit = await call('audit', 'witness', '0', '--network', network);
    expect(audit).toMatchObject({ device: 0, sound: true, deviceAtFault: false, evidence: [] });
    expect(audit.attestations.length).toBeGreaterThan(1);
    expect(audit.attestations[0]).toMatchObject({ lane: 0, source: 'certificate', boot: 1, counter: 1 });
    const named = audit.findings.map(({ verdict, name }: Record<string, string>) => `${verdict} ${name}`);
    for (const good of ['signatures', 'final', 'chain', 'recorded', 'coherence', 'rewards'])
      expect(named).toContain(`good ${good}`);
    const { out, code } = await iotw(['audit', 'witness', '0', '--api', api]);
    expect(code).toBe(0);
    expect(out).toMatch(/^verdict +nothing contradicts itself$/m);
    const second = audit.attestations[1];
    const part = await call('audit', 'witness', '0', '--from', String(second.round), '--blocks', '1');
    expect(part.attestations.length).toBe(1);
    const early = await call('audit', 'witness', '0', '--to', String(second.round));
    expect(early.attestations.length).toBe(2);
  });

  it('is seen in its lane, whose report takes no answer that was not left out', async () => {
    const [lane] = await call('lane', 'list');
    expect(lane).toMatchObject({ lane: 0, suspended: false });
    const shown = await call('lane', 'show', '0');
    expect(shown.height).toBeGreaterThanOrEqual(lane.height);
    expect(shown.witnessing.running).toMatchObject({ leftOut: 0, answersLeftOut: 0 });
    const text = await iotw(['lane', 'show', '0', '--api', api]);
    expect(text.out).toMatch(/^as host +\d+ answers, \d+ misses/m);
    expect((await iotw(['lane', 'list', '--api', api])).out).toMatch(/^lane +height +incarnation +bond /);
    const { attestations } = await call('audit', 'witness', '0');
    const last = attestations.at(-1);
    const place = `0/${last.height}`;
    const report = (at: string, answer: string) =>
      failing('lane', 'report', at, '--answer', answer, ...as(ALICE));
    // The certificate holds it; the lane passed over nothing there. Or its epoch is over: it lasts a second.
    expect((await report(place, last.attestation)).result).toMatch(/^left-out-(unknown|late)$/);
    expect((await report(place, attestations[0].attestation)).result).toBe('left-out-not-proof');
    expect((await report(place, 'ab')).error.code).toBe('answer-form');
    expect((await report('0/999999', last.attestation)).error.code).toBe('block-not-found');
    expect((await report('first', last.attestation)).error.code).toBe('block-place');
    expect((await failing('lane', 'show', '7')).error.code).toBe('lane-unknown');
  });

  it('that signs its numbers again is convicted: by the audit, and by the node without it', async () => {
    // The same boot once more: counter 1 names other blocks now.
    const miner = await start(1);
    const status = async () => (await call('device', 'show', '0')).status;
    try {
      await payUntil(async () => (await status()) === 'blacklisted');
    } finally {
      await miner.stop();
    }
    expect(await call('device', 'show', '0')).toMatchObject({ blacklistReason: 'equivocation' });
    const audit = await failing('audit', 'witness', '0', '--network', network);
    expect(audit).toMatchObject({ sound: false, deviceAtFault: true, error: { code: 'witness-at-fault' } });
    expect(audit.evidence[0].kind).toBe(2);
    const text = await iotw(['audit', 'witness', '0', '--api', api]);
    expect(text.out).toMatch(
      /^BAD +equivocation: The device signed 2 different answers under number 1\/\d+/m,
    );
    expect(text.out).toMatch(/^evidence of kind 2$/m);
    // The first act was sent by the node itself: once is enough.
    const sent = await failing('audit', 'witness', '0', '--submit', ...as(ALICE));
    expect(sent.submitted.result).toBe('evidence-repeated');
  });
});

describe('people', () => {
  const register = (fill: number, batch: string, keyFile: string) => [
    ...['device', 'register', '--key-file', file(`${fill}.key`), '--maker', '100', '--batch', batch],
    ...['--batch-key-file', file('network', 'makers', keyFile), '--class', 'user', ...as(ALICE)],
  ];

  it('register under their own batch, not under one of devices', async () => {
    const refused = await failing(...register(SHOP, '1', '100.batch.key'));
    expect(refused.result).toBe('batch-class');
    await call(...register(SHOP, '1000', '100.people.key'));
    expect(await call('device', 'show', '1')).toMatchObject({ deviceClass: 'user' });
    const { items } = await call('maker', 'list');
    expect(items.at(-1).batches).toMatchObject([
      { batch: 1, people: false, used: 1 },
      { batch: 1_000, people: true, used: 1, quota: 1_000 },
    ]);
  });
});
