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

/** @returns {string | undefined} the browser that CHROMIUM names, else the first one on the path */
export function findChromium(env = process.env) {
  if (env.CHROMIUM) return env.CHROMIUM;
  const folders = (env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What installing may take, ms. */
const INSTALL_MS = 300_000;

/**
 * Where no Chromium is found: installs Debian's, if this process is root and apt-get is there. Says in one line
 * what it does; without success the tests that need a browser say what they skipped.
 */
export function installChromium() {
  if (findChromium() !== undefined || process.getuid?.() !== 0) return;
  console.log('no Chromium: trying apt-get install chromium');
  const options = {
    stdio: 'ignore',
    timeout: INSTALL_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    if (spawnSync('apt-get', ['-qq', ...words], options).status !== 0) return;
  }
}

/** One browser process with a profile of its own. */
export class Chromium {
  #process;
  #profile = mkdtempSync(join(tmpdir(), 'iotw-chromium-'));
  #nextId = 1;
  #waiting = new Map();
  #listeners = new Map();

  /** @param {string} file the executable */
  constructor(file) {
    const flags = [
      '--headless=new',
      '--remote-debugging-pipe',
      `--user-data-dir=${this.#profile}`,
      '--no-first-run',
      '--disable-gpu',
      '--disable-background-networking',
      // The sandbox can't be set up as root, and the only page is ours.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ];
    this.#process = spawn(file, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.#process.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'));
    });
    this.#process.on('error', (error) => {
      for (const { reject } of this.#waiting.values()) reject(error);
    });
    let rest = '';
    this.#process.stdio[4].on('data', (chunk) => {
      const messages = (rest + chunk).split('\0');
      rest = messages.pop();
      for (const message of messages) this.#receive(JSON.parse(message));
    });
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
   * @returns {Promise<{faults: string[], screenshot: () => Promise<Buffer>}>}
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
    const screenshot = async () =>
      Buffer.from((await call('Page.captureScreenshot', { format: 'png' })).data, 'base64');
    return { faults, screenshot };
  }

  async close() {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null && this.#process.kill()) await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
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
