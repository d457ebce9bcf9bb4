// A server that tells the app what a network once told (tools/web/recordings): the same files under the same policy as the API server gives them, the
// stream of rounds at its own times, the answers of their moment.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { AppFiles } from '@iotw/api/web/app-files';
import { contentSecurity } from '@iotw/api/web/app-policy';
import { ROOT } from '../tidy/files.mjs';

const COMMITTEE = /^\/v1\/(elections|blocks)\/(\d+)\/(\d+)$/;

/** @param {string} file @returns {object} a recording of tools/web/record.mjs */
export function readRecording(file) {
  return JSON.parse(brotliDecompressSync(readFileSync(file)).toString());
}

/**
 * Plays a recording from the moment on when the stream is first asked for.
 * @param {ReturnType<typeof readRecording>} recording
 * @returns {Promise<{url: string, again: () => void, stop: () => void}>} `again`: the next page begins at the beginning
 */
export async function replay(recording) {
  const files = AppFiles.open(join(ROOT, 'packages/web/dist'));
  if (files === undefined) throw new Error('the app is not built: npm run build');
  const answers = Object.entries(recording.answers).map(([path, kept]) => ({ path: sorted(path), kept }));
  const timers = new Set();
  let began;

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://here');
    if (pathname === '/v1/events') return stream(response);
    if (pathname.startsWith('/v1/') || pathname === '/healthz') return answer(request.url, response);
    const file = await files.file(pathname.slice(1));
    const nonce = randomBytes(16).toString('base64');
    response.setHeader(
      'content-security-policy',
      contentSecurity({ nonce, hostname: '127.0.0.1', devicePorts: [], signerPort: undefined }),
    );
    if (file === undefined)
      return response.setHeader('content-type', 'text/html; charset=utf-8').end(files.page(nonce));
    response.setHeader('content-type', file.type);
    if (file.gzip === undefined) return response.end(file.bytes);
    return response.setHeader('content-encoding', 'gzip').end(file.gzip);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  function stream(response) {
    began ??= performance.now();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 2000\n\n');
    for (const [index, { at, data }] of recording.rounds.entries()) {
      const wait = began + at - performance.now();
      if (wait < 0) continue;
      const timer = setTimeout(() => {
        timers.delete(timer);
        response.write(`id: ${index}\nevent: round\ndata: ${data}\n\n`);
      }, wait);
      timers.add(timer);
    }
  }

  function answer(url, response) {
    const body = bodyOf(url);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    if (body !== undefined) return response.end(JSON.stringify(body));
    response.statusCode = 404;
    return response.end(JSON.stringify({ status: 404, code: 'not-recorded', detail: url }));
  }

  function bodyOf(url) {
    const at = began === undefined ? 0 : performance.now() - began;
    const path = sorted(url);
    const kept = answers.find((known) => known.path === path)?.kept;
    if (kept !== undefined) return nearest(kept, at).body;
    const committee = COMMITTEE.exec(path);
    if (committee === null) return undefined;
    const [, kind, lane, height] = committee;
    const others = answers.filter((known) => known.path.startsWith(`/v1/${kind}/`));
    const { body } = nearest(
      others.flatMap((known) => known.kept),
      at,
    );
    return placed(body, Number(lane), Number(height));
  }

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    again() {
      began = undefined;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
    stop() {
      this.again();
      server.closeAllConnections();
      server.close();
    },
  };
}

function nearest(kept, at) {
  return kept.reduce((best, one) => (Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best));
}

/** An election or a block under another place. */
function placed(body, lane, height) {
  if (body.header === undefined) return { ...body, lane, height };
  return { ...body, header: { ...body.header, lane, height } };
}

function sorted(url) {
  const { pathname, searchParams } = new URL(url, 'http://here');
  searchParams.sort();
  return searchParams.size === 0 ? pathname : `${pathname}?${searchParams}`;
}
