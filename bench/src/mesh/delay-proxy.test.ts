import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DelayProxy } from './delay-proxy.js';

const HOST = '127.0.0.1';
const DELAY_MS = 40;
/** Sends back what it gets, and closes when the other side has closed its half. */
const echo = createServer((socket) => socket.pipe(socket));
let proxy: DelayProxy;

beforeAll(async () => {
  await new Promise<void>((resolve) => echo.listen(0, HOST, resolve));
  const { port } = echo.address() as { readonly port: number };
  proxy = await DelayProxy.open({ host: HOST, port }, DELAY_MS);
});
afterAll(async () => {
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

const opened = (): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = connect(proxy.place.port, HOST, () => resolve(socket));
  });

test('everything arrives, in order and no sooner than there and back again', async () => {
  const socket = await opened();
  const sent = Buffer.alloc(3_000_000, 'a line that is long enough to be cut into many chunks ');
  const began = performance.now();
  socket.write(sent);
  const chunks: Buffer[] = [];
  let first = 0;
  for await (const chunk of socket) {
    if (chunks.length === 0) first = performance.now() - began;
    chunks.push(chunk as Buffer);
    if (Buffer.concat(chunks).length === sent.length) break;
  }
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  // A timer may come within the last millisecond of its time.
  expect(first).toBeGreaterThanOrEqual(2 * (DELAY_MS - 1));
});

test('what was sent before the end arrives, and the end behind it', async () => {
  const socket = await opened();
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.end('last words');
  await closed;
  expect(heard).toBe('last words');
});
