import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryOf, publicKeyOf, replaceKeyFile, stepOf, withNext, withNextInPlace } from './key-file.js';
import { type NodeKeys, nodeKeysSchema } from './node-config.js';

const hex = (n: number): string => n.toString(16).padStart(2, '0').repeat(32);
const trustNode = (index: number) => ({
  ...{ index, seed: hex(10 + index), accountSeed: hex(20 + index), linkSeed: hex(30 + index) },
});
const keys: NodeKeys = {
  trust: [trustNode(0), trustNode(3)],
  ledger: { index: 1, seed: hex(1), vrfSeed: hex(2), linkSeed: hex(3) },
  faucetSeed: hex(9),
};
const TRUST = { role: 'trust', index: 3 } as const;
const LEDGER = { role: 'ledger', index: 1 } as const;

describe('what a rotation has left to do', () => {
  const entry = { ...trustNode(0), seed: hex(1) };
  const next = { seed: hex(2), linkSeed: hex(3) };
  const table: [name: string, next: typeof next | undefined, listed: string | undefined, step: string][] = [
    ['nothing was done yet', undefined, publicKeyOf(hex(1)), 'make'],
    ['the next keys are in the file', next, publicKeyOf(hex(1)), 'submit'],
    ['the ledger lists the next key', next, publicKeyOf(hex(2)), 'finish'],
    ['the ledger lists a third key', next, publicKeyOf(hex(4)), 'node-key-wrong'],
    ['the ledger lists another key, no next ones', undefined, publicKeyOf(hex(2)), 'node-key-wrong'],
    ['the ledger does not list the node', next, undefined, 'node-key-wrong'],
  ];
  it.each(table)('%s', (_, held, listed, expected) => {
    const step = stepOf(held === undefined ? entry : { ...entry, next: held }, listed);
    expect(step.ok ? step.value : step.error.code).toBe(expected);
  });
});

describe.each([TRUST, LEDGER])('the key file of a rotation of $role $index', (node) => {
  it('gets fresh next seeds, then has them in the place of the present ones; the rest stays', () => {
    const both = withNext(keys, node);
    const { next, ...present } = entryOf(both, node)!;
    expect(present).toEqual(entryOf(keys, node));
    expect(new Set([next!.seed, next!.linkSeed, present.seed, present.linkSeed]).size).toBe(4);
    expect(entryOf(withNext(keys, node), node)!.next).not.toEqual(next);
    const done = JSON.parse(JSON.stringify(withNextInPlace(both, node)));
    expect(entryOf(done, node)).toEqual({ ...present, ...next });
    for (const file of [both, done]) {
      expect(nodeKeysSchema.safeParse(JSON.parse(JSON.stringify(file))).success).toBe(true);
      const other = node === TRUST ? LEDGER : TRUST;
      expect(entryOf(file, other)).toEqual(entryOf(keys, other));
      expect([file.faucetSeed, file.trust[0]]).toEqual([keys.faucetSeed, keys.trust[0]]);
    }
  });
});

describe('replacing the key file', () => {
  let dir: string;
  const path = (): string => join(dir, 'keys.json');
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'iotw-key-file-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each([0o600, 0o640])('keeps its rights %i, follows a link, leaves nothing beside it', async (mode) => {
    writeFileSync(path(), '{}');
    chmodSync(path(), mode);
    rmSync(join(dir, 'link.json'), { force: true });
    symlinkSync(path(), join(dir, 'link.json'));
    // What a crash left behind.
    writeFileSync(`${path()}.new`, 'half', { mode: 0o644 });
    expect(await replaceKeyFile(join(dir, 'link.json'), keys)).toEqual({ ok: true, value: undefined });
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual(keys);
    expect(statSync(path()).mode & 0o777).toBe(mode);
    expect(readdirSync(dir).sort()).toEqual(['keys.json', 'link.json']);
  });

  it('a file that is not there is not made', async () => {
    const refused = await replaceKeyFile(join(dir, 'none.json'), keys);
    expect(refused.ok ? '' : refused.error.code).toBe('file-unwritable');
    expect(readdirSync(dir)).not.toContain('none.json');
  });
});
