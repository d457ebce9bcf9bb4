// npm run vectors: writes spec/vectors/*.json from the built packages.
import { writeFileSync } from 'node:fs';
import { vectorFiles } from './all.mjs';

const folder = new URL('../../spec/vectors/', import.meta.url);
let bytes = 0;
const files = vectorFiles();
for (const [name, text] of files) {
  writeFileSync(new URL(name, folder), text);
  bytes += text.length;
}
console.log(`${files.size} vector files, ${Math.round(bytes / 1024)} kB`);
