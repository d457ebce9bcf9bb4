import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fail, ok, type Result } from '@iotw/kernel/result';

/** What the signer's page is told of its network: all that it knows of the world outside. */
export interface SignerCardSource {
  /** Hex. */
  readonly network: string;
  readonly name: string;
  readonly prefix: string;
  readonly feeFloor: number;
  readonly feePerOperation: number;
  readonly feeBps: number;
}

export interface SignerOptions {
  /** What `npm run build` leaves in packages/web/signer/dist. */
  readonly directory: string;
  /** A port of its own makes an origin of its own. */
  readonly listen: { readonly host: string; readonly port: number };
}

export interface SignerServer {
  readonly port: number;
  close(): Promise<void>;
}

/** As a browser names this machine; what is none is not answered. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::[0-9]{1,5})?$/i;
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  wasm: 'application/wasm',
};
const HEADERS_MS = 10_000;

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly gzip: Buffer;
}

/**
 * Serves the signer and nothing else (spec/adr/0023): its page may be framed by the app alone, whose origin `appOf` tells for the host that a
 * browser asked for, and may connect to nothing. `card` is asked for each page. Undefined: the signer is not built. Errors: `signer-port-taken`, `signer-listen-failed`.
 */
export async function startSigner(
  options: SignerOptions,
  appOf: (host: string) => string,
  card: () => SignerCardSource,
): Promise<Result<SignerServer | undefined>> {
  const built = readBuild(options.directory);
  if (built === undefined) return ok(undefined);
  const server = createServer((request, response) => {
    const { host = '' } = request.headers;
    const name = HOST.exec(host)?.[1];
    const path = (request.url ?? '/').split('?', 1)[0]!;
    common(response);
    if (name === undefined || (request.method !== 'GET' && request.method !== 'HEAD'))
      return refuse(response, 400);
    if (path === '/signer.html') return sendPage(response, built.page, appOf(name), card());
    const asset = built.assets.get(path);
    return asset === undefined ? refuse(response, 404) : sendAsset(request, response, asset);
  });
  server.headersTimeout = HEADERS_MS;
  const { host, port } = options.listen;
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(listenFailure(error, host, port)));
    server.listen(port, host, () => {
      const address = server.address();
      const opened = typeof address === 'object' && address !== null ? address.port : port;
      resolve(ok({ port: opened, close: () => closed(server) }));
    });
  });
}

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

/** The build as it lies on disk, read once: its names are listed, so a path of a request is looked up and never resolved. */
function readBuild(
  directory: string,
): { readonly page: string; readonly assets: ReadonlyMap<string, Asset> } | undefined {
  try {
    const page = readFileSync(join(directory, 'signer.html'), 'utf8');
    const assets = new Map<string, Asset>();
    for (const name of readdirSync(join(directory, 'assets'))) {
      const bytes = readFileSync(join(directory, 'assets', name));
      assets.set(`/assets/${name}`, {
        type: TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
        etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
        gzip: gzipSync(bytes),
      });
    }
    return { page, assets };
  } catch {
    return undefined;
  }
}

function common(response: ServerResponse): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
}

function sendPage(response: ServerResponse, page: string, app: string, card: SignerCardSource): void {
  const content = escapeAttribute(JSON.stringify({ ...card, app }));
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  // The page is to be framed by another port of this host.
  response.setHeader('cross-origin-resource-policy', 'same-site');
  response.setHeader(
    'content-security-policy',
    [
      "default-src 'none'",
      // libsodium and argon2id are WebAssembly.
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "connect-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${app}`,
      "require-trusted-types-for 'script'",
    ].join('; '),
  );
  response.setHeader(
    'permissions-policy',
    'camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
  );
  response.end(
    page.replace('name="signer-card" content=""', () => `name="signer-card" content="${content}"`),
  );
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  response.setHeader('content-type', asset.type);
  response.setHeader('etag', asset.etag);
  response.setHeader('content-encoding', 'gzip');
  response.setHeader('cache-control', 'public, max-age=31536000, immutable');
  if (request.headers['if-none-match'] === asset.etag) response.writeHead(304).end();
  else response.end(asset.gzip);
}

function refuse(response: ServerResponse, status: number): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
    .end('The signer is at /signer.html.');
}

function escapeAttribute(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): Result<never> {
  if (error.code === 'EADDRINUSE') {
    return fail(
      'signer-port-taken',
      `Port ${port} of ${host}, where the wallet's signer belongs, is taken: stop that process, or set another API port. The signer never moves by itself, since wallets are kept under its address.`,
      { host, port },
    );
  }
  return fail('signer-listen-failed', `The signer can't listen at ${host}, port ${port}: ${String(error)}.`, {
    host,
    port,
  });
}
