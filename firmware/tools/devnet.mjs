// A running devnet for devices in C, as a user would start it: the built command line in a process of its own.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../../tools/tidy/files.mjs';

const IOTW = join(ROOT, 'packages/cli/dist/main.js');
/** Commands answer in a second or two; a busy machine takes longer. */
const CALL_MS = 60_000;
/** What a devnet may take to be ready, and to end in order. */
const START_MS = 60_000;
const STOP_MS = 20_000;

/** Builds the command line, for whoever runs this without `npm test`. Throws what the compiler said. */
export function buildCommandLine() {
  const { status, stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the command line can't be built:\n${stdout.slice(0, 2_000)}`);
}

/** Takes the number out of a store, as if the device had been made before it was registered. @param {string} path */
export function forgetNumber(path) {
  const store = readFileSync(path);
  store[5] &= ~1;
  store.writeUInt32LE(0, 72);
  createHash('sha256').update(store.subarray(0, 480)).digest().copy(store, 480);
  writeFileSync(path, store);
}

/**
 * @typedef {object} Entrance where devices log in at one trust node
 * @property {number} trustNode
 * @property {number} tcpPort
 * @property {number} tlsPort
 * @property {string} pin
 */

export class Devnet {
  #child;
  /** Of everything it made; removed by stop. */
  folder = mkdtempSync(join(tmpdir(), 'iotw-firmware-'));
  /** @type {string} */
  apiUrl = '';
  /** @type {readonly Entrance[]} */
  mqtt = [];

  /** @param {string[]} words further options of `iotw devnet` @returns {Promise<Devnet>} ready. Throws where it does not start. */
  static async start(words) {
    const devnet = new Devnet();
    try {
      await devnet.#start(words);
      return devnet;
    } catch (error) {
      await devnet.stop();
      throw error;
    }
  }

  async #start(words) {
    const ports = ['--api-port', '0', '--mqtt-port', '0'];
    const command = [IOTW, 'devnet', '--json', '--dir', this.file('net'), ...ports, ...words];
    this.#child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: this.#child.stdout });
    const ready = await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error('the devnet does not become ready')), START_MS).unref();
      this.#child.once('exit', (code) => reject(new Error(`the devnet ended with code ${code}`)));
      lines.on('line', (line) => {
        const said = JSON.parse(line);
        if (said.kind === 'ready') resolve(said);
      });
    });
    this.apiUrl = ready.apiUrl;
    this.mqtt = ready.mqtt;
  }

  /** @param {string} name @returns {string} path in this run's folder */
  file(name) {
    return join(this.folder, name);
  }

  /** Its process, to be asked for what it costs. */
  get pid() {
    return this.#child.pid;
  }

  /** Runs a command against it. @param {string[]} words @returns {Promise<any>} its JSON answer. Throws where that is an error. */
  async iotw(...words) {
    const all = [IOTW, ...words, '--api', this.apiUrl, '--json'];
    const stdout = await new Promise((resolve) => {
      const options = { maxBuffer: 1 << 27, timeout: CALL_MS };
      // A command whose finding is bad ends with code 1 and answers all the same.
      execFile(process.execPath, all, options, (_error, out) => resolve(out));
    });
    const answer = JSON.parse(stdout || '{"error":{"message":"no answer"}}');
    if (answer.error !== undefined)
      throw new Error(`iotw ${words.slice(0, 3).join(' ')}: ${answer.error.message}`);
    return answer;
  }

  /** @param {string} path of the API @returns {Promise<any>} */
  async get(path) {
    const answer = await fetch(`${this.apiUrl}${path}`);
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /**
   * Makes a device as its maker would.
   * @param {string} name of its files
   * @param {{broker: string, pin?: string, trustNode?: number}} where it logs in
   * @returns {Promise<{device: number, key: string, store: string}>}
   */
  async provision(name, { broker, pin, trustNode = 0 }) {
    const store = this.file(`${name}.bin`);
    const { device, key } = await this.iotw(
      ...['maker', 'provision', '--key-file', this.file(`${name}.key`), '--out', store, '--broker', broker],
      ...[
        ...(pin === undefined ? [] : ['--pin', pin]),
        '--trust-node',
        String(trustNode),
        '--devnet',
        this.file('net'),
      ],
    );
    return { device, key, store };
  }

  /** Ends it and removes what it left. */
  async stop() {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
