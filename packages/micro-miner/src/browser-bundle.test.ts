// What a browser loads: no Node built-ins, and the same answers over a WebSocket.
import { spawn } from 'node:child_process';
import { builtinModules, createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { DeviceNode } from '@iotw/nodes/device/device-node';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { LANE, NETWORK, openTrustNode, scratch, testAssignment, until } from './test-network.js';

const KEYS = keyPairFromSeed(new Uint8Array(32).fill(9));
const ENTRY = `
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { ok } from '@iotw/kernel/result';
import { browserBootStore } from './browser-boot-store.js';
import { MicroMiner } from './session.js';
globalThis.startDevice = (url, boot) => new MicroMiner({
  keys: keyPairFromSeed(new Uint8Array(32).fill(9)),
  network: new Uint8Array(32).fill(7),
  boot: boot === undefined ? browserBootStore('device') : { next: async () => ok(boot), close: async () => {} },
  connect: { url },
  device: 3,
}).start();
`;

it('the browser bundle mines over a WebSocket without Node built-ins', async () => {
  const files = scratch();
  const node = await openTrustNode();
  const outfile = files.path('bundle.mjs');
  const result = await build({
    stdin: { contents: ENTRY, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    conditions: ['browser', 'source'],
    outfile,
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
  expect(imports.filter(({ path }) => path.startsWith('node:') || builtinModules.includes(path))).toEqual([]);
  const inputs = Object.keys(result.metafile.inputs);
  expect(inputs.filter((path) => /native\.node|sodium-native|hashtree|file-boot-store/.test(path))).toEqual(
    [],
  );

  // What Node 20 lacks of a browser is all that the bundle is given.
  const ws = createRequire(fileURLToPath(new URL('../../adapters/', import.meta.url))).resolve('ws');
  const program = `
    const { default: ws } = await import(${JSON.stringify(pathToFileURL(ws).href)});
    globalThis.WebSocket = ws.WebSocket;
    globalThis.navigator ??= { language: 'en', userAgent: 'test' };
    // The library's keep-alive clock runs in a worker; this device does not live long enough to need it.
    globalThis.Worker = class extends EventTarget { postMessage() {} };
    globalThis.window = Object.assign(globalThis, { document: {} });
    await import(${JSON.stringify(pathToFileURL(outfile).href)});
    await globalThis.startDevice('ws://127.0.0.1:${node.wsPort}', 7);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    await until(() => node.gateway.connected(toHex(KEYS.publicKey)));
    node.gateway.assign(toHex(KEYS.publicKey), testAssignment(1));
    await until(() => node.results.length === 1 && node.statuses.length === 1);
    const device = new DeviceNode({
      network: NETWORK,
      keys: KEYS,
      boot: 7,
      laneKey: () => LANE.publicKey,
    });
    expect(toHex(node.results[0]!)).toBe(toHex(device.answer(testAssignment(1))));
    expect(toHex(node.statuses[0]!)).toBe(toHex(device.presence(3, 5, 0)));
  } finally {
    child.kill('SIGKILL');
    await node.gateway.close();
    files.remove();
  }
});
