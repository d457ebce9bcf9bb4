import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed, verify } from '@iotw/kernel/ed25519';
import { registerDigest } from '@iotw/protocol/digests';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { getJson, postJson, startedApi } from './test-server.js';

const BATCH = keyPairFromSeed(new Uint8Array(32).fill(77));
const DEVICE = keyPairFromSeed(new Uint8Array(32).fill(78));
const directory = mkdtempSync(join(tmpdir(), 'iotw-signer-'));
const node = new TestNode();
let api: ApiServer;
let signer: string;

beforeAll(async () => {
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'signer.html'), '<meta name="signer-card" content="" />');
  writeFileSync(join(directory, 'index.html'), '<meta name="csp-nonce" content="" />');
  writeFileSync(join(directory, 'assets', 'signer-1.js'), 'void 0;');
  writeFileSync(join(directory, 'secret.txt'), 'not served');
  api = await startedApi({
    backend: node,
    guests: { keys: BATCH, maker: 0, batch: 9 },
    web: {
      directory,
      entrances: [{ trustNode: 1, port: 1_885 }],
      signer: { directory, listen: { host: '127.0.0.1', port: 0 } },
    },
  });
  const { body } = await getJson(api, '/v1/wallet-services');
  signer = `http://127.0.0.1:${body.signerPort}`;
});
afterAll(async () => {
  await api.close();
  rmSync(directory, { recursive: true, force: true });
});

it('tells a wallet what there is', async () => {
  const { status, body } = await getJson(api, '/v1/wallet-services');
  expect(status).toBe(200);
  expect(body).toEqual({
    signerPort: expect.any(Number),
    signerOrigin: null,
    faucetAmount: null,
    guests: { left: 0 },
    entrances: [{ trustNode: 1, port: 1_885 }],
  });
  expect(body.signerPort).not.toBe(api.port);
});

describe('the signer', () => {
  it('is framed by the app alone, connects to nothing and knows its network', async () => {
    const page = await fetch(`${signer}/signer.html?x=1`);
    const policy = page.headers.get('content-security-policy') ?? '';
    for (const directive of [
      "default-src 'none'",
      "connect-src 'none'",
      `frame-ancestors http://127.0.0.1:${api.port}`,
      "form-action 'none'",
    ]) {
      expect(policy.split('; ')).toContain(directive);
    }
    expect(policy).not.toContain('unsafe-inline');
    expect(page.headers.get('cache-control')).toBe('no-store');
    const card = /content="([^"]*)"/.exec(await page.text())?.[1]?.replaceAll('&quot;', '"');
    expect(JSON.parse(card ?? '')).toMatchObject({
      network: toHex(node.network),
      prefix: 'tiotw',
      app: `http://127.0.0.1:${api.port}`,
      feeFloor: node.ledger.parameters.feeFloor,
    });
  });

  it('serves the files of its build and nothing else', async () => {
    const asset = await fetch(`${signer}/assets/signer-1.js`);
    expect(await asset.text()).toBe('void 0;');
    expect(asset.headers.get('content-type')).toContain('text/javascript');
    for (const path of [
      '/',
      '/secret.txt',
      '/assets/../secret.txt',
      '/assets/%2e%2e/secret.txt',
      '/v1/status',
    ]) {
      expect((await fetch(signer + path)).status, path).toBe(404);
    }
    expect((await fetch(`${signer}/signer.html`, { method: 'POST' })).status).toBe(400);
  });

  it.each(['a.example; script-src *', '"><script>', 'x y'])(
    'does not answer to the host %j',
    async (host) => {
      const status = await new Promise((resolve, reject) => {
        const { port } = new URL(signer);
        const asked = request({ port, path: '/signer.html', headers: { host } }, ({ statusCode }) =>
          resolve(statusCode),
        );
        asked.on('error', reject);
        asked.end();
      });
      expect(status).toBe(400);
    },
  );

  it('does not move when its port is taken', async () => {
    const port = Number(new URL(signer).port);
    await expect(
      startedApi({
        backend: new TestNode(),
        web: { directory, entrances: [], signer: { directory, listen: { host: '127.0.0.1', port } } },
      }),
    ).rejects.toThrow(/signer belongs, is taken/);
  });
});

describe('behind a proxy', () => {
  const origins = { app: 'https://iotw.example', signer: 'https://sign.iotw.example:8443' };
  let behind: ApiServer;
  beforeAll(async () => {
    behind = await startedApi({
      backend: new TestNode(),
      requestsPerMinute: { most: 3, loopback: false },
      web: {
        directory,
        origins,
        entrances: [{ trustNode: 1, port: 1_885 }],
        signer: { directory, listen: { host: '127.0.0.1', port: 0 } },
      },
    });
  });
  afterAll(() => behind.close());

  it('app and signer name each other by the origins of the configuration, whatever the host', async () => {
    const { body } = await getJson(behind, '/v1/wallet-services');
    expect(body).toMatchObject({ signerOrigin: origins.signer });
    const opened = await fetch(behind.url, { headers: { accept: 'text/html' } });
    const app = (opened.headers.get('content-security-policy') ?? '').split('; ');
    expect(app).toContain(`frame-src ${origins.signer}`);
    expect(app).toContain("connect-src 'self' ws://iotw.example:1885 wss://iotw.example:1885");
    const page = await fetch(`http://127.0.0.1:${body.signerPort}/signer.html`);
    const policy = (page.headers.get('content-security-policy') ?? '').split('; ');
    expect(policy).toContain(`frame-ancestors ${origins.app}`);
    expect(await page.text()).toContain(`&quot;app&quot;:&quot;${origins.app}&quot;`);
  });

  it('limits hold for whom the proxy names, and nobody else can be named by a request', async () => {
    const from = (address: string) =>
      fetch(`${behind.url}/v1/network`, { headers: { 'x-forwarded-for': address } });
    const statuses = [];
    // What the asker wrote stands first; the proxy adds whom it saw.
    for (let n = 0; n < 4; n += 1) statuses.push((await from(`10.0.0.${n}, 192.0.2.7`)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await from('192.0.2.8')).status).toBe(200);
  });
});

describe('a guest', () => {
  const key = toHex(DEVICE.publicKey);
  it.each([
    [{ key: 'ff', region: 0 }, 400, 'guest-key'],
    [{ key, region: 200 }, 400, 'device-region'],
    [{ key, region: 0 }, 400, 'guest-quota'],
    [{ key }, 400, 'request-invalid'],
  ])('%j is refused', async (body, status, code) => {
    expect(await postJson(api, '/v1/guests', body)).toMatchObject({ status, body: { code } });
  });

  it('of a batch with room is vouched for, as a person in the region it named', async () => {
    const { makers } = node.ledger as unknown as { makers: { batches: { open(...row: unknown[]): number } } };
    makers.batches.open(0, 9, BATCH.publicKey, 2, 0);
    const { status, body } = await postJson(api, '/v1/guests', { key, region: 0 });
    expect(status).toBe(200);
    const content = { key: DEVICE.publicKey, maker: 0, batch: 9, region: 0, deviceClass: DEVICE_CLASS.user };
    const signature = Uint8Array.from(Buffer.from(body.batchSignature, 'hex'));
    expect(verify(signature, registerDigest(node.network, content), BATCH.publicKey)).toBe(true);
  });
});

it('where nobody may join says so', async () => {
  const without = await startedApi({ backend: new TestNode() });
  const body = { key: toHex(DEVICE.publicKey), region: 0 };
  expect(await postJson(without, '/v1/guests', body)).toMatchObject({
    status: 404,
    body: { code: 'guests-off' },
  });
  await without.close();
});
