import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Store } from '@iotw/kernel/ports/store';
import { afterAll, afterEach, assert, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FAILPOINTS, type FailAction } from '../failpoints/failpoint-names.js';
import { DEFAULT_MAX_TABLES, openEnvironment, openTables } from './lmdb-environment.js';
import { openLmdbStore } from './lmdb-store.js';
import { rewrittenPath } from './rewritten-values.js';

const CHILD = fileURLToPath(new URL('./fixtures/store-child.mjs', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/store/lmdb-store.js', import.meta.url));

beforeAll(() => assert(existsSync(BUILT), 'the child processes run dist: build first (tsc -b)'));

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'iotw-crash-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

interface Ran {
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

function run(mode: string, commits: number, failpoints = ''): Ran {
  const child = spawnSync(process.execPath, [CHILD, path, mode, String(commits)], {
    env: { ...process.env, IOTW_FAILPOINTS: failpoints },
    encoding: 'utf8',
    timeout: 50_000,
  });
  return { signal: child.signal, lines: child.stdout.trim().split('\n'), stderr: child.stderr };
}

function lastAck(lines: readonly string[]): number {
  const acked = lines.filter((line) => line.startsWith('ack ')).map((line) => Number(line.slice(4)));
  expect(acked).toEqual(acked.map((_, i) => acked[0]! + i)); // in the order given, no gap
  return acked.at(-1) ?? -1;
}

const number = (n: number) => new Uint8Array(Buffer.from([n >>> 24, n >>> 16, n >>> 8, n]));

/** Opens the store a child left and returns the last commit in it, having checked it is whole commits. */
async function recover(): Promise<number> {
  const opened = await openLmdbStore({ path });
  assert(opened.ok, opened.ok ? '' : opened.error.message);
  const store: Store = opened.value;
  const bytes = store.get('meta', new Uint8Array([1]));
  const head = bytes === undefined ? -1 : Buffer.from(bytes).readUInt32BE(0);
  const rows = [...store.range('rows', {})];
  const first = Math.max(0, head - 49);
  expect(rows.map(([key]) => Buffer.from(key).readUInt32BE(0))).toEqual(
    Array.from({ length: head - first + 1 }, (_, i) => first + i),
  );
  for (const [key, value] of rows) {
    expect(value).toEqual(new Uint8Array(3_000).fill(key[3]!));
  }
  const state = [...store.range('state', {})].map(([key, value]) => [
    Buffer.from(key).readUInt32BE(0),
    value,
  ]);
  expect(state).toEqual(
    [0, 1, 2].flatMap((k) => {
      const last = head - ((head - k) % 3);
      return head < k ? [] : [[k, new Uint8Array(20_000).fill(last & 0xff)]];
    }),
  );
  const again = await store.commit([{ table: 'rows', key: number(head + 1), value: new Uint8Array(3_000) }]);
  expect(again.ok).toBe(true);
  await store.commit([{ table: 'rows', key: number(head + 1), value: undefined }]);
  await store.close();
  // Whatever the killed process left without a name is gone.
  expect(await keptValues()).toBe(state.length);
  return head;
}

async function keptValues(): Promise<number> {
  const root = openEnvironment(rewrittenPath(path), DEFAULT_MAX_TABLES);
  const count = openTables(root, undefined).get('state')?.database.getKeysCount({});
  await root.close();
  return count ?? 0;
}

describe('a killed process', () => {
  test.each(['commit', 'burst'])(
    'kill -9 during %s: everything acknowledged is there, in whole commits',
    async (mode) => {
      let before = -1;
      for (let round = 0; round < 3; round++) {
        const child = spawn(process.execPath, [CHILD, path, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
        let out = '';
        child.stdout.setEncoding('utf8');
        const target = `ack ${before + 40 + 23 * round}\n`;
        await new Promise<void>((resolve) => {
          child.stdout.on('data', (chunk: string) => {
            out += chunk;
            if (out.includes(target)) child.kill('SIGKILL');
          });
          child.on('close', () => resolve());
        });
        const acked = lastAck(out.trim().split('\n'));
        const head = await recover();
        expect(head).toBeGreaterThanOrEqual(acked);
        expect(head).toBeLessThanOrEqual(acked + 4);
        before = head;
      }
    },
  );

  test('a second process is refused while the first lives, and served after kill -9', async () => {
    const child = spawn(process.execPath, [CHILD, path, 'hold'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = new Promise((resolve) => child.on('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(run('commit', 1).lines).toEqual(['store-locked']);
    child.kill('SIGKILL');
    await closed;
    expect(run('commit', 1).lines).toEqual(['open', 'ack 0', 'closed']);
  });
});

describe('a disk that ends', () => {
  test('a file size limit of the system: a code, nothing half written, everything acknowledged kept', async () => {
    // The shell's limit is in blocks of 512 bytes; the write beyond it fails as one on a broken disk does.
    const shell = 'ulimit -f 400; exec "$0" "$1" "$2" commit until-full';
    const child = spawnSync('sh', ['-c', shell, process.execPath, CHILD, path], {
      encoding: 'utf8',
      timeout: 50_000,
    });
    const lines = child.stdout.trim().split('\n');
    // LMDB's error path damages the heap: the process may die before it could say so.
    expect(child.signal).toMatch(/^SIG(KILL|ABRT|SEGV)$/);
    if (child.signal === 'SIGKILL') {
      expect(lines.at(-2)).toMatch(/^refused [0-9]+ store-io$/);
      // Nothing more is read from it either.
      expect(lines.at(-1)).toBe('thrown store-io');
    }
    const acked = lastAck(lines);
    expect(acked).toBeGreaterThan(10);
    expect(await recover()).toBe(acked);
  });
});

// Points that are passed once a process; the others fire at their 7th pass.
const ONCE = /^store-(open|close|table)/;

describe('every failpoint of the store', () => {
  let seeded: string;
  beforeAll(() => {
    path = seeded = mkdtempSync(join(tmpdir(), 'iotw-crash-seed-'));
    expect(run('commit', 20).lines.at(-1)).toBe('closed');
  });
  afterAll(() => rmSync(seeded, { recursive: true, force: true }));

  const cases = Object.entries(FAILPOINTS)
    .filter(([name]) => name.startsWith('store-'))
    .flatMap(([name, row]) => row.actions.map((action: FailAction) => [name, action] as const));

  test.each([
    'store-rewritten-after-sync=exit@7',
    'store-rewritten-before-begin=torn@7',
    'store-rewritten-before-remove=exit@7',
  ])(
    '%s: the next process goes on with the same keys, and takes nothing of its own for what was left',
    async (point) => {
      const acked = lastAck(run('commit', 20, point).lines);
      expect(acked).toBeGreaterThan(3);
      const again = run('commit', 2);
      expect(again.lines.at(-1)).toBe('closed');
      expect(await recover()).toBe(lastAck(again.lines));
    },
  );

  test('a power cut in the very first commit of rewritten values leaves a store that opens', async () => {
    expect(run('commit', 20, 'store-rewritten-before-begin=torn@1').signal).toBe('SIGKILL');
    expect(await recover()).toBe(-1);
  });

  test.each(cases)('%s=%s loses nothing acknowledged', async (name, action) => {
    const creates = name === 'store-table-create';
    if (!creates) cpSync(seeded, path, { recursive: true });
    const ran = run('commit', 20, `${name}=${action}@${ONCE.test(name) ? 1 : 7}`);
    const acked = Math.max(lastAck(ran.lines), creates ? -1 : 19);
    const dies = action === 'exit' || action === 'torn' || action === 'lost';
    expect(ran.signal).toBe(dies ? 'SIGKILL' : null);
    if (!dies) expect(ran.lines.join('\n')).toMatch(/store-io/);
    const head = await recover();
    if (action === 'lost') {
      // What a lying disk loses no process can keep; it must still be whole commits.
      expect(head).toBe(acked - 1);
      return;
    }
    expect(head).toBeGreaterThanOrEqual(acked);
    expect(head).toBeLessThanOrEqual(acked + 1);
  });
});
