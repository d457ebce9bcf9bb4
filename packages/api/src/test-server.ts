/** An API server for tests on a free port of this machine, and what is asked of it. */
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { publicKey } from '@iotw/ledger/test-network';
import { encodeAddress } from '@iotw/protocol/address';
import { type ApiOptions, type ApiServer, startApi } from './server.js';

type Options = Pick<ApiOptions, 'backend'> & Partial<ApiOptions>;

/** An API server that has started, with an index in memory unless told otherwise; whoever asks for it closes it. */
export async function startedApi(options: Options): Promise<ApiServer> {
  const started = await startApi({
    listen: { host: '127.0.0.1', port: 0 },
    indexStore: openMemoryStore(),
    ...options,
  });
  if (!started.ok) throw new Error(started.error.message);
  return started.value;
}

/** The address of an account of the test network, `alice` or a device. */
export const address = (name: string): string => encodeAddress('tiotw', 0, publicKey(name));

// biome-ignore lint/suspicious/noExplicitAny: the answers are looked into field by field
export type JsonAnswer = { status: number; type: string | null; body: any };

/** GET: status, content type and the JSON that came. */
export async function getJson(
  api: ApiServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<JsonAnswer> {
  return answerOf(await fetch(api.url + path, { headers }));
}

/** POST of text as it is, or of a value as JSON. */
export async function postJson(
  api: ApiServer,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<JsonAnswer> {
  return answerOf(
    await fetch(api.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
}

async function answerOf(response: Response): Promise<JsonAnswer> {
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: JSON.parse(await response.text()),
  };
}
