// Cuts data/online-retail/orders-sample.csv out of the full Online Retail file.
//
//   node tools/data/online-retail-sample.mjs FULL.csv[.gz] [FIRST_DAY LAST_DAY [OUTPUT]]
//
// Rows are copied byte for byte. An invoice belongs to the day of its first line and is kept whole.

import { createReadStream, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';

const MAX_SAMPLE_BYTES = 600_000;
const [path, firstDay = '2010-12-09', lastDay = '2010-12-10', output = defaultOutput()] =
  process.argv.slice(2);

if (path === undefined || !isDay(firstDay) || !isDay(lastDay) || firstDay > lastDay) {
  console.error(
    'usage: online-retail-sample.mjs FULL.csv[.gz] [FIRST_DAY LAST_DAY [OUTPUT]]  (days: YYYY-MM-DD)',
  );
  process.exit(2);
}

const file = createReadStream(path);
const bytes = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
file.on('error', (error) => bytes.destroy(error));

let header;
const kept = [];
/** First day of every invoice seen, so that an invoice over midnight stays whole. */
const dayOf = new Map();
for await (const line of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
  if (header === undefined) {
    header = line;
    continue;
  }
  const invoice = line.slice(0, line.indexOf(','));
  const day = /,(\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d,/.exec(line)?.[1];
  if (day === undefined) continue;
  if (!dayOf.has(invoice)) dayOf.set(invoice, day);
  const firstSeen = dayOf.get(invoice);
  if (firstSeen >= firstDay && firstSeen <= lastDay) kept.push(line);
}

const text = `${[header, ...kept].join('\n')}\n`;
const size = Buffer.byteLength(text);
if (kept.length === 0 || size > MAX_SAMPLE_BYTES) {
  console.error(
    `${kept.length} lines, ${size} bytes: choose days that give 1 line to ${MAX_SAMPLE_BYTES} bytes`,
  );
  process.exit(1);
}
writeFileSync(output, text);
console.log(`${output}: ${kept.length} lines, ${size} bytes, ${firstDay} to ${lastDay}`);

function isDay(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text);
}

function defaultOutput() {
  return fileURLToPath(new URL('../../data/online-retail/orders-sample.csv', import.meta.url));
}
