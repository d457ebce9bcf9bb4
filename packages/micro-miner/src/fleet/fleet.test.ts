import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { toHex } from '@iotw/kernel/bytes';
import { decodeDeviceResult, decodeDeviceStatus } from '@iotw/protocol/device-wire';
import { afterEach, expect, it } from 'vitest';
import { NETWORK, openTrustNode, scratch, testAssignment, until } from '../test-network.js';
import { parseFleetConfig } from './config.js';
import { fleetDeviceKeys } from './device-keys.js';
import { Durations } from './durations.js';
import { LoginGate } from './login-gate.js';

// Child processes run the build.
const MAIN = fileURLToPath(new URL('../../dist/fleet/main.js', import.meta.url));
const SEED = new Uint8Array(32).fill(9);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Line = Record<string, unknown> & { kind: string };

function run(args: string[], environment: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const lines: Line[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(JSON.parse(line)));
  const exit = new Promise<number | null>((done) => child.on('close', done));
  closers.push(() => {
    child.kill('SIGKILL');
    return exit;
  });
  return { child, lines, exit, last: (kind: string) => lines.findLast((line) => line.kind === kind) };
}

it('runs its devices over several trust nodes, reports, and leaves at SIGTERM; each start is a new boot', async () => {
  const files = scratch();
  closers.push(files.remove);
  const nodes = [await openTrustNode({ trustNode: 0 }), await openTrustNode({ trustNode: 1 })];
  for (const node of nodes) closers.push(() => node.gateway.close());
  const config = {
    network: toHex(NETWORK),
    seed: toHex(SEED),
    boot: files.path('boot'),
    count: 21,
    first: 100,
    firstNumber: 5,
    reportMs: 50,
    trustNodes: nodes.map(({ tcpPort }, index) => ({ index, host: '127.0.0.1', port: tcpPort })),
  };
  writeFileSync(files.path('fleet.json'), JSON.stringify(config));
  const boots: number[] = [];
  for (const args of [
    ['--config', files.path('fleet.json')],
    ['--json', JSON.stringify(config)],
  ]) {
    for (const node of nodes) {
      node.results.length = 0;
      node.statuses.length = 0;
    }
    const fleet = run(args);
    await until(() => fleet.last('ready') !== undefined);
    expect(nodes.map((node) => node.gateway.stats().present)).toEqual([11, 10]);
    await until(() => nodes.every((node) => node.statuses.length >= 10));
    const tickets = nodes[1]!.statuses.map((bytes) => decodeDeviceStatus(bytes));
    expect(tickets.map((t) => t.ok && t.value.kind === 'presence' && t.value.ticket.device).sort()).toEqual(
      [6, 8, 10, 12, 14, 16, 18, 20, 22, 24].sort(),
    );
    const third = toHex(fleetDeviceKeys(SEED, 102).publicKey);
    for (let height = 1; height <= 5; height++) nodes[0]!.gateway.assign(third, testAssignment(height, 7));
    nodes[0]!.gateway.assign(third, Uint8Array.of(1));
    await until(() => nodes[0]!.results.length === 6);
    const answer = decodeDeviceResult(nodes[0]!.results[4]!);
    if (!answer.ok || answer.value.kind !== 'attestation') throw new Error('no attestation');
    expect(answer.value.attestation).toMatchObject({ device: 7, counter: 5 });
    boots.push(answer.value.attestation.boot);
    await until(() => fleet.last('report')?.answered === 5);
    await until(() => JSON.stringify(fleet.last('report')?.refused) === '{"1":1}');
    expect(fleet.last('report')).toMatchObject({ devices: 21, connected: 21, presence: 21, logins: 21 });
    fleet.child.kill('SIGTERM');
    expect(await fleet.exit).toBe(0);
    expect(fleet.last('stopped')).toBeDefined();
    await until(() => nodes.every((node) => node.gateway.stats().present === 0));
  }
  expect(boots).toEqual([1, 2]);
});

