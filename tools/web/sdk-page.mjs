// A page that verifies commits of CometBFT with the SDK, bundled from the build, for the browser step: what CometBFT made is
// followed, and what was changed of it is refused.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../tidy/files.mjs';

const VECTORS = join(ROOT, 'spec/vectors/external/cometbft-light-blocks.json');

const ENTRY = `
import { lightBlockFromJson } from '@iotw/protocol/light-block-json';
import { followLight } from './verify/light/follow.js';

const { timeMs, blocks: json } = await (await fetch('/vectors.json')).json();
const blocks = json.map((one) => lightBlockFromJson(one).value);
const chainId = new TextDecoder().decode(blocks[0].header.chainId);
const trust = { start: { chainId, timeMs, validators: blocks[0].validators }, nowMs: timeMs + 60_000 };
const ends = [
  followLight(blocks, trust),
  followLight([{ ...blocks[1], round: 9 }], trust),
  followLight(blocks, { ...trust, nowMs: timeMs + 86_400_000 }),
];
document.title = ends.map((end) => (end.ok ? 'height ' + end.value.header.height : end.error.code)).join(', ');
`;

/** What the page's title comes to say. */
export function expectedTitle() {
  const { blocks } = JSON.parse(readFileSync(VECTORS, 'utf8'));
  return `height ${blocks.at(-1).header.height}, light-signature, light-expired`;
}

/**
 * Bundles the page and serves it on a port of this machine.
 * @returns {Promise<{ url: string, stop: () => void }>} without a slash at the end
 */
export async function serveSdkPage() {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: join(ROOT, 'packages/sdk/dist'), loader: 'js' },
    ...{ bundle: true, platform: 'browser', format: 'esm', write: false, logLevel: 'silent' },
  });
  const files = {
    '/': [
      'text/html',
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
    ],
    '/page.js': ['text/javascript', outputFiles[0].text],
    '/vectors.json': ['application/json', readFileSync(VECTORS, 'utf8')],
  };
  const server = createServer(({ url }, response) => {
    const [type, body] = files[url] ?? ['text/plain', 'nothing here'];
    response.writeHead(url in files ? 200 : 404, { 'content-type': `${type}; charset=utf-8` }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
