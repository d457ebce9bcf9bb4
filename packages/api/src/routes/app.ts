import { randomBytes } from 'node:crypto';
import { fail } from '@iotw/kernel/result';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../problem.js';
import { type AppFile, AppFiles } from '../web/app-files.js';
import { contentSecurity } from '../web/app-policy.js';
import type { SignerOptions } from '../web/signer-server.js';
import type { App, WalletServices } from './reply.js';

/** The web app that the API server serves beside its routes. */
export interface AppOptions {
  /** What `npm run build` leaves in packages/web/dist. */
  readonly directory: string;
  /** WebSocket ports of this machine's trust nodes, which a mining tab connects to. */
  readonly entrances: WalletServices['entrances'];
  /** The wallet's signer on an origin of its own; undefined: no wallet here. */
  readonly signer?: SignerOptions;
  /** Where browsers find both, where that is a proxy's address; undefined: at their ports, by the name that the browser asks for. */
  readonly origins?: PublicOrigins;
}

/** Origins (`https://host[:port]`), two different ones. */
export interface PublicOrigins {
  readonly app: string;
  readonly signer: string;
}

/** A path of the app, not of the API: what a person opens in a browser and may share. */
const NOT_THE_APPS = /^\/(v1|docs|metrics|healthz|readyz)(\/|$)/;
const NONCE_BYTES = 16;
const YEAR_S = 31_536_000;

/** The app at `/` and at each of its own paths, and its files. Everything else stays an unknown route. */
export function appRoutes(app: App, options: AppOptions, services: WalletServices): void {
  const devicePorts = services.entrances.map(({ port }) => port);
  const { signerPort, signerOrigin } = services;
  const publicName = options.origins && new URL(options.origins.app).hostname;
  const files = AppFiles.open(options.directory);
  app.get('/*', { schema: { hide: true } }, async (request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const file = await files?.file(path.slice(1));
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    const hostname = publicName ?? request.hostname;
    const policy = contentSecurity({ nonce, hostname, devicePorts, signerPort, signerOrigin });
    // A worker lives under the policy of its own file.
    if (file !== undefined) return sendFile(request, reply.header('content-security-policy', policy), file);
    if (NOT_THE_APPS.test(path) || !takesPage(request, path)) {
      const message = `There is no ${request.method} here: see /docs for every route.`;
      return sendProblem(request, reply, fail('route-unknown', message).error);
    }
    if (files === undefined) {
      const message = 'The web app is not built here: run npm run build and start again, or see /docs.';
      return sendProblem(request, reply, fail('app-not-built', message).error);
    }
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('content-security-policy', policy)
      .send(files.page(nonce));
  });
}

/** A browser that opens a page says so; a program that mistook a route gets a problem it can read. */
function takesPage(request: FastifyRequest, path: string): boolean {
  return path === '/' || (request.headers.accept?.includes('text/html') ?? false);
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: AppFile) {
  reply
    .type(file.type)
    .header('etag', file.etag)
    .header('vary', 'accept-encoding')
    .header('cache-control', file.immutable ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  if (file.gzip === undefined || !request.headers['accept-encoding']?.includes('gzip')) {
    return reply.send(file.bytes);
  }
  return reply.header('content-encoding', 'gzip').send(file.gzip);
}
