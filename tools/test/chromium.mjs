// A Chromium that a test drives over the DevTools protocol, through two pipes: no port, no package.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
/** What a loaded page may take, ms, and how often it is looked at. */
const READY_MS = 60_000;
const LOOK_MS = 100;
const AFTER_MS = 500;

/** What a browser may take to tell its version, ms: the first start on a machine reads it all from disk. */
const VERSION_MS = 60_000;

/**
 * @returns {string | undefined} the browser that CHROMIUM names, else the first one on the path that tells its
 *   version: a half installed one does not
 */
export function findChromium(env = process.env) {
  if (env.CHROMIUM) return env.CHROMIUM;
  const folders = (env.PATH ?? '').split(delimiter);
  const files = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
    } catch {
      return false;
    }
    return spawnSync(file, ['--version'], { stdio: 'ignore', timeout: VERSION_MS }).status === 0;
  });
}

/** What installing may take, ms, and what another installation is waited for, seconds. */
const INSTALL_MS = 300_000;
const LOCK_S = 120;

/**
 * Where no Chromium is found: installs Debian's, if this process is root and apt-get is there. Says in one line
 * what it does; without success the tests that need a browser say what they skipped.
 */
export function installChromium() {
  if (findChromium() === undefined) aptInstall('chromium');
}

/** The same for a font of Chinese, which pictures of the app in that language need. */
export function installChineseFont() {
  const { status, stdout } = spawnSync('fc-list', [':lang=zh-tw', 'family'], { encoding: 'utf8' });
  if (status !== 0 || stdout.trim() === '') aptInstall('fonts-wqy-zenhei');
}

function aptInstall(name) {
  if (process.getuid?.() !== 0) return console.log(`${name} is not installed: apt-get install ${name}`);
  console.log(`no ${name}: trying apt-get install ${name}`);
  const options = {
    stdio: 'ignore',
    timeout: INSTALL_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', name]]) {
    if (spawnSync('apt-get', ['-qq', '-o', `DPkg::Lock::Timeout=${LOCK_S}`, ...words], options).status !== 0)
      return;
  }
}

/** What a browser said last on standard error, characters, told when it ends by itself. */
const KEPT_STDERR = 300;

/** The browser's process ended, or never started, while it was asked something. */
export class BrowserEnded extends Error {}

/** One browser process with a profile of its own. */
export class Chromium {
  #process;
  #profile = mkdtempSync(join(tmpdir(), 'iotw-chromium-'));
  #nextId = 1;
  #waiting = new Map();
  #listeners = new Map();
  #stderr = '';
  /** Why no call is answered any more. @type {BrowserEnded | undefined} */
  #ended;

  /** @param {string} file the executable */
  constructor(file) {
    const flags = [
      '--headless=new',
      '--remote-debugging-pipe',
      `--user-data-dir=${this.#profile}`,
      '--no-first-run',
      '--disable-gpu',
      '--disable-background-networking',
      // Small in many containers; a renderer that can't have more of it crashes.
      '--disable-dev-shm-usage',
      // The sandbox can't be set up as root, and the only page is ours.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ];
    this.#process = spawn(file, flags, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
    this.#process.on('exit', (code, signal) => this.#end(`ended with ${signal ?? code}`));
    this.#process.on('error', (error) => this.#end(error.message));
    // Its exit tells more than a pipe that broke with it.
    this.#process.stdio[3].on('error', () => {});
    this.#process.stderr.on('data', (chunk) => {
      this.#stderr = (this.#stderr + chunk).slice(-KEPT_STDERR);
    });
    let rest = '';
    this.#process.stdio[4].on('data', (chunk) => {
      const messages = (rest + chunk).split('\0');
      rest = messages.pop();
      for (const message of messages) this.#receive(JSON.parse(message));
    });
  }

  #end(how) {
    this.#ended = new BrowserEnded(`the browser ${how}: ${this.#stderr.trim().replaceAll('\n', ' ')}`);
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }

  #receive({ id, sessionId, method, params, result, error }) {
    if (id !== undefined) {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(error.message));
      else resolve(result);
    } else this.#listeners.get(sessionId)?.(method, params);
  }

  #call(method, params = {}, sessionId = undefined) {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /**
   * Opens a page until `ready` (an expression) is true, and gives what went wrong on it: exceptions, console
   * errors, requests that failed, breaches of the content security policy.
   * @param {string} url
   * @param {string} ready
   * @returns {Promise<{faults: string[], screenshot: Buffer}>} the screenshot is a PNG
   * @throws {BrowserEnded}
   */
  async open(url, ready) {
    const { targetId } = await this.#call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#call('Target.attachToTarget', { targetId, flatten: true });
    const call = (method, params) => this.#call(method, params, sessionId);
    const faults = [];
    this.#listeners.set(sessionId, (method, params) => {
      const fault = faultOf(method, params);
      if (fault !== undefined) faults.push(fault);
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Audits']) await call(`${domain}.enable`);
    await call('Page.navigate', { url });
    const until = Date.now() + READY_MS;
    for (;;) {
      const { result } = await call('Runtime.evaluate', { expression: `Boolean(${ready})` });
      if (result?.value === true) break;
      if (Date.now() > until) {
        faults.push(`after ${READY_MS} ms still not true: ${ready}`);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    // What the page asks for last, its icon say, is still under way.
    await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
    const { data } = await call('Page.captureScreenshot', { format: 'png' });
    return { faults, screenshot: Buffer.from(data, 'base64') };
  }

  async close() {
    const { exitCode, signalCode, pid } = this.#process;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const exit = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGKILL');
      await exit;
    }
    try {
      rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
    } catch {
      // Its child processes still write: a profile left in the temporary folder is no fault of the page.
    }
  }
}

/** A sentence for an event that should not come; undefined for all others. */
function faultOf(method, params) {
  switch (method) {
    case 'Runtime.exceptionThrown':
      return `exception: ${params.exceptionDetails.exception?.description ?? params.exceptionDetails.text}`;
    case 'Runtime.consoleAPICalled':
      return params.type === 'error' || params.type === 'assert'
        ? `console.${params.type}: ${params.args.map((arg) => arg.value ?? arg.description).join(' ')}`
        : undefined;
    case 'Log.entryAdded':
      return params.entry.level === 'error'
        ? `${params.entry.source}: ${params.entry.text} ${params.entry.url ?? ''}`
        : undefined;
    case 'Audits.issueAdded':
      return params.issue.code === 'ContentSecurityPolicyIssue'
        ? `content security policy: ${JSON.stringify(params.issue.details)}`
        : undefined;
    default:
      return undefined;
  }
}
