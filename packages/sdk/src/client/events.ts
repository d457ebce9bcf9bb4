import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { type AccountName, accountText } from './accounts.js';
import { type Connection, pause } from './connection.js';
import { problemOf } from './problem.js';
import { causeOf, urlOf } from './request.js';
import { EventStreamParser, MAX_EVENT_CHARACTERS } from './sse.js';

/** One event of `/v1/events`. */
export interface StreamEvent {
  /** Give it as `lastEventId` to go on behind this event. */
  readonly id: string;
  readonly type: string;
  /** JSON as the server sent it. */
  readonly data: unknown;
}

export interface EventsOptions {
  /** Go on behind this event; from now on unless given. */
  readonly lastEventId?: string;
  /** Rounds and epochs unless given, or transactions where an account is named. */
  readonly events?: readonly ('round' | 'transaction' | 'epoch')[];
  /** Whose transactions are wanted. */
  readonly account?: AccountName;
  readonly signal?: AbortSignal;
  /** Silence after which the connection is taken for dead, ms; the server sends a comment every 15 s. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 45_000;
const MAX_PAUSE_MS = 30_000;

/**
 * The live stream (SSE) over fetch, so that Node and browsers read it alike. After a lost connection it
 * reconnects with Last-Event-ID until it is aborted (which ends it without a failure), so no event is lost
 * or doubled as long as the server keeps it. A refusal (4xx) is given once and ends the stream, as does
 * `client-answer` (no event stream) and `client-event-too-large`.
 */
export async function* events(
  connection: Connection,
  options: EventsOptions = {},
): AsyncGenerator<Result<StreamEvent>, void, void> {
  const { signal } = options;
  const parserState = { lastEventId: options.lastEventId ?? '', retryMs: undefined as number | undefined };
  let failures = 0;
  while (!signal?.aborted) {
    const parser = new EventStreamParser(parserState.lastEventId);
    const stop = new AbortController();
    const onAbort = () => stop.abort();
    signal?.addEventListener('abort', onAbort);
    try {
      const opened = await open(connection, options, parser.lastEventId, stop);
      if (!opened.ok) {
        if (!isTransient(opened.error)) {
          yield opened;
          return;
        }
      } else {
        for await (const event of read(opened.value, parser, options.silenceMs ?? SILENCE_MS, stop)) {
          failures = 0;
          parserState.lastEventId = parser.lastEventId;
          yield event;
          if (!event.ok) return;
        }
        parserState.lastEventId = parser.lastEventId;
        parserState.retryMs = parser.retryMs ?? parserState.retryMs;
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      stop.abort();
    }
    failures++;
    const wait = Math.max(connection.backoffMs(Math.min(failures, 8)), parserState.retryMs ?? 0);
    if (!signal?.aborted) await pause(Math.min(wait, MAX_PAUSE_MS), signal);
  }
}

async function open(
  connection: Connection,
  options: EventsOptions,
  lastEventId: string,
  stop: AbortController,
): Promise<Result<Response>> {
  const account = options.account === undefined ? undefined : accountText(options.account);
  const call = { path: '/v1/events', query: { events: options.events?.join(','), account } };
  const url = urlOf(connection, call);
  if (!url.ok) return url;
  const headers = {
    ...connection.options.headers,
    accept: 'text/event-stream',
    ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
  };
  const timer = setTimeout(() => stop.abort(), connection.timeoutMs);
  try {
    const response = await connection.fetch(url.value, { headers, signal: stop.signal });
    if (!response.ok) {
      return problemOf(response, new Uint8Array(await response.arrayBuffer()), call.path);
    }
    if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
      return fail('client-answer', 'The answer to /v1/events is no event stream: is this an API server?');
    }
    return ok(response);
  } catch (error) {
    return fail('client-unreachable', `${connection.options.url} can't be reached.`, {
      cause: causeOf(error),
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Events until the connection ends, falls silent or breaks; the caller reconnects. */
async function* read(
  response: Response,
  parser: EventStreamParser,
  silenceMs: number,
  stop: AbortController,
): AsyncGenerator<Result<StreamEvent>, void, void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  for (;;) {
    const timer = setTimeout(() => stop.abort(), silenceMs);
    const piece = await reader.read().catch(() => undefined);
    clearTimeout(timer);
    if (piece === undefined || piece.done) return;
    for (const { id, type, data } of parser.push(decoder.decode(piece.value, { stream: true }))) {
      // The server says that it ends this connection; the next one goes on.
      if (type === 'closing') continue;
      const json = parse(data);
      if (!json.ok) {
        yield json;
        return;
      }
      yield ok({ id, type, data: json.value });
    }
    if (parser.waiting > MAX_EVENT_CHARACTERS) {
      yield fail('client-event-too-large', `An event has at most ${MAX_EVENT_CHARACTERS} characters.`);
      return;
    }
  }
}

function parse(data: string): Result<unknown> {
  try {
    return ok(JSON.parse(data));
  } catch {
    return fail('client-answer', 'An event of the stream is no JSON: this is another version of the server.');
  }
}

function isTransient(error: Failure): boolean {
  const status = error.data?.status;
  return (
    error.code === 'client-unreachable' || status === 429 || (typeof status === 'number' && status >= 500)
  );
}
