import type { ServerResponse } from 'node:http';
import type { ApiContext } from '../context.js';
import { STREAM_BUFFER_BYTES } from '../limits.js';
import type { StreamFilter } from './events.js';
import { StreamPump } from './pump.js';
import type { OpenStream, Streams } from './streams.js';

/** Milliseconds after which a browser connects again. */
const RETRY_MS = 2_000;

/** Serves Server-Sent Events on a response whose head is not written yet, until either side ends it. */
export function serveEvents(
  context: ApiContext,
  streams: Streams,
  response: ServerResponse,
  headers: Record<string, string>,
  address: string,
  filter: StreamFilter,
  from: number,
): void {
  let blockedSinceMs: number | undefined;
  const send = (text: string) => {
    response.write(text);
    if (response.writableLength > STREAM_BUFFER_BYTES) blockedSinceMs ??= Date.now();
  };
  const pump = new StreamPump(
    context,
    filter,
    {
      get ready() {
        return blockedSinceMs === undefined && !response.destroyed;
      },
      write: ({ id, event, data }) => send(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`),
    },
    from,
  );
  const stream: OpenStream = {
    wake: () => pump.run(),
    beat: () => send(': beat\n\n'),
    get blockedSinceMs() {
      return blockedSinceMs;
    },
    drop: (code) => {
      // What a slow client has not read is thrown away with its connection.
      if (code === 'stream-closing') response.end(`event: closing\ndata: {"code":"${code}"}\n\n`);
      else response.destroy();
      finish();
    },
  };
  const finish = () => {
    pump.stop();
    streams.remove(stream);
  };
  response.on('drain', () => {
    blockedSinceMs = undefined;
    pump.run();
  });
  response.on('close', finish);
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  streams.add(stream, address, 'sse');
  pump.run();
}
