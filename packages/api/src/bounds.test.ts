import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { startedApi } from './test-server.js';

let api: ApiServer;

beforeAll(async () => {
  api = await startedApi({ backend: new TestNode() });
});
afterAll(() => api.close());

/** What a server answers to bytes until it closes. */
function answerTo(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(api.port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

it('a header of more than 16 KiB is refused in our form', async () => {
  const answer = await answerTo(`GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer).toContain('"code":"request-malformed"');
});

it('a header just below is taken', async () => {
  const answer = await answerTo(
    `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ${'a'.repeat(15_000)}\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});
