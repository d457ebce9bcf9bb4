import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from './child.js';

const CLI = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const MINIMAL = fileURLToPath(new URL('../../../../examples/minimal-device.mjs', import.meta.url));
const seed = new Uint8Array(32).fill(77);
const key = toHex(keyPairFromSeed(seed).publicKey);

let dir: string;
let devnet: Child;
let api: string;
let mqtt: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-foreign-'));
  writeFileSync(join(dir, 'device.key'), toHex(seed));
  const args = ['--dir', join(dir, 'net'), '--devices', '12', '--rate', '20', '--loop'];
  const ports = ['--api-port', '0', '--mqtt-port', '0'];
  devnet = new Child('devnet', CLI, ['devnet', '--json', ...args, ...ports]);
  const ready = await devnet.first('ready');
  if (!ready.ok) throw new Error(ready.error.message);
  api = String(ready.value.apiUrl);
  const [first] = ready.value.mqtt as readonly { readonly tcpPort: number }[];
  mqtt = `mqtt://127.0.0.1:${first!.tcpPort}`;
});

afterAll(async () => {
  await devnet.stop(20_000);
  await rm(dir, { recursive: true, force: true });
});

/** Runs the CLI; its JSON answer. */
function iotw(...args: string[]): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const run = spawn(process.execPath, [CLI, ...args, '--api', api, '--json']);
    let out = '';
    run.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
    });
    run.on('error', reject);
    run.on('exit', () => resolve(JSON.parse(out) as Record<string, unknown>));
  });
}

describe('a foreign device', () => {
  it('joins by a maker batch, is elected, mines or witnesses, and is paid', async () => {
    const registered = await iotw(
      'device',
      'register',
      '--key-file',
      join(dir, 'device.key'),
      '--devnet',
      join(dir, 'net'),
    );
    expect(registered).toMatchObject({ status: 'final', result: 'ok' });
    const shown = await iotw('device', 'show', key);
    const number = String(shown.device);
    const network = (await (await fetch(`${api}/v1/network`)).json()) as { readonly network: string };
    const flags = [
      '--url',
      mqtt,
      '--key-file',
      join(dir, 'device.key'),
      '--network',
      network.network,
      '--device',
      number,
    ];
    const device = spawn(process.execPath, [MINIMAL, ...flags], { stdio: 'ignore' });
    try {
      let earned = 0;
      while (earned === 0 && device.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        earned = Number((await iotw('device', 'show', number)).earned);
      }
      expect(earned).toBeGreaterThan(0);
    } finally {
      device.kill('SIGTERM');
    }
  }, 180_000);
});
