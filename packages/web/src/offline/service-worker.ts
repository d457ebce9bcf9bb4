import { answered, type Build, outdated, underNonce } from './shell.ts';

/**
 * The app's service worker (spec/adr/0028): keeps one build, so that the app opens without a network. The page comes from the
 * server where that answers soon, so a new build is never held back; files bear their content's hash and come from the cache.
 */

/** What of the worker's global scope is used; the DOM's types know only pages. */
interface WorkerScope {
  addEventListener<K extends keyof WorkerEvents>(type: K, listener: (event: WorkerEvents[K]) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(): Promise<readonly { postMessage(message: unknown): void }[]>;
  };
}
interface WorkerEvents {
  install: Lasting;
  activate: Lasting;
  fetch: Lasting & { readonly request: Request; respondWith(answer: Promise<Response>): void };
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}

/** Filled in by the build (service-worker-plugin.ts). */
declare const __IOTW_BUILD__: Build;

const scope = self as unknown as WorkerScope;
const { version, entry, files } = __IOTW_BUILD__;
const PREFIX = 'iotw-app-';
const CACHE = PREFIX + version;
const FILES: ReadonlySet<string> = new Set(files);
/** The page's place in the cache; every path of the app is this page. */
const PAGE = '/';
/** A network that takes longer than this for the page is as good as none, ms. */
const PAGE_MS = 3_000;
const NONCE_BYTES = 16;

scope.addEventListener('install', (event) => event.waitUntil(keep()));
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()));
scope.addEventListener('fetch', (event) => {
  const how = answered(event.request, self.location.origin, FILES);
  if (how === 'page') event.respondWith(page(event.request));
  else if (how === 'file') event.respondWith(file(event.request));
});

/** All or nothing: a build of which a file is missing is not installed, and is tried again with the next visit. */
async function keep(): Promise<void> {
  const cache = await caches.open(CACHE);
  const response = await fetch(PAGE, { cache: 'no-store', headers: { accept: 'text/html' } });
  if (!response.ok || !(await response.clone().text()).includes(entry))
    throw new Error('The server has another build than this worker.');
  await cache.put(PAGE, response);
  for (const path of files) {
    const known = path.startsWith('/assets/') ? await caches.match(path) : undefined;
    const got = known ?? (await fetch(path));
    if (!got.ok) throw new Error(`The server does not give ${path}.`);
    await cache.put(path, got);
  }
  await scope.skipWaiting();
}

/** Open tabs go on with their own build, whose cache stays, and are told that there is another. */
async function takeOver(): Promise<void> {
  for (const name of outdated(await caches.keys(), PREFIX, CACHE)) await caches.delete(name);
  await scope.clients.claim();
  for (const client of await scope.clients.matchAll()) client.postMessage({ iotwBuild: entry });
}

async function page(request: Request): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(PAGE_MS);
    const answer = await fetch(request.url, { headers: { accept: 'text/html' }, cache: 'no-cache', signal });
    // What stands before a server that is gone answers in its place.
    return answer.status < 500 ? answer : ((await keptPage()) ?? answer);
  } catch (error) {
    const kept = await keptPage();
    if (kept === undefined) throw error;
    return kept;
  }
}

async function keptPage(): Promise<Response | undefined> {
  const kept = await caches.match(PAGE, { cacheName: CACHE });
  if (kept === undefined) return undefined;
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(NONCE_BYTES))));
  const headers = new Headers(kept.headers);
  const fresh = underNonce(await kept.text(), headers.get('content-security-policy') ?? '', nonce);
  headers.set('content-security-policy', fresh.policy);
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(fresh.page, { headers });
}

/** Of whichever build is kept: names differ where contents do. A file without a hash is this build's. */
async function file(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const kept = await caches.match(pathname, pathname.startsWith('/assets/') ? {} : { cacheName: CACHE });
  return kept ?? fetch(request);
}
