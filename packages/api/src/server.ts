import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import underPressure from '@fastify/under-pressure';
import websocket from '@fastify/websocket';
import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import { fromUtf8, toHex } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import Fastify from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import helmet from 'helmet';
import { Activity } from './activity.js';
import type { Backend } from './backend.js';
import { type ApiContext, prefixOf } from './context.js';
import { answerError, installProblems, type Log, RefusedError } from './errors-to-problems.js';
import { Faucet, type FaucetOptions } from './faucet.js';
import { type GuestOptions, Guests } from './guests.js';
import { Idempotency } from './idempotency.js';
import { DEFAULT_INDEX_LIMITS, HistoryIndex, type IndexLimits } from './index-store/history-index.js';
import { MAX_BATCH_BYTES, MAX_EVENT_LOOP_DELAY_MS, MAX_JSON_BYTES, REQUESTS_PER_MINUTE } from './limits.js';
import { Metrics } from './metrics.js';
import { exposeNode } from './node-metrics.js';
import { installOctetStream } from './octet-stream.js';
import { RoundArchive } from './round-archive.js';
import { RoundLayout } from './round-layout.js';
import { RoundWaiters } from './round-waiters.js';
import { type AppOptions, appRoutes } from './routes/app.js';
import { commitRoutes } from './routes/commits.js';
import { committeeRoutes } from './routes/committee.js';
import { deviceRoutes } from './routes/devices.js';
import { ledgerRoutes } from './routes/ledger.js';
import { networkRoutes } from './routes/network.js';
import { operationRoutes } from './routes/operations.js';
import { proofRoutes } from './routes/proofs.js';
import type { App, RouteContext } from './routes/reply.js';
import { streamRoutes } from './routes/streams.js';
import { transactionRoutes } from './routes/transactions.js';
import { walletServiceRoutes } from './routes/wallet-services.js';
import { isLoopback, Streams } from './stream/streams.js';
import { withoutReceipt, withReceipt } from './submit.js';
import { type SignerServer, startSigner } from './web/signer-server.js';

export interface ApiOptions {
  readonly backend: Backend;
  /** Port 0: any free one, see `ApiServer.port`. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Gives test money where present. */
  readonly faucet?: FaucetOptions;
  /** Lets people join with a device of class `user` where present. */
  readonly guests?: GuestOptions;
  /** Where the index lives; it can always be built anew from the rounds. Closed by whoever opened it. */
  readonly indexStore: Store;
  readonly indexLimits?: IndexLimits;
  readonly log?: Log;
  readonly failpoints?: Failpoints;
  /** Most requests per minute of one address that is not this machine; a test may set it for this machine too. */
  readonly requestsPerMinute?: { readonly most: number; readonly loopback: boolean };
  /** Delay of the event loop above which requests are refused, ms; a test may set it. */
  readonly maxEventLoopDelayMs?: number;
  /** How long a stream's client may read nothing, ms. */
  readonly streamStallMs?: number;
  /** The web app at `/`; without it the server has its routes alone. */
  readonly web?: AppOptions;
}

export interface ApiServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly index: HistoryIndex;
  /** The server without its socket, for tests of its routes. */
  readonly app: App;
  /** Ends streams, answers what is under way, leaves the index on disk. */
  close(): Promise<void>;
}

/**
 * Starts the API server of a node. Errors: `api-port-taken`, `api-port-denied`, `api-listen-failed`,
 * codes of StoreFault where the index can't be opened.
 */
export async function startApi(options: ApiOptions): Promise<Result<ApiServer>> {
  const { backend, listen, log = () => undefined } = options;
  const opened = openIndex(options, log);
  if (!opened.ok) return opened;
  const index = opened.value;
  const rounds = new RoundArchive(backend, () => index.status.round);
  const metrics = new Metrics();
  const streams = new Streams(metrics, options.streamStallMs);
  const waiters = new RoundWaiters();
  const base = { backend, index, rounds, activity: new Activity(Date.now), prefix: prefixOf(backend), log };
  // The signer lets the app's origin frame it, whose port may be any free one.
  let port = listen.port;
  const signer = await openSigner(options, base, () => port);
  if (!signer.ok) {
    await index.close();
    return signer;
  }
  const context: RouteContext = {
    ...base,
    waiters,
    streams,
    metrics,
    idempotency: new Idempotency({
      keep: withoutReceipt,
      restore: (view) => withReceipt(base, view),
    }),
    faucet: options.faucet && new Faucet(base, waiters, options.faucet),
    guests: options.guests && new Guests(base, options.guests),
    services: {
      signerPort: signer.value?.port,
      signerOrigin: signer.value && options.web?.origins?.signer,
      entrances: options.web?.entrances ?? [],
    },
  };
  exposeNode(metrics.registry, context);
  const stop = backend.onRound((record: RoundRecord) => {
    const layout = new RoundLayout(record);
    rounds.offer(layout);
    base.activity.offer(layout);
    waiters.offer(layout);
    streams.wake();
    index.offer(layout);
  });
  const app = await buildApp(context, options);
  const close = async () => {
    stop();
    streams.close();
    waiters.close();
    await signer.value?.close();
    await app.close();
    await index.close();
  };
  try {
    await app.listen({ host: listen.host, port: listen.port });
  } catch (error) {
    await close();
    return listenFailure(error, listen);
  }
  await index.start();
  const address = app.server.address();
  if (typeof address === 'object' && address !== null) port = address.port;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return ok({ host: listen.host, port, url: `http://${host}:${port}`, index, app, close });
}

