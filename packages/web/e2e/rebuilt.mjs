// A server before the network's own that can be away, and can have another build of the app: the same one, every file under another
// name, as a build has it whose every file has changed. It has either build alone, as a server has after its update.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';

const MARK = 'rebuilt-';
const TEXT = /javascript|css|html/;
/** Of the service worker: how it calls its build. */
const VERSION = /("version":")[0-9a-f]{8}/;

export class Rebuilt {
  /** It answers nobody. */
  isAway = false;
  /** It has the new build. */
  isRebuilt = false;
  /** Stands in the name of each file of the new build, and of none of the old. */
  mark = MARK;
  #server;
  #to;
  #names;

  /** @param {string} url of the network @returns {Promise<Rebuilt>} that has the build as it is */
  static async before(url) {
    const rebuilt = new Rebuilt();
    rebuilt.#to = new URL(url);
    // Longer names first: none is found within another.
    const names = readdirSync(join(import.meta.dirname, '../dist/assets')).sort(
      (a, b) => b.length - a.length,
    );
    rebuilt.#names = new RegExp(names.map((name) => name.replaceAll('.', '\\.')).join('|'), 'g');
    rebuilt.#server = createServer((asked, answer) => rebuilt.#pass(asked, answer));
    rebuilt.#server.listen(0, '127.0.0.1');
    await once(rebuilt.#server, 'listening');
    rebuilt.url = `http://127.0.0.1:${rebuilt.#server.address().port}`;
    return rebuilt;
  }

  /** Where the app is, without a slash at the end. */
  url = '';

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(asked, answer) {
    if (this.isAway) return answer.destroy();
    const isFile = asked.url.startsWith('/assets/');
    if (isFile && this.isRebuilt !== asked.url.includes(MARK)) return answer.writeHead(404).end();
    // Read as it is, and never as unchanged.
    const {
      'accept-encoding': _,
      'if-none-match': _tag,
      'if-modified-since': _time,
      ...headers
    } = asked.headers;
    const options = { method: asked.method, path: asked.url.replace(MARK, ''), headers };
    const upstream = request(this.#to, options, (got) => {
      const { 'content-length': _length, etag: _etag, ...rest } = got.headers;
      // What the browser keeps by itself it may forget: only what the app's worker keeps counts.
      rest['cache-control'] = 'no-store';
      if (!this.isRebuilt || !TEXT.test(got.headers['content-type'] ?? '')) {
        answer.writeHead(got.statusCode, rest);
        return got.pipe(answer);
      }
      const parts = [];
      got.on('data', (part) => parts.push(part));
      got.on('end', () => {
        answer.writeHead(got.statusCode, rest);
        answer.end(this.#renamed(Buffer.concat(parts).toString()));
      });
    });
    upstream.on('error', () => answer.destroy());
    answer.on('close', () => upstream.destroy());
    asked.pipe(upstream);
  }

  #renamed(text) {
    return text.replace(this.#names, (name) => MARK + name).replace(VERSION, '$1rebuilt0');
  }
}
