import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const SOURCE = 'src/offline/service-worker.ts';
const NAME = 'service-worker.js';
const PAGE = 'index.html';
const MODULE_SCRIPT = /<script type="module"[^>]* src="([^"]+)"/g;

/** Builds the service worker as a file of its own and tells it what the build consists of. */
export function serviceWorker(): Plugin {
  let [root, publicDir] = ['', ''];
  return {
    name: 'iotw-service-worker',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      publicDir = config.publicDir;
    },
    buildStart() {
      this.emitFile({ type: 'chunk', id: join(root, SOURCE), fileName: NAME });
    },
    generateBundle: {
      // After the page, which names its entry.
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[NAME];
        const page = bundle[PAGE];
        if (worker?.type !== 'chunk' || page?.type !== 'asset') throw new Error('no page or no worker built');
        if (worker.imports.length + worker.dynamicImports.length > 0)
          throw new Error(`${SOURCE} shares code with the app: a worker stands alone`);
        // Split into files, a build marks none of them as its entry: the page names what it starts with, last.
        const entry = [...String(page.source).matchAll(MODULE_SCRIPT)].at(-1)?.[1];
        if (entry === undefined) throw new Error('the page starts no script');
        const own = readdirSync(publicDir);
        const built = Object.keys(bundle).filter((name) => name !== NAME && name !== PAGE);
        const hash = createHash('sha256').update(String(page.source)).update(worker.code);
        for (const name of built.sort()) hash.update(name);
        for (const name of own.sort()) hash.update(name).update(readFileSync(join(publicDir, name)));
        const build = {
          version: hash.digest('hex').slice(0, 16),
          entry,
          files: [...built, ...own].map((name) => `/${name}`),
        };
        worker.code = worker.code.replace('__IOTW_BUILD__', () => JSON.stringify(build));
      },
    },
  };
}
