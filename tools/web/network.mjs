// The devnet that the browser tests run against: real nodes, devices and customers as processes of this machine, with ports
// of their own, in a folder of its own. It can be stopped and started again in the middle of a flow.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { ROOT } from '../tidy/files.mjs';

const IOTW = join(ROOT, 'packages/cli/dist/main.js');
const READY_MS = 120_000;
const LOOK_MS = 250;
const SHAPE = { 'trust-nodes': 4, devices: 60, rate: 4 };
/** Ports below the range that machines hand out by themselves, so that a restart finds its ports free. */
const PORTS = { from: 20_000, to: 30_000, tries: 50 };

export class Network {
  #dir = mkdtempSync(join(tmpdir(), 'iotw-web-'));
  #child;
  #ended;
  #ports;
  #words = '';
  #command;
  #shape;

  /**
   * @param {string[]} [command] what starts a devnet when options are added to it
   * @param {Record<string, number>} [shape] options of its size
   */
  constructor(command = [process.execPath, IOTW, 'devnet'], shape = SHAPE) {
    this.#command = command;
    this.#shape = shape;
  }

  /** A network that takes transactions, with ended blocks in it; as the constructor. @returns {Promise<Network>} */
  static async start(command, shape) {
    const network = new Network(command, shape);
    try {
      network.#ports = await freePorts(2 * SHAPE['trust-nodes'] + 2);
      const began = performance.now();
      await network.resume();
      network.startedInMs = performance.now() - began;
    } catch (error) {
      await network.end();
      throw error;
    }
    return network;
  }

  /** From its first process to its first blocks, ms. */
  startedInMs = 0;

  /** Where the app and the API are, without a slash at the end. */
  url = '';

  /** The folder of the devnet: `keys.json` has its secrets. */
  get dir() {
    return join(this.#dir, 'devnet');
  }

  /** Words of the wallet that holds the committee's members as its first accounts, then the makers' roots. */
  get operatorWords() {
    return readFileSync(join(this.dir, 'operator-wallet.txt'), 'utf8').split('\n')[2];
  }

  /** Starts the processes, or starts them again from what is on disk. */
  async resume() {
    const shape = Object.entries(this.#shape).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const [apiPort, , mqttPort] = this.#ports;
    const places = ['--dir', this.dir, '--api-port', String(apiPort), '--mqtt-port', String(mqttPort)];
    const [file, ...words] = this.#command;
    const child = spawn(file, [...words, '--json', '--loop', ...shape, ...places], {
      // A group of its own: a command that starts others is stopped with them.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (chunk) => {
      this.#words = (this.#words + chunk).slice(-2_000);
    });
    // All of them have let go of its outputs.
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    const lines = createInterface(child.stdout);
    const ready = new Promise((resolve) => lines.on('line', (text) => text.startsWith('{') && resolve(text)));
    const line = await Promise.race([ready, this.#ended.then(() => undefined)]);
    if (line === undefined) throw new Error(`the devnet ended before it was ready: ${this.#words}`);
    const { apiUrl } = JSON.parse(line);
    if (apiUrl === undefined) throw new Error(`the devnet did not become ready: ${line}`);
    this.url = apiUrl;
    await this.until('it has ended blocks', async () => (await this.get('/v1/status')).blocks >= 4);
  }

  /** Stops the processes in order; what is on disk stays. */
  async stop() {
    if (this.#child?.pid !== undefined && this.#child.exitCode === null) {
      process.kill(-this.#child.pid, 'SIGINT');
    }
    await this.#ended;
  }

  /** Stops it and removes its folder. */
  async end() {
    await this.stop();
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 10 });
  }

  /** What the API answers. @param {string} path e.g. `/v1/status` @throws on anything but 2xx */
  async get(path) {
    const response = await fetch(this.url + path);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  /** Runs `iotw WORDS --json` against it. @param {...string} words @returns {Promise<any>} what it printed */
  async iotw(...words) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      IOTW,
      ...words,
      '--json',
      '--api',
      this.url,
    ]);
    return JSON.parse(stdout);
  }

  /** Waits for something of the network itself. @param {string} what @param {() => Promise<unknown>} holds */
  async until(what, holds) {
    const end = Date.now() + READY_MS;
    for (;;) {
      const value = await holds();
      if (value) return value;
      if (Date.now() > end) throw new Error(`after ${READY_MS / 1000} s not true of the network: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Things that are in the ledger, for the addresses of pages. */
  async facts() {
    const { items: rounds } = await this.get('/v1/rounds?limit=100');
    const { number } = rounds.find(({ transactions }) => transactions > 0);
    const { hash, blockList } = await this.get(`/v1/rounds/${number}`);
    const { lane, height } = blockList[0];
    const block = await this.get(`/v1/blocks/${lane}/${height}`);
    const device = block.certificate.attestations[0]?.device ?? 0;
    const { key: deviceKey, owner } = await this.get(`/v1/devices/${device}`);
    const customer = await this.#customer();
    return {
      ...{ round: number, roundHash: hash, lane, height, block: block.hash, device, deviceKey, owner },
      account: customer.transaction.sender,
      transaction: customer.id,
      epoch: (await this.get('/v1/status')).epoch,
    };
  }

  /** A transaction of somebody who bought something. */
  #customer() {
    return this.until('somebody has bought something', async () => {
      for (let account = 0; account < 300; account += 1) {
        const { items } = await this.get(`/v1/accounts/${account}/transactions?limit=20`).catch(() => ({}));
        const bought = items?.find(({ transaction }) => transaction.operations[0]?.type === 'trade');
        if (bought !== undefined) return bought;
      }
      return undefined;
    });
  }
}

/** As many free ports in a row, held by nobody when they were looked at. */
async function freePorts(count) {
  for (let attempt = 0; attempt < PORTS.tries; attempt += 1) {
    const first = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    const ports = Array.from({ length: count }, (_, at) => first + at);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return ports;
  }
  throw new Error('no row of free ports was found on this machine');
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
