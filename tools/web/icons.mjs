// node tools/web/icons.mjs: the app's icons as PNG, drawn in Chromium from packages/web/public/icon.svg, for systems that take no SVG.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../tidy/files.mjs';
import { TestBrowser } from './browser.mjs';

const PUBLIC = join(ROOT, 'packages/web/public');
/** Part of the side that the mark takes; a maskable icon may lose everything outside its middle 80 %. */
const ICONS = [
  { name: 'icon-192.png', size: 192, part: 0.82 },
  { name: 'icon-512.png', size: 512, part: 0.82 },
  { name: 'icon-maskable-512.png', size: 512, part: 0.55 },
];

const svg = readFileSync(join(PUBLIC, 'icon.svg')).toString('base64');
const browser = new TestBrowser();
for (const { name, size, part } of ICONS) {
  await browser.inContext({ viewport: { width: size, height: size } }, async (context) => {
    const page = await context.newPage();
    const inner = Math.round(size * part);
    await page.setContent(
      `<body style="margin:0;display:grid;place-items:center;height:100vh;background:#ffffff"><img width="${inner}" height="${inner}" src="data:image/svg+xml;base64,${svg}">`,
    );
    await page.locator('img').evaluate((image) => image.decode());
    await page.screenshot({ path: join(PUBLIC, name) });
  });
}
await browser.close();
