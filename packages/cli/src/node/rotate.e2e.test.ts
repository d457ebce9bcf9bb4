/** `iotw node rotate` against real processes: without a gap, and again after it was killed. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../devnet/child.js';
import { devnetKeys, devnetSeed } from '../devnet/devnet-keys.js';
import { iotwJson } from '../test-io.js';
import { entryOf, replaceKeyFile, withNext } from './key-file.js';
import { nodeKeysSchema } from './node-config.js';
import { SplitNetwork } from './test-split-network.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const payers = [1, 2].map((n) => keyPairFromSeed(new Uint8Array(32).fill(n)));
const split = new SplitNetwork({ trustNodes: 2, devices: 0, parameters: { epochMs: 2_000 }, payers });
const TRUST = { role: 'trust', index: 1 } as const;
const LEDGER = { role: 'ledger', index: 0 } as const;

const path = (name: string): string => join(split.dir, name);
const keysOf = (name: string) =>
  nodeKeysSchema.parse(JSON.parse(readFileSync(path(`${name}-keys.json`), 'utf8')));
const publicKey = (seed: string): string => toHex(keyPairFromSeed(fromHex(seed, 32)!).publicKey);
const words = (name: string, ...more: string[]) => [
  ...['node', 'rotate', '--config', path(`${name}.json`), '--api', split.api, ...more],
];
const rotate = (name: string, ...more: string[]) => iotwJson(words(name, ...more));

async function listed(): Promise<{ laneKeys: string[]; ledgerServerKeys: string[] }> {
  return split.get('/v1/network');
}

/** Payments from `during`'s beginning to its end, and one round more; each is final. */
async function whilePaying<T>(during: () => Promise<T>): Promise<T> {
  let over = false;
  const paying = (async () => {
    while (!over) expect(await split.submit(split.transfers(4))).toEqual({ ok: 4 });
    expect(await split.submit(split.transfers(4))).toEqual({ ok: 4 });
  })();
  const done = await during().finally(() => {
    over = true;
  });
  await paying;
  return done;
}

/** Of lane 0. */
async function height(): Promise<number> {
  return (await split.get<{ items: { height: number }[] }>('/v1/lanes')).items[0]!.height;
}

beforeAll(async () => {
  await split.start();
  const accounts = [devnetKeys(split.seed, 'trust-account', 1), devnetKeys(split.seed, 'ledger-account', 0)];
  const funding = accounts.map(({ publicKey: to }) =>
    split.sign(payers[0]!, [{ type: 'transferToKey', to, amount: 10_000_000 }]),
  );
  expect(await split.submit(funding)).toEqual({ ok: 2 });
}, 60_000);
afterAll(() => split.stop(), 30_000);

