/** The built program as a process: what `run` in this process can't show. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotwJson } from './test-io.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-main-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('exit codes', () => {
  const table: [words: string[], code: number][] = [
    [['--version'], 0],
    [['epoch', 'show', 'now'], 1],
    [['walet'], 2],
  ];
  for (const [words, code] of table) {
    it(`iotw ${words.join(' ')}: ${code}`, () => {
      expect(spawnSync(process.execPath, [MAIN, ...words]).status).toBe(code);
    });
  }
});

it('a reader that goes away is no fault', () => {
  const shell = `"${process.execPath}" "${MAIN}" --help | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout } = spawnSync('bash', ['-c', shell]);
  expect(stdout.toString()).toBe('Usage: iotw <noun> <verb> [options]\n0\n');
});

describe('a node as a process', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`tells in one line that it is ready, and ${signal} stops it in order`, async () => {
      const network = join(dir, signal);
      const ports = ['--api-port', '0', '--mqtt-port', '0'];
      expect(
        (await iotwJson(['genesis', 'create', '--dir', network, '--trust-nodes', '2', ...ports])).code,
      ).toBe(0);
      const node = spawn(process.execPath, [MAIN, 'node', '--config', join(network, 'node.json'), '--json']);
      let out = '';
      let err = '';
      node.stderr.on('data', (chunk) => {
        err += chunk;
      });
      const ended = new Promise<number | null>((resolve) => {
        node.once('exit', resolve);
      });
      await new Promise<void>((resolve) => {
        node.stdout.on('data', (chunk) => {
          out += chunk;
          if (out.includes('\n')) resolve();
        });
        void ended.then(() => resolve());
      });
      expect(JSON.parse(out), err).toMatchObject({
        kind: 'ready',
        mqtt: [{ trustNode: 0 }, { trustNode: 1 }],
      });
      const { apiUrl } = JSON.parse(out) as { apiUrl: string };
      expect((await fetch(`${apiUrl}/healthz`)).status).toBe(200);
      node.kill(signal);
      expect(await ended).toBe(0);
      expect(err).toBe('');
      expect(out.trim().split('\n')).toHaveLength(1);
    });
  }
});
