/** A trust node is admitted by vote, started as a process, takes part, is suspended. */
import { join } from 'node:path';
import { freePorts } from '@iotw/adapters/free-ports';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Child, ChildLine } from '../devnet/child.js';
import { devnetKeys } from '../devnet/devnet-keys.js';
import { iotwJson } from '../test-io.js';
import type { NodeConfig } from './node-config.js';
import { HOST, SplitNetwork } from './test-split-network.js';

const TRUST = 4;
/** Of them the last few log in at the admitted trust node. */
const [DEVICES, GUESTS] = [40, 8];
const WAIT = { timeout: 90_000, interval: 200 };
const seed = new Uint8Array(32).fill(0x61);
const payers = Array.from({ length: 20 }, (_, i) => devnetKeys(seed, 'payer', i));
const net = new SplitNetwork({
  trustNodes: TRUST,
  devices: DEVICES,
  parameters: { epochMs: 2_000 },
  payers,
});

interface Lane {
  readonly lane: number;
  readonly height: number;
  readonly suspended: boolean;
}

let fifth: Child;
let fifthPort: number;
const heard: ChildLine[] = [];
let guestsReport: ChildLine | undefined;

const lanes = async () => (await net.get<{ items: Lane[] }>('/v1/lanes')).items;
const heardOf = (kind: string) =>
  vi.waitFor(() => expect(heard.map((line) => line.kind)).toContain(kind), WAIT);

async function proposal(...words: string[]): Promise<Record<string, unknown>> {
  const { code, value } = await iotwJson(['proposal', ...words, '--api', net.api]);
  expect(code, JSON.stringify(value)).toBe(0);
  return value;
}

/** Two of three members: adopted. */
async function adopt(kind: string, content: string): Promise<void> {
  const [first, second] = await Promise.all([0, 1].map((member) => net.keyFile('committee', member)));
  await proposal('create', kind, content, '--signer-key-file', first!);
  const { items } = (await proposal('list')) as { items: { number: number }[] };
  await proposal('vote', String(items[0]!.number), '--yes', '--signer-key-file', second!);
}

/** Transactions through every lane that takes any, until `lane` has a block above `height`. */
async function blockOf(lane: number, height: number): Promise<void> {
  await vi.waitFor(async () => {
    expect(await net.submit(net.transfers(20))).toEqual({ ok: 20 });
    expect((await lanes())[lane]!.height).toBeGreaterThan(height);
  }, WAIT);
}

beforeAll(async () => {
  await net.start();
  const everyFirst = net.mqttPorts.map((port, index) => ({ index, port }));
  await net.startFleet(everyFirst, DEVICES - GUESTS);
  // Members of the committee pay for their votes themselves.
  const members = [0, 1, 2].map((member) => devnetKeys(net.seed, 'committee', member).publicKey);
  const gifts = members.map((to) =>
    net.sign(payers[0]!, [{ type: 'transferToKey', to, amount: 10_000_000 }]),
  );
  expect(await net.submit(gifts)).toEqual({ ok: 3 });
}, 120_000);

afterAll(() => net.stop(), 60_000);

describe('a fifth trust node', () => {
  test('waits before the vote: its keys are on nobody’s list', { timeout: 60_000 }, async () => {
    const dir = join(net.dir, 'trust-4');
    const [meshPort, mqttPort] = await freePorts(HOST, 2);
    const peers = net.peersOf(TRUST).flatMap(({ peer, port }) => ['--peer', `${peer}=${HOST}:${port}`]);
    const place = ['--index', '4', '--region', 'taipei', '--cloud', 'cloud-east', '--operator', 'fifth'];
    const ports = ['--mesh-port', String(meshPort), '--mqtt-port', String(mqttPort)];
    const genesis = ['--genesis', join(net.dir, 'genesis.json'), '--dir', dir];
    const made = await iotwJson(['genesis', 'node', ...genesis, ...place, ...ports, ...peers]);
    expect(made, JSON.stringify(made)).toMatchObject({ code: 0, value: { index: 4 } });
    fifthPort = mqttPort!;
    fifth = net.startNode('trust node 4', join(dir, 'node.json'));
    fifth.onLine((line) => heard.push(line));
    expect(await fifth.first('ready')).toMatchObject({ ok: true });
    const config = await net.readJson<NodeConfig>(join(dir, 'node.json'));
    expect(config.roles).toEqual(['trust']);
    expect(await net.submit(net.transfers(20))).toEqual({ ok: 20 });
    expect(await lanes()).toHaveLength(TRUST);
  });

  test('is admitted by vote while it runs: its lane’s blocks are final', { timeout: 180_000 }, async () => {
    const admission = join(net.dir, 'trust-4', 'admission.json');
    const { account } = await net.readJson<{ account: string }>(admission);
    await adopt('trustNodeAdmit', `@${admission}`);
    // Admitted; or serving already, where this machine is slow.
    await vi.waitFor(async () => expect(await lanes()).toHaveLength(TRUST + 1), WAIT);
    const funded = await iotwJson([
      ...['send', account, '1000', '--signer-key-file', await net.keyFile('payer', 1), '--api', net.api],
    ]);
    expect(funded.code, JSON.stringify(funded.value)).toBe(0);
    const fund = net.sign(payers[2]!, [{ type: 'laneFund', lane: 4, credit: 1_000_000, bond: 1_000_000 }]);
    expect(await net.submit([fund])).toEqual({ ok: 1 });
    await heardOf('serving');
    await blockOf(4, 0);
  });

  test('hosts devices, which are elected and paid', { timeout: 240_000 }, async () => {
    const fleet = await net.startFleet([{ index: 4, port: fifthPort }], GUESTS, DEVICES - GUESTS);
    fleet.onLine((line) => {
      if (line.kind === 'report') guestsReport = line;
    });
    await vi.waitFor(async () => {
      expect(await net.submit(net.transfers(40))).toEqual({ ok: 40 });
      const { items } = await net.get<{ items: { device: number; host: number | null; earned: number }[] }>(
        '/v1/devices?limit=100',
      );
      const guests = items.filter(({ device }) => device >= DEVICES - GUESTS);
      expect(guests.map(({ host }) => host)).toEqual(new Array(GUESTS).fill(4));
      expect(guests.some(({ earned }) => earned > 0)).toBe(true);
    }, WAIT);
  });

  test('is suspended by vote: its lane is refused, and it says why', { timeout: 180_000 }, async () => {
    await adopt('trustNodeSuspend', '{"index":4}');
    await heardOf('suspended');
    expect(heard.find(({ kind }) => kind === 'suspended')).toMatchObject({
      trustNode: 4,
      code: 'node-suspended',
    });
    const { height, suspended } = (await lanes())[4]!;
    expect(suspended).toBe(true);
    // What is handed in goes through the others.
    for (let i = 0; i < 4; i++) expect(await net.submit(net.transfers(20))).toEqual({ ok: 20 });
    expect((await lanes())[4]!.height).toBe(height);
    // From the first epoch without it on its devices are refused, and log in elsewhere.
    await vi.waitFor(() => {
      expect(guestsReport).toMatchObject({ connected: 0 });
      expect(guestsReport?.loginsRefused).toBeGreaterThan(0);
    }, WAIT);
  });
});
