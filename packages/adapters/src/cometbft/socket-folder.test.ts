import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSocketFolder } from './socket-folder.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'iotw-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function make(): Promise<string> {
  const made = await makeSocketFolder(home);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

it('is for its owner alone, and takes the place of the one that a kill left behind', async () => {
  const left = await make();
  writeFileSync(join(left, 'abci.sock'), '');
  const fresh = await make();
  expect(statSync(fresh).mode & 0o077).toBe(0);
  expect(existsSync(left)).toBe(false);
  rmSync(fresh, { recursive: true });
});

it.each([
  ['is elsewhere', (own: string) => join(own, 'iotw-abci-x')],
  ['has another name', () => mkdtempSync(join(tmpdir(), 'iotw-home-'))],
])('leaves a folder alone that %s', async (_what, folderOf) => {
  const other = folderOf(home);
  const kept = join(other, 'kept');
  rmSync(other, { recursive: true, force: true });
  mkdirSync(other, { recursive: true });
  writeFileSync(kept, '');
  writeFileSync(join(home, 'socket-folder'), other);
  const fresh = await make();
  expect(existsSync(kept)).toBe(true);
  for (const folder of [fresh, other]) rmSync(folder, { recursive: true });
});

it('is refused with a code where the home can not be written', async () => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  expect(await makeSocketFolder(join(file, 'home'))).toMatchObject({
    ok: false,
    error: { code: 'cometbft-home' },
  });
});
