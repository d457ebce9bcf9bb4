import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { fileBootStore } from './file-boot-store.js';
import { scratch } from './test-network.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function directory(): string {
  const files = scratch();
  closers.push(files.remove);
  return files.path('boot');
}

// Child processes run the build.
const BUILT = fileURLToPath(new URL('../dist/file-boot-store.js', import.meta.url));
const CHILD = `
const { fileBootStore } = await import(process.argv[1]);
for (;;) {
  const store = fileBootStore(process.argv[2]);
  const next = await store.next();
  console.log(next.ok ? next.value : next.error.code);
  if (!next.ok) process.exit(1);
  await store.close();
}
`;

/** Runs a process that raises the counter again and again, kills it after `lines` numbers, and gives them back. */
async function killedAfter(path: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, BUILT, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const seen: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.push(line);
    if (seen.length === lines) child.kill('SIGKILL');
  });
  await new Promise((done) => child.on('close', done));
  return seen;
}

it('counts from 1, keeps few files, and goes on where it was', async () => {
  const path = directory();
  const store = fileBootStore(path);
  expect(await store.next()).toEqual({ ok: true, value: 1 });
  expect(await store.next()).toEqual({ ok: true, value: 2 });
  for (let boot = 3; boot <= 40; boot++) expect(await store.next()).toEqual({ ok: true, value: boot });
  await store.close();
  expect(readdirSync(path).length).toBe(17);
  const again = fileBootStore(path);
  expect(await again.next()).toEqual({ ok: true, value: 41 });
  await again.close();
});

it('never repeats a number however often the process is killed', async () => {
  const path = directory();
  const numbers: number[] = [];
  for (let round = 0; round < 8; round++)
    numbers.push(...(await killedAfter(path, 1 + 3 * round)).map(Number));
  expect(numbers.every(Number.isSafeInteger)).toBe(true);
  for (let i = 1; i < numbers.length; i++) expect(numbers[i]!).toBeGreaterThan(numbers[i - 1]!);
});

it('refuses a second process, and follows one that died', async () => {
  const path = directory();
  const store = fileBootStore(path);
  await store.next();
  expect(await killedAfter(path, 99)).toEqual(['boot-store-locked']);
  await store.close();
  expect(Number((await killedAfter(path, 1))[0])).toBe(2);
});

it.each<[string, string]>([
  ['of a process that is gone', '999999999 1 x\n'],
  ['of another process with our number, before a restart of the machine', `${process.pid} 1 x\n`],
  ['cut short by a power loss', ''],
])('takes over a lock %s', async (_what, content) => {
  const path = directory();
  mkdirSync(path);
  writeFileSync(`${path}/lock`, content);
  const store = fileBootStore(path);
  expect(await store.next()).toEqual({ ok: true, value: 1 });
  await store.close();
});

it('draws different numbers even where the lock fails', async () => {
  const path = directory();
  const drawn: number[] = [];
  let racing = true;
  const unlocking = (async () => {
    while (racing) {
      rmSync(`${path}/lock`, { force: true });
      await new Promise((done) => setImmediate(done));
    }
  })();
  const racers = Array.from({ length: 6 }, async () => {
    for (let i = 0; i < 10; i++) {
      const store = fileBootStore(path);
      const next = await store.next();
      if (next.ok) drawn.push(next.value);
      await store.close();
    }
  });
  await Promise.all(racers);
  racing = false;
  await unlocking;
  expect(new Set(drawn).size).toBe(drawn.length);
  expect(drawn.length).toBeGreaterThan(1);
});

it('says so when the counter is used up or the directory is none', async () => {
  const path = directory();
  mkdirSync(path);
  writeFileSync(`${path}/4294967295`, '');
  expect(await fileBootStore(path).next()).toMatchObject({ error: { code: 'boot-store-exhausted' } });
  const file = directory();
  writeFileSync(file, '');
  expect(await fileBootStore(file).next()).toMatchObject({ error: { code: 'boot-store-failed' } });
});
