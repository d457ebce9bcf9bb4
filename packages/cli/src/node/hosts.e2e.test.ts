/** Hosts are assigned: a maker's wish moves its devices, and those of a host that dies are elected through others. */
import { sign } from '@iotw/kernel/ed25519';
import { makerHostsDigest } from '@iotw/protocol/digests';
import { HOST_POLICY } from '@iotw/protocol/parameters';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ChildLine } from '../devnet/child.js';
import { devnetKeys } from '../devnet/devnet-keys.js';
import { SplitNetwork } from './test-split-network.js';

const [TRUST, DEVICES, MAKER] = [4, 40, 1];
const WAIT = { timeout: 120_000, interval: 500 };
const payers = Array.from({ length: 20 }, (_, i) => devnetKeys(new Uint8Array(32).fill(0x61), 'payer', i));
const net = new SplitNetwork({
  trustNodes: TRUST,
  devices: DEVICES,
  parameters: { epochMs: 2_000, hostPolicy: HOST_POLICY.assigned },
  payers,
});

interface Device {
  readonly device: number;
  readonly maker: number;
  readonly host: number | null;
  readonly recommendedHost: number | null;
  readonly earned: number;
  readonly misses: number;
}

let report: ChildLine | undefined;
const devices = async () => (await net.get<{ items: Device[] }>('/v1/devices?limit=100')).items;
const load = async () => expect(await net.submit(net.transfers(40))).toEqual({ ok: 40 });

beforeAll(async () => {
  await net.start();
  // Addresses cost a fee: the operators' accounts are funded, each trust node tells its own.
  const accounts = Array.from(
    { length: TRUST },
    (_, t) => devnetKeys(net.seed, 'trust-account', t).publicKey,
  );
  const gifts = accounts.map((to) =>
    net.sign(payers[0]!, [{ type: 'transferToKey', to, amount: 1_000_000 }]),
  );
  expect(await net.submit(gifts)).toEqual({ ok: TRUST });
  const fleet = await net.startFleet(
    net.mqttPorts.map((port, index) => ({ index, port })),
    DEVICES,
  );
  fleet.onLine((line) => {
    if (line.kind === 'report') report = line;
  });
  await vi.waitFor(async () => {
    const { items } = await net.get<{ items: { address: string | null }[] }>('/v1/trust-nodes');
    expect(items.map(({ address }) => address)).toEqual(
      net.mqttPorts.map((port) => `mqtt://127.0.0.1:${port}`),
    );
  }, WAIT);
}, 180_000);

afterAll(() => net.stop(), 60_000);

describe('a network that assigns hosts', () => {
  test('moves devices to the host their maker named', { timeout: 180_000 }, async () => {
    const atFirst = (all: readonly Device[]) =>
      all.filter(({ maker, host }) => maker === MAKER && host === 0).length;
    // Once every device has a host, who comes to the first has moved there.
    const before = await vi.waitFor(async () => {
      const all = await devices();
      for (const { host } of all) expect(host).not.toBe(null);
      return atFirst(all);
    }, WAIT);
    const content = { maker: MAKER, change: 1, hosts: [0] };
    const { secretKey } = devnetKeys(net.seed, 'maker', MAKER);
    const signature = sign(makerHostsDigest(net.network, content), secretKey);
    const said = net.sign(payers[1]!, [{ type: 'makerHosts', ...content, signature }]);
    expect(await net.submit([said])).toEqual({ ok: 1 });
    await vi.waitFor(async () => {
      await load();
      // Up to the host's room: a quarter above its even share.
      expect(atFirst(await devices())).toBeGreaterThan(before);
      expect(report?.sent).toBeGreaterThan(0);
    }, WAIT);
  });

  test('has the devices of a host that died elected again through others', { timeout: 240_000 }, async () => {
    const lost = (await devices()).filter(({ host }) => host === 3);
    expect(lost.length).toBeGreaterThan(0);
    await net.kill(3);
    await vi.waitFor(async () => {
      await load();
      const now = await devices();
      for (const { device, earned } of lost) {
        const { host, earned: since } = now.find((one) => one.device === device)!;
        expect(host).not.toBe(3);
        expect(since).toBeGreaterThan(earned);
      }
      expect(report?.connected).toBe(DEVICES);
    }, WAIT);
  });
});
