/** What the service worker keeps and answers, apart from the browser's machinery: see spec/adr/0028. */

/** A build of the app, as the worker of that build knows it. */
export interface Build {
  /** Hash over everything below. */
  readonly version: string;
  /** The script that a page of this build starts with, such as `/assets/index-5kQ0.js`. */
  readonly entry: string;
  /** Paths of all its files but the page; those in `/assets/` bear a hash of their content. */
  readonly files: readonly string[];
}

/** How a request is answered: with the page, with a file of the build, or not by the worker at all. */
export type Answered = 'page' | 'file' | 'not';

/** What the API server answers itself; a person may open these in the browser too. */
const NOT_THE_APPS = /^\/(v1|docs|metrics|healthz|readyz)(\/|$)/;

/** An answer of the API is never the worker's: money that is no longer true must not come out of a cache. */
export function answered(
  { method, url, mode }: Pick<Request, 'method' | 'url' | 'mode'>,
  origin: string,
  files: ReadonlySet<string>,
): Answered {
  const { origin: of, pathname } = new URL(url);
  if (method !== 'GET' || of !== origin || NOT_THE_APPS.test(pathname)) return 'not';
  if (mode === 'navigate') return files.has(pathname) ? 'file' : 'page';
  return files.has(pathname) || pathname.startsWith('/assets/') ? 'file' : 'not';
}

const NONCE_IN_PAGE = /(name="csp-nonce" content=")([^"]*)(")/;

/** A kept page under a nonce of its own: in its policy and where its styles read it. A policy without one stays as it is. */
export function underNonce(page: string, policy: string, nonce: string): { page: string; policy: string } {
  return {
    page: page.replace(NONCE_IN_PAGE, `$1${nonce}$3`),
    policy: policy.replace(/'nonce-[^']*'/, `'nonce-${nonce}'`),
  };
}

/** Caches of the app by the order of their making: this build's and the one before stay, for tabs that are still open. */
export function outdated(names: readonly string[], prefix: string, own: string): readonly string[] {
  const others = names.filter((name) => name.startsWith(prefix) && name !== own);
  return others.slice(0, -1);
}
