/** What operators install, in the words of the programs that read it; where one of them is not there its test is skipped. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const deploy = (path: string): string => fileURLToPath(new URL(`../../../deploy/${path}`, import.meta.url));
const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

/** Exit code and everything that it said. */
function ran(program: string, args: readonly string[]): readonly [number | null, string] {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return [status, `${stdout}${stderr}`];
}

it.skipIf(!isThere('promtool'))('promtool takes every alert rule', () => {
  const [status, said] = ran('promtool', ['check', 'rules', deploy('prometheus/iotw-alerts.yml')]);
  expect(status, said).toBe(0);
});

it.skipIf(!isThere('systemd-analyze'))('systemd finds nothing wrong with the unit', () => {
  const dir = mkdtempSync(join(tmpdir(), 'iotw-unit-'));
  // Where nobody installed the node its program is missing; another one stands for it.
  const unit = readFileSync(deploy('systemd/iotw-node@.service'), 'utf8').replace(
    '/usr/local/bin/iotw',
    process.execPath,
  );
  const path = join(dir, 'iotw-node@.service');
  writeFileSync(path, unit);
  const [status, said] = ran('systemd-analyze', ['verify', path]);
  rmSync(dir, { recursive: true });
  expect([status, said]).toEqual([0, '']);
});
