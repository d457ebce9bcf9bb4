/** The app's files and page as a browser gets them, and what its policy lets it load. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { getJson, startedApi } from './test-server.js';
import { contentSecurity } from './web/app-policy.js';

const directory = mkdtempSync(join(tmpdir(), 'iotw-app-'));
const SCRIPT = `/* ${'x'.repeat(5_000)} */`;
let api: ApiServer;

beforeAll(async () => {
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), '<meta name="csp-nonce" content="" /><p>the app</p>');
  writeFileSync(join(directory, 'assets/main-1.js'), SCRIPT);
  writeFileSync(join(directory, 'icon.svg'), '<svg/>');
  api = await startedApi({
    backend: new TestNode(),
    web: { directory, entrances: [{ trustNode: 0, port: 1_884 }] },
  });
});
afterAll(async () => {
  await api.close();
  rmSync(directory, { recursive: true });
});

/** The status line that answers a request line that fetch would not send. */
async function rawStatus(port: number, line: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${line}\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let answer = '';
  for await (const part of socket) answer += part;
  return answer.split('\r\n', 1)[0]!;
}

const HTML = { headers: { accept: 'text/html,*/*' } };

it('the page has a nonce of its own each time, and its policy names the same', async () => {
  const nonces = new Set<string>();
  for (const path of ['/', '/tx/00', '/wallet/send?to=x']) {
    const page = await fetch(api.url + path, HTML);
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy')!;
    const [, nonce] = /'nonce-([^']+)'/.exec(policy)!;
    expect(await page.text()).toBe(`<meta name="csp-nonce" content="${nonce}" /><p>the app</p>`);
    expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).toContain('ws://127.0.0.1:1884');
    nonces.add(nonce!);
  }
  expect(nonces.size).toBe(3);
});

it('files are compressed, cached for good where their name has a hash, else asked for again', async () => {
  const script = await fetch(`${api.url}/assets/main-1.js`);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('content-encoding')).toBe('gzip');
  expect(script.headers.get('content-security-policy')).toContain("'wasm-unsafe-eval'");
  expect(script.headers.get('cache-control')).toContain('immutable');
  expect(await script.text()).toBe(SCRIPT);
  const plain = await api.app.inject({ url: '/assets/main-1.js' });
  expect(plain.body).toBe(SCRIPT);
  const small = await api.app.inject({ url: '/assets/main-1.js', headers: { 'accept-encoding': 'gzip' } });
  expect(gunzipSync(small.rawPayload).toString()).toBe(SCRIPT);
  const icon = await fetch(`${api.url}/icon.svg`);
  expect(icon.headers.get('cache-control')).toBe('no-cache');
  const etag = icon.headers.get('etag')!;
  const again = await api.app.inject({ url: '/icon.svg', headers: { 'if-none-match': etag } });
  expect(again.statusCode).toBe(304);
});

describe('stays an unknown route', () => {
  it.each(['/v1/nothing', '/docs/nothing', '/metrics/x', '/v1'])('%s, even for a browser', async (path) => {
    const answer = await fetch(api.url + path, HTML);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'route-unknown' });
  });
  it.each(['/assets/gone.js', '/../package.json', '/assets/%2e%2e/%2e%2e/package.json', '/nothing'])(
    '%s, for a program',
    async (path) => {
      const { statusCode, body } = await api.app.inject({ url: path });
      expect(statusCode).toBe(404);
      expect(JSON.parse(body)).toMatchObject({ code: 'route-unknown' });
    },
  );
});

it('an overloaded node refuses what it would have to work for, and neither the app nor those who watch it', async () => {
  // Any delay is too long; it is measured once a second.
  const busy = await startedApi({
    backend: new TestNode(),
    web: { directory, entrances: [] },
    maxEventLoopDelayMs: Number.MIN_VALUE,
  });
  await vi.waitFor(
    async () =>
      expect(await getJson(busy, '/v1/status')).toMatchObject({
        status: 503,
        body: { code: 'node-overloaded' },
      }),
    { timeout: 30_000, interval: 20 },
  );
  for (const path of ['/', '/assets/main-1.js', '/healthz', '/readyz', '/metrics'])
    expect([path, (await fetch(busy.url + path, HTML)).status]).toEqual([path, 200]);
  // However it is spelled: the route counts.
  for (const path of ['/v1/status', '/%761/status', '/v1/rounds/1?limit=1'])
    expect([path, (await getJson(busy, path)).status]).toEqual([path, 503]);
  expect(await rawStatus(busy.port, `GET http://${busy.host}/v1/status HTTP/1.1`)).toContain(' 503 ');
  await busy.close();
});

it('without a build the page says how to make one', async () => {
  const bare = await startedApi({
    backend: new TestNode(),
    web: { directory: join(directory, 'assets'), entrances: [] },
  });
  expect(await getJson(bare, '/')).toMatchObject({ status: 404, body: { code: 'app-not-built' } });
  await bare.close();
});

it('a policy names this host alone, and no host that would be more than one', () => {
  const policy = { nonce: 'AAAA', devicePorts: [1], signerPort: 2 };
  expect(contentSecurity({ ...policy, hostname: 'localhost' })).toContain(
    'frame-src http://localhost:2 https://localhost:2;',
  );
  for (const hostname of ["x; script-src 'unsafe-inline'", '*', 'a b']) {
    const strict = contentSecurity({ ...policy, hostname });
    expect(strict).toContain("connect-src 'self';");
    expect(strict).toContain("frame-src 'none'");
    expect(strict).not.toContain('unsafe-inline');
  }
});
