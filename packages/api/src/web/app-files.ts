import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file as it leaves: its bytes, and the same compressed where that pays. */
export interface AppFile {
  readonly type: string;
  readonly etag: string;
  /** Its name holds a hash of its content: a browser never asks for it again. */
  readonly immutable: boolean;
  readonly bytes: Buffer;
  readonly gzip: Buffer | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  webmanifest: 'application/manifest+json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  webp: 'image/webp',
  wasm: 'application/wasm',
};
/** Pictures are compressed already. */
const COMPRESSED = new Set(['png', 'webp']);
const compress = promisify(gzip);

/**
 * The built app. Its names are listed once, so a path of a request is looked up and never resolved; a file is
 * read and compressed when it is first asked for, and kept.
 */
export class AppFiles {
  readonly #directory: string;
  readonly #names: ReadonlySet<string>;
  readonly #kept = new Map<string, Promise<AppFile>>();
  readonly #page: string;

  /** `directory` is what `npm run build` leaves in packages/web/dist; undefined where it holds no app. */
  static open(directory: string): AppFiles | undefined {
    try {
      return new AppFiles(directory);
    } catch {
      return undefined;
    }
  }

  private constructor(directory: string) {
    this.#directory = directory;
    this.#page = readFileSync(join(directory, 'index.html'), 'utf8');
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    this.#names = new Set(names.filter((name) => statSync(join(directory, name)).isFile()));
  }

  /** The page that starts the app, with the nonce that its run-time styles carry. */
  page(nonce: string): string {
    return this.#page.replace('name="csp-nonce" content=""', `name="csp-nonce" content="${nonce}"`);
  }

  /** A file of the build by its name, such as `assets/main.js`; undefined: it has none of that name. */
  file(name: string): Promise<AppFile> | undefined {
    if (!this.#names.has(name) || name === 'index.html') return undefined;
    const kept = this.#kept.get(name) ?? this.#read(name);
    this.#kept.set(name, kept);
    return kept;
  }

  async #read(name: string): Promise<AppFile> {
    const bytes = await readFile(join(this.#directory, name));
    const ending = name.slice(name.lastIndexOf('.') + 1);
    const small = COMPRESSED.has(ending) ? undefined : await compress(bytes);
    return {
      type: TYPES[ending] ?? 'application/octet-stream',
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
      immutable: name.startsWith('assets/'),
      bytes,
      gzip: small === undefined || small.length >= bytes.length ? undefined : small,
    };
  }
}
