import { fromUtf8, joinBytes } from '@iotw/kernel/bytes';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { type Connection, pause } from './connection.js';
import { problemOf } from './problem.js';

export interface Call {
  readonly method?: 'GET' | 'POST';
  /** From `/v1` on; its variable parts are encoded by `path`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** JSON, or bytes as application/octet-stream. */
  readonly body?: object | Uint8Array;
  readonly accept?: 'application/json' | 'application/octet-stream';
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** A POST that may be sent again, since it has its effect once: tried again where it was not taken. */
  readonly repeatable?: boolean;
}

/** Bytes of one answer; a server that sends more is not ours. */
export const MAX_ANSWER_BYTES = 128 * 1024 * 1024;
/** Longest pause a server may ask for by Retry-After, ms; a longer one is left to the caller. */
const MAX_RETRY_AFTER_MS = 10_000;
const RETRY_STATUS: readonly number[] = [429, 502, 503, 504];

/** A path with its variable parts percent-encoded. */
export function path(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts.reduce((text, part, i) => text + encodeURIComponent(String(values[i - 1])) + part);
}

/** An answer as JSON. Codes: those of `callBytes`, `client-answer` (no JSON). */
export async function callJson(connection: Connection, call: Call): Promise<Result<unknown>> {
  const bytes = await callBytes(connection, call);
  if (!bytes.ok) return bytes;
  const text = fromUtf8(bytes.value);
  try {
    if (text !== undefined) return ok(JSON.parse(text));
  } catch {
    // The same refusal as for text that is no UTF-8.
  }
  return fail(
    'client-answer',
    `The answer to ${call.path} is no JSON: is ${connection.options.url} an API server?`,
  );
}

/**
 * An answer's bytes. GET is tried again after lost connections, time-outs and the statuses 429, 502, 503
 * and 504, a repeatable POST after lost connections and 429 and 503; any other POST is sent once.
 * Codes: the problem's own (see docs/errors.md), `client-url`, `client-unreachable`, `client-timeout`,
 * `client-aborted`, `client-status` (an error without a problem), `client-answer-too-large`.
 */
export async function callBytes(connection: Connection, call: Call): Promise<Result<Uint8Array>> {
  const isPost = call.method === 'POST';
  const tries = isPost && call.repeatable !== true ? 1 : 1 + connection.retries;
  for (let attempt = 1; ; attempt++) {
    const answer = await once(connection, call);
    if (answer.ok || attempt >= tries || !isTransient(answer.error, isPost)) return answer;
    const asked = answer.error.data?.retryAfterMs;
    const wait = Math.max(connection.backoffMs(attempt), typeof asked === 'number' ? asked : 0);
    if (wait > MAX_RETRY_AFTER_MS) return answer;
    await pause(wait, call.signal);
    if (call.signal?.aborted) return aborted();
  }
}

function isTransient({ code, data }: Failure, isPost: boolean): boolean {
  if (code === 'client-unreachable') return true;
  if (isPost) return data?.status === 429 || data?.status === 503;
  return code === 'client-timeout' || RETRY_STATUS.includes(data?.status as number);
}

async function once(connection: Connection, call: Call): Promise<Result<Uint8Array>> {
  const url = urlOf(connection, call);
  if (!url.ok) return url;
  const timeoutMs = call.timeoutMs ?? connection.timeoutMs;
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  if (call.signal?.aborted) return aborted();
  call.signal?.addEventListener('abort', onAbort);
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    const response = await connection.fetch(url.value, requestOf(connection, call, stop.signal));
    const bytes = await readBody(response);
    if (!bytes.ok) stop.abort();
    else if (!response.ok) return problemOf(response, bytes.value, call.path);
    return bytes;
  } catch (error) {
    if (call.signal?.aborted) return aborted();
    if (stop.signal.aborted) {
      return fail(
        'client-timeout',
        `${connection.options.url} did not answer ${call.path} within ${timeoutMs} ms: ask again, or give more time.`,
      );
    }
    return fail(
      'client-unreachable',
      `${connection.options.url} can't be reached: check the address and that the node runs.`,
      { cause: causeOf(error) },
    );
  } finally {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', onAbort);
  }
}

/** The whole address. Code: `client-url`. */
export function urlOf(connection: Connection, call: Pick<Call, 'path' | 'query'>): Result<string> {
  let url: URL;
  try {
    url = new URL(connection.options.url.replace(/\/+$/, '') + call.path);
  } catch {
    return fail(
      'client-url',
      'The option `url` is no address such as https://api.example or http://localhost:8080.',
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return fail('client-url', `An API server is reached by http or https, not ${url.protocol}`);
  }
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return ok(url.href);
}

function requestOf(connection: Connection, call: Call, signal: AbortSignal): RequestInit {
  const { body } = call;
  const headers: Record<string, string> = {
    ...connection.options.headers,
    accept: call.accept ?? 'application/json',
  };
  if (body === undefined) return { method: call.method ?? 'GET', headers, signal };
  headers['content-type'] = body instanceof Uint8Array ? 'application/octet-stream' : 'application/json';
  const content = body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body);
  return { method: call.method ?? 'POST', headers, signal, body: content };
}

async function readBody(response: Response): Promise<Result<Uint8Array>> {
  const reader = response.body?.getReader();
  if (reader === undefined) return ok(new Uint8Array(0));
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return ok(joinBytes(parts));
    length += value.length;
    if (length > MAX_ANSWER_BYTES) {
      return fail(
        'client-answer-too-large',
        `An answer has at most ${MAX_ANSWER_BYTES} bytes: this is no API server.`,
      );
    }
    parts.push(value);
  }
}

export function aborted(): Result<never> {
  return fail('client-aborted', 'The call was ended by its own program.');
}

/** The system's own word, such as ECONNREFUSED, where the platform tells it. */
export function causeOf(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown } } | undefined)?.cause;
  return typeof cause?.code === 'string' ? cause.code : String(error);
}
