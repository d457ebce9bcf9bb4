// A picture of a page as WebP, which Playwright itself does not make: a third of a PNG's size.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Quality of kept pictures, of 100: text stays sharp. */
const QUALITY = 80;

/**
 * What a page shows now, frames of other origins too, as `NAME.webp`.
 * @param {import('playwright-core').Page} page
 * @param {string} folder made where there is none
 * @param {string} name
 */
export async function keep(page, folder, name) {
  mkdirSync(folder, { recursive: true });
  const cdp = await page.context().newCDPSession(page);
  const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
  await cdp.detach();
}
