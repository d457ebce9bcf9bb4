// The browser of the tests: Debian's Chromium, driven by Playwright. A browser that ends by itself says nothing of the app, so
// the part of a test that it broke off is begun anew in another one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from '../test/chromium.mjs';
import { film } from './camera.mjs';

/** How often a part is begun, in a browser of its own each time that one has ended. */
const STARTS = 3;
/** A cold machine reads the whole browser from disk first, ms. */
const LAUNCH_MS = 120_000;
/** What a page may take for one step on a slow machine, ms. */
export const STEP_MS = 30_000;

export const SIZES = {
  phone: { viewport: { width: 360, height: 760 }, deviceScaleFactor: 1, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, hasTouch: false, isMobile: false },
};

export class TestBrowser {
  #browser;
  #folder = mkdtempSync(join(tmpdir(), 'iotw-camera-'));

  constructor() {
    this.cameraSees(undefined);
  }

  /** From the next time on that a page with the permission turns the camera on. @param {string | undefined} text in a QR; undefined: none */
  cameraSees(text) {
    film(this.#video, text);
  }

  get #video() {
    return join(this.#folder, 'camera.y4m');
  }

  /** @returns {boolean} whether there is a browser to test in */
  static found() {
    return findChromium() !== undefined;
  }

  /**
   * Runs a part in a context of its own: nothing stored, nothing cached by another part. Without a service worker, which would load the
   * whole app once for each part, unless the options allow it.
   * @param {import('playwright-core').BrowserContextOptions} options
   * @param {(context: import('playwright-core').BrowserContext) => Promise<void>} part
   */
  async inContext(options, part) {
    for (let start = 1; ; start += 1) {
      const browser = await this.#running();
      try {
        const context = await browser.newContext({
          locale: 'en-GB',
          timezoneId: 'UTC',
          serviceWorkers: 'block',
          ...options,
        });
        context.setDefaultTimeout(STEP_MS);
        try {
          return await part(context);
        } finally {
          await context.close().catch(() => {});
        }
      } catch (error) {
        if (browser.isConnected() || start === STARTS) throw error;
        console.log(`the browser ended by itself, start ${start} of ${STARTS}`);
      }
    }
  }

  /** The browser of all parts: the one that runs, or a new one where it ended. */
  #running() {
    // Whoever asks while it is being looked at waits for the same answer, so that two parts never launch two.
    this.#browser =
      this.#browser?.then((browser) => (browser.isConnected() ? browser : this.#launch())) ?? this.#launch();
    return this.#browser;
  }

  #launch() {
    return chromium.launch({
      executablePath: findChromium(),
      timeout: LAUNCH_MS,
      // No sandbox as root, and every page is ours; shared memory is small in many containers.
      chromiumSandbox: process.getuid?.() !== 0,
      args: [
        ...['--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
        ...['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${this.#video}`],
      ],
    });
  }

  async close() {
    await (await this.#browser)?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