describe('iotw node rotate', () => {
  it('replaces a ledger server’s keys: payments go on, the blocks around it are good', {
    timeout: 60_000,
  }, async () => {
    const from = await height();
    const before = keysOf('ledger').ledger!;
    const account = await split.keyFile('ledger-account', 0);
    const { code, value } = await whilePaying(() => rotate('ledger', '--signer-key-file', account));
    expect([code, value.error]).toEqual([0, undefined]);
    expect(value).toMatchObject({ node: 'ledger:0', result: 'ok', status: 'final' });
    const after = keysOf('ledger').ledger!;
    expect(after).toEqual({ ...before, seed: after.seed, linkSeed: after.linkSeed });
    expect([after.seed === before.seed, after.linkSeed === before.linkSeed]).toEqual([false, false]);
    expect(value.key).toBe(publicKey(after.seed));
    expect(statSync(path('ledger-keys.json')).mode & 0o777).toBe(0o600);
    expect((await listed()).ledgerServerKeys).toEqual([value.key]);
    const to = await height();
    expect(to).toBeGreaterThan(from);
    for (let at = from + 1; at <= to; at += Math.ceil((to - from) / 12)) {
      const words = ['verify', 'block', `0/${at}`, '--network', toHex(split.network), '--api', split.api];
      expect((await iotwJson(words)).value, `block ${at}`).toMatchObject({ genuine: true });
    }
  });

  it('replaces a trust node’s keys: its lane goes on, and comes back after a restart', {
    timeout: 60_000,
  }, async () => {
    const { value } = await whilePaying(() => rotate('trust-1'));
    expect(value).toMatchObject({ node: 'trust:1', result: 'ok' });
    expect((await listed()).laneKeys[1]).toBe(value.key);
    await split.kill(1);
    await split.startTrustNode(1);
    expect(await split.submit(split.transfers(20))).toEqual({ ok: 20 });
  });

  it('killed as soon as the key file has next keys, it goes on with those', { timeout: 60_000 }, async () => {
    const child = new Child('rotation', MAIN, words('trust-1', '--json'));
    for (let looks = 0; entryOf(keysOf('trust-1'), TRUST)!.next === undefined; looks++) {
      assert(looks < 1_000, 'no next keys');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { next } = entryOf(keysOf('trust-1'), TRUST)!;
    child.process.kill('SIGKILL');
    await child.ended;
    const { value } = await rotate('trust-1');
    expect(value).toMatchObject({ node: 'trust:1', key: publicKey(next!.seed) });
    expect((await listed()).laneKeys[1]).toBe(value.key);
    expect(entryOf(keysOf('trust-1'), TRUST)).toMatchObject({ ...next });
    expect(await split.submit(split.transfers(20))).toEqual({ ok: 20 });
  });

  it('killed before the file was finished, it only finishes the file', { timeout: 60_000 }, async () => {
    const account = await split.keyFile('ledger-account', 0);
    const { seed, linkSeed, ...rest } = keysOf('ledger').ledger!;
    // As it stood before the last step: the listed keys are the next ones.
    const [old, oldLink] = ['ledger', 'ledger-link'].map((label) => toHex(devnetSeed(split.seed, label, 0)));
    const ledger = { ...rest, seed: old!, linkSeed: oldLink!, next: { seed, linkSeed } };
    await replaceKeyFile(path('ledger-keys.json'), { ...keysOf('ledger'), ledger });
    const { value } = await rotate('ledger', '--signer-key-file', account);
    expect(value).toEqual({ node: 'ledger:0', key: publicKey(seed), keyFile: path('ledger-keys.json') });
    expect(keysOf('ledger').ledger).toEqual({ ...rest, seed, linkSeed });
  });

  it('submits nothing while the process can’t be told', { timeout: 60_000 }, async () => {
    await split.kill(0);
    const away = await rotate('trust-0');
    expect((away.value.error as { code: string }).code).toBe('rotate-node-away');
    const { next } = entryOf(keysOf('trust-0'), { role: 'trust', index: 0 })!;
    expect((await listed()).laneKeys[0]).not.toBe(publicKey(next!.seed));
    // It starts with both, and the rotation goes on.
    await split.startTrustNode(0);
    const funds = devnetKeys(split.seed, 'trust-account', 0).publicKey;
    await split.submit([split.sign(payers[0]!, [{ type: 'transferToKey', to: funds, amount: 10_000_000 }])]);
    expect((await rotate('trust-0')).value).toMatchObject({ key: publicKey(next!.seed), result: 'ok' });
  });

  it.each([
    ['a name that is none', ['--node', 'lane:1'], 'rotate-node'],
    ['a node of another process', ['--node', 'trust:0'], 'rotate-node'],
  ])('refuses %s', async (_, more, code) => {
    const { value } = await rotate('ledger', ...more);
    expect((value.error as { code: string }).code).toBe(code);
  });

  it('refuses a key file of which the ledger lists nothing', async () => {
    const mine = keysOf('ledger');
    const strange = { ...mine, ledger: { ...mine.ledger!, seed: '77'.repeat(32) } };
    await replaceKeyFile(path('ledger-keys.json'), withNext(strange, LEDGER));
    const { value } = await rotate('ledger');
    expect((value.error as { code: string }).code).toBe('node-key-wrong');
    await replaceKeyFile(path('ledger-keys.json'), mine);
  });
});