it('says why it does not start', async () => {
  const files = scratch();
  closers.push(files.remove);
  const config = JSON.stringify({ ...GOOD, boot: files.path('boot') });
  const first = run(['--json', config]);
  await until(() => first.last('started') !== undefined);
  const second = run([], { IOTW_FLEET: config });
  expect(await second.exit).toBe(1);
  expect(second.last('failed')).toMatchObject({ code: 'boot-store-locked' });
  const third = run(['--config', files.path('none')]);
  expect(await third.exit).toBe(1);
  expect(third.last('failed')).toMatchObject({ code: 'fleet-config-invalid' });
  first.child.kill('SIGTERM');
  expect(await first.exit).toBe(0);
});

const GOOD = {
  network: toHex(NETWORK),
  seed: toHex(SEED),
  boot: 'boot',
  count: 2,
  trustNodes: [{ index: 0, host: '127.0.0.1', port: 1 }],
};

it('fills a configuration up with defaults', () => {
  const parsed = parseFleetConfig(JSON.stringify({ ...GOOD, first: 3 }));
  expect(parsed).toMatchObject({ ok: true, value: { first: 3, firstNumber: 3, loginsPerSecond: 1000 } });
  const learnt = parseFleetConfig(JSON.stringify({ ...GOOD, firstNumber: null }));
  expect(learnt.ok && learnt.value.firstNumber).toBe(undefined);
});

it.each<[string, Record<string, unknown>]>([
  ['network', { network: 'x' }],
  ['seed', { seed: '00' }],
  ['boot', { boot: '' }],
  ['trustNodes', { trustNodes: [] }],
  ['trustNodes', { trustNodes: [{ index: 0, host: '127.0.0.1', port: 0 }] }],
  ['trustNodes', { trustNodes: [null] }],
  ['count', { count: 0 }],
  ['count', { count: 65_537 }],
  ['count', { count: undefined }],
  ['first', { first: 1.5 }],
  ['firstNumber', { firstNumber: -1 }],
  ['laneKeys', { laneKeys: ['00'] }],
  ['keepaliveSeconds', { keepaliveSeconds: 301 }],
  ['loginsInFlight', { loginsInFlight: '1' }],
])('refuses a configuration with a wrong %s', (field, change) => {
  expect(parseFleetConfig(JSON.stringify({ ...GOOD, ...change }))).toMatchObject({
    ok: false,
    error: { code: 'fleet-config-invalid', data: { field } },
  });
});

it.each(['', 'null', '[]', '1'])('refuses the configuration %j', (text) => {
  expect(parseFleetConfig(text)).toMatchObject({ ok: false, error: { code: 'fleet-config-invalid' } });
});

it('percentiles are right to their step of 5%', () => {
  const durations = new Durations();
  expect(durations.summary()).toEqual({ count: 0, p50: 0, p99: 0, max: 0 });
  for (let i = 1; i <= 1000; i++) durations.add(i);
  const { count, p50, p99, max } = durations.summary();
  expect({ count, max }).toEqual({ count: 1000, max: 1000 });
  expect(p50 >= 500 && p50 <= 526).toBe(true);
  expect(p99 >= 990 && p99 <= 1000).toBe(true);
  durations.reset();
  expect(durations.summary().count).toBe(0);
});

it('the login gate holds its number, and a place given back twice counts once', async () => {
  const gate = new LoginGate(2, 100_000);
  const leave = [await gate.enter(), await gate.enter()];
  let third = false;
  const waiting = gate.enter().then(() => {
    third = true;
  });
  let fourth = false;
  void gate.enter().then(() => {
    fourth = true;
  });
  await new Promise((done) => setTimeout(done, 20));
  expect(third).toBe(false);
  leave[0]!();
  leave[0]!();
  await waiting;
  await new Promise((done) => setTimeout(done, 20));
  expect(fourth).toBe(false);
  gate.close();
});
