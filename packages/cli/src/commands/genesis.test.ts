import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeAddress } from '@iotw/protocol/address';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeConfigSchema, nodeKeysSchema, readConfigFile } from '../node/node-config.js';
import { iotw, iotwJson } from '../test-io.js';

const RICH = encodeAddress('tiotw', 0, keyPairFromSeed(new Uint8Array(32).fill(1)).publicKey);
let dir: string;
const file = (...path: string[]) => join(dir, 'network', ...path);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-genesis-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('create', () => {
  it('makes a network that a node can start', async () => {
    const words = ['--dir', file(), '--name', 'lab', '--trust-nodes', '2', '--account', `${RICH}=12.5`];
    const made = await iotwJson(['genesis', 'create', ...words]);
    expect(made.code).toBe(0);
    expect((await readConfigFile(file('node.json'), nodeConfigSchema)).ok).toBe(true);
    expect((await readConfigFile(file('keys.json'), nodeKeysSchema)).ok).toBe(true);
    expect(statSync(file('keys.json')).mode & 0o777).toBe(0o600);
    const genesis = JSON.parse(readFileSync(file('genesis.json'), 'utf8'));
    expect(genesis).toMatchObject({ name: 'lab', testnet: true });
    expect(genesis.accounts).toContainEqual({ key: RICH, amount: 12_500_000 });
    const keyIn = (name: string) => {
      const seed = readFileSync(file('makers', name), 'utf8').trim();
      return toHex(keyPairFromSeed(Uint8Array.from(Buffer.from(seed, 'hex'))).publicKey);
    };
    // Guests: devices under batch 1, people under batch 1000 with a quota of their own.
    expect(genesis.batches.slice(-2)).toMatchObject([
      { maker: 100, batch: 1, key: keyIn('100.batch.key'), quota: 100_000 },
      { maker: 100, batch: 1_000, key: keyIn('100.people.key'), quota: 1_000 },
    ]);
    const hash = await iotw(['genesis', 'hash', file('genesis.json')]);
    expect(hash).toEqual({ code: 0, out: `${String(made.value.network)}\n`, err: '' });
  });

  it('overwrites nothing', async () => {
    const before = readFileSync(file('genesis.json'), 'utf8');
    const again = await iotwJson(['genesis', 'create', '--dir', file()]);
    expect(again).toMatchObject({ code: 1, value: { error: { code: 'genesis-exists' } } });
    expect(readFileSync(file('genesis.json'), 'utf8')).toBe(before);
  });

  const refused: [account: string, code: string][] = [
    [RICH, 'genesis-account'],
    [`${RICH}=1=2`, 'genesis-account'],
    [`${RICH}=1.0000001`, 'amount-format'],
    [`${RICH.slice(0, -1)}=1`, 'address-checksum'],
    [`${RICH}=9000000000`, 'genesis-supply'],
  ];
  for (const [account, code] of refused) {
    it(`refuses --account ${account.replace(RICH, 'tiotw1...')}`, async () => {
      const ran = await iotwJson(['genesis', 'create', '--dir', join(dir, 'refused'), '--account', account]);
      expect(ran).toMatchObject({ code: 1, value: { error: { code } } });
    });
  }
});

describe('show and hash', () => {
  it('show tells what it is', async () => {
    const { code, out } = await iotw(['genesis', 'show', file('genesis.json')]);
    expect(code).toBe(0);
    expect(out).toMatch(/^name +lab\n/);
    expect(out).toMatch(/^trust nodes +2$/m);
  });

  const broken: [name: string, change: (genesis: Record<string, unknown>) => unknown, code: string][] = [
    ['no JSON', () => '{', 'config-invalid'],
    ['a member that is missing', ({ entropy: _, ...rest }) => rest, 'genesis-json'],
    ['no ledger server', (genesis) => ({ ...genesis, ledgerServers: [] }), 'genesis-parameters'],
  ];
  for (const [name, change, code] of broken) {
    it(`refuses a genesis with ${name}`, async () => {
      const made = change(JSON.parse(readFileSync(file('genesis.json'), 'utf8')));
      const path = join(dir, 'broken.json');
      writeFileSync(path, typeof made === 'string' ? made : JSON.stringify(made));
      expect(await iotwJson(['genesis', 'hash', path])).toMatchObject({
        code: 1,
        value: { error: { code } },
      });
    });
  }

  it('refuses a file that is not there', async () => {
    const ran = await iotwJson(['genesis', 'show', join(dir, 'none.json')]);
    expect(ran).toMatchObject({ code: 1, value: { error: { code: 'config-unreadable' } } });
  });
});
