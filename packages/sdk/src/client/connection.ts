import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';

/** The part of the platform's fetch that the client uses. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface ClientOptions {
  /** Of the API server, such as `https://api.example`; a path before `/v1` may be part of it. */
  readonly url: string;
  /** The network this program means: id of 32 bytes, or as hex. Without it the first answer is believed. */
  readonly network?: Uint8Array | string;
  /** Instead of the platform's. */
  readonly fetch?: Fetch;
  /** For one request without `wait`, ms; 10,000 unless given. */
  readonly timeoutMs?: number;
  /** Tries after the first, of requests that change nothing; 3 unless given. */
  readonly retries?: number;
  /** Pause before try `attempt` (from 1), ms; doubling from 200 with jitter unless given. */
  readonly backoffMs?: (attempt: number) => number;
  /** Sent with every request, such as an Idempotency-Key or a proxy's credentials. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What every function of client/ works on; made by `connect` or `createClient`. */
export interface Connection {
  readonly options: ClientOptions;
  readonly fetch: Fetch;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly backoffMs: (attempt: number) => number;
  /** The server's network, asked for once; see getNetwork. */
  serverNetwork: Uint8Array | undefined;
}

/** Never fails: a wrong option shows as the code of the first call. */
export function connect(options: ClientOptions): Connection {
  return {
    options,
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    timeoutMs: options.timeoutMs ?? 10_000,
    retries: options.retries ?? 3,
    backoffMs: options.backoffMs ?? jitteredBackoff,
    serverNetwork: undefined,
  };
}

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 5_000;

/** Half fixed, half random: many clients of one server that restarts must not come back at once. */
function jitteredBackoff(attempt: number): number {
  const whole = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  return whole / 2 + (Math.random() * whole) / 2;
}

/** The network that the options name; undefined: none. Code: `client-network` (no 32 bytes or hex of them). */
export function expectedNetwork(connection: Connection): Result<Uint8Array | undefined> {
  const { network } = connection.options;
  if (network === undefined) return ok(undefined);
  const id = typeof network === 'string' ? fromHex(network, 32) : network;
  if (id?.length === 32) return ok(id);
  return fail('client-network', 'The option `network` is the network id: 32 bytes, or 64 characters of hex.');
}

/** Ends early, without an error, where the signal fires. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