/** The signer's own server, where there is one. Errors: those of `startSigner`. */
async function openSigner(
  { web, backend }: ApiOptions,
  { prefix }: ApiContext,
  appPort: () => number,
): Promise<Result<SignerServer | undefined>> {
  if (web?.signer === undefined) return ok(undefined);
  const network = toHex(backend.network);
  const name = fromUtf8(backend.genesis.name) ?? '';
  const appOf = (host: string) => web.origins?.app ?? `http://${host}:${appPort()}`;
  return startSigner(web.signer, appOf, () => {
    const { feeFloor, feePerOperation, feeBps } = backend.ledger.parameters;
    return { network, name, prefix, feeFloor, feePerOperation, feeBps };
  });
}

function openIndex(options: ApiOptions, log: Log): Result<HistoryIndex> {
  const limits = options.indexLimits ?? DEFAULT_INDEX_LIMITS;
  const broken = (error: unknown) => log('error', 'the index has stopped', { error: String(error) });
  try {
    return ok(new HistoryIndex(options.indexStore, options.backend, limits, broken, options.failpoints));
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code !== 'string') throw error;
    const message = `The index can't be read (${code}): remove its store, it is built anew from the rounds.`;
    return { ok: false, error: { code, message } };
  }
}

function listenFailure(error: unknown, { host, port }: ApiOptions['listen']): Result<never> {
  const { code } = error as { readonly code?: string };
  if (code === 'EADDRINUSE') {
    return fail(
      'api-port-taken',
      `Port ${port} of ${host} is taken by another process: stop that one, or set another API port.`,
      { host, port },
    );
  }
  if (code === 'EACCES') {
    return fail('api-port-denied', `This user may not open port ${port}: take one above 1023.`, {
      host,
      port,
    });
  }
  return fail('api-listen-failed', `The API can't listen at ${host}, port ${port}: ${String(error)}.`, {
    host,
    port,
  });
}

const CONTENT_SECURITY = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  },
};

async function buildApp(context: RouteContext, options: ApiOptions): Promise<App> {
  const app = Fastify({
    // Behind the operator's proxy, whose word on who asks counts: else all the world would be this machine, which no limit holds.
    trustProxy: options.web?.origins === undefined ? false : 'loopback',
    bodyLimit: MAX_JSON_BYTES,
    logger: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    requestTimeout: 120_000,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, context.log),
    // Node answers what never becomes a request; it says so in our form too.
    clientErrorHandler(_error, socket) {
      if (!socket.writable) return;
      const body = JSON.stringify({
        type: 'urn:iotw:problem:request-malformed',
        title: 'Bad Request',
        status: 400,
        code: 'request-malformed',
        detail: 'This is no HTTP request this server understands: check its head.',
      });
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/problem+json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    },
  });
  installProblems(app, context.log);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installOctetStream(app, MAX_JSON_BYTES);
  context.metrics.watch(app);
  // Made once: @fastify/helmet puts the headers together anew for each request, which cost more than reading a batch.
  const secure = helmet({ contentSecurityPolicy: CONTENT_SECURITY });
  app.addHook('onRequest', (request, reply, done) => secure(request.raw, reply.raw, () => done()));
  const limited = options.requestsPerMinute ?? { most: REQUESTS_PER_MINUTE, loopback: false };
  await app.register(rateLimit, {
    max: limited.most,
    timeWindow: 60_000,
    allowList: (request) => !limited.loopback && isLoopback(request.ip),
    errorResponseBuilder: (_request, { ttl }) =>
      new RefusedError(
        fail(
          'rate-limited',
          `More than ${limited.most} requests in a minute came from this address: wait ${Math.ceil(ttl / 1000)} s, or send batches.`,
        ).error,
      ),
  });
  await app.register(underPressure, {
    maxEventLoopDelay: options.maxEventLoopDelayMs ?? MAX_EVENT_LOOP_DELAY_MS,
    pressureHandler: (request) => {
      // Whoever watches the node must see it most of all now, and the app's files lie in memory: its pages tell people of the
      // refusal. By the route that was found, as a path can be spelled in many ways.
      if (request.routeOptions.url?.startsWith('/v1/') !== true) return;
      const message = 'The node is overloaded: try again in a moment, or at another node.';
      throw new RefusedError(fail('node-overloaded', message).error);
    },
  });
  await app.register(websocket, { options: { maxPayload: MAX_BATCH_BYTES } });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'IOTW API',
        version: '1.0.0',
        description:
          'Amounts are base units of 10^-6 IOTW. Lists come in pages behind cursors. Every refusal is application/problem+json (RFC 9457) with a stable code, see docs/errors.md.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // Nothing of a third party, and a page over plain HTTP keeps its files.
    transformStaticCSP: (policy) =>
      policy.replaceAll(/ (https:|validator\.swagger\.io)/g, '').replace(/ *upgrade-insecure-requests;?/, ''),
    // Without the bar that would load any other document, and its logo.
    uiConfig: { docExpansion: 'list', validatorUrl: null, layout: 'BaseLayout' },
  });
  const typed = app as unknown as App;
  transactionRoutes(typed, context);
  ledgerRoutes(typed, context);
  committeeRoutes(typed, context);
  deviceRoutes(typed, context);
  networkRoutes(typed, context);
  proofRoutes(typed, context);
  commitRoutes(typed, context);
  streamRoutes(typed, context);
  operationRoutes(typed, context);
  walletServiceRoutes(typed, context);
  if (options.web !== undefined) appRoutes(typed, options.web, context.services);
  await app.ready();
  return typed;
}
