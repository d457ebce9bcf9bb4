import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '@iotw/adapters/free-ports';
import { cpuSeconds } from '../support/process-figures.js';
import { SITES } from './mesh-network.js';

const HOST = '127.0.0.1';
const START_MS = 60_000;
/** Transactions in one request: what a node's configuration is set to take. */
const BATCH = 256;

export interface KvstoreFigures {
  readonly transactionsPerSecond: number;
  readonly cpuSecondsPerTransaction: number;
  readonly transactionsPerBlock: number;
}

/**
 * CometBFT's own example application under four validators, built into its binary: no signature is checked, no state kept but
 * a hash. The consensus timeouts are those that iotw writes; the mempool is CometBFT's default.
 */
export class KvstoreMesh {
  readonly #dir = mkdtempSync(join(tmpdir(), 'iotw-kvstore-'));
  readonly #processes: ChildProcess[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  #rpc: number[] = [];

  async start(file: string): Promise<void> {
    const ports = await freePorts(HOST, 2 * SITES);
    const p2p = ports.slice(0, SITES);
    this.#rpc = ports.slice(SITES);
    const made = spawnSync(file, ['testnet', '--v', String(SITES), '--o', this.#dir], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`cometbft testnet: ${made.stderr}`);
    for (let i = 0; i < SITES; i++) {
      const path = join(this.#dir, `node${i}`, 'config', 'config.toml');
      writeFileSync(path, configOf(readFileSync(path, 'utf8'), p2p, i, this.#rpc[i]!));
      const home = join(this.#dir, `node${i}`);
      this.#processes.push(
        spawn(file, ['start', '--home', home, '--proxy_app=kvstore'], { stdio: 'ignore' }),
      );
    }
    const until = performance.now() + START_MS;
    while ((await this.#newest().catch(() => ({ height: 0 }))).height < 3) {
      if (performance.now() > until) throw new Error('the kvstore makes no blocks');
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  /** Committed transactions of `bytes` each, handed to all four nodes as fast as they take them, for `ms`. */
  async measure(bytes: number, ms: number, connections: number): Promise<KvstoreFigures> {
    const pids = this.#processes.map(({ pid }) => pid!);
    const end = { over: false };
    const senders = Array.from({ length: connections }, (_, i) => this.#send(i % SITES, bytes, end));
    await new Promise((resolve) => setTimeout(resolve, ms / 4));
    const first = await this.#newest();
    const cpuBefore = cpuSeconds(pids);
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const last = await this.#newest();
    const cores = ((cpuSeconds(pids) - cpuBefore) * 1_000) / (performance.now() - began);
    end.over = true;
    await Promise.all(senders);
    const transactions = await this.#committed(first.height, last.height);
    const rate = (transactions * 1_000) / (last.timeMs - first.timeMs);
    return {
      transactionsPerSecond: rate,
      cpuSecondsPerTransaction: cores / rate,
      transactionsPerBlock: transactions / (last.height - first.height),
    };
  }

  async #send(node: number, bytes: number, end: { readonly over: boolean }): Promise<void> {
    while (!end.over) {
      const calls = Array.from({ length: BATCH }, (_, id) => {
        const key = randomBytes(16).toString('hex');
        const tx = Buffer.from(`${key}=${'v'.repeat(bytes - key.length - 1)}`).toString('base64');
        return { jsonrpc: '2.0', id, method: 'broadcast_tx_sync', params: { tx } };
      });
      const answers = (await this.#call(node, calls)) as readonly { readonly error?: object }[];
      // A full mempool refuses: what it holds goes out first.
      if (answers.some(({ error }) => error !== undefined))
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #call(node: number, body: object): Promise<unknown> {
    const text = JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const options = { host: HOST, port: this.#rpc[node]!, method: 'POST', agent: this.#agent, headers };
      const asked = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
      });
      asked.on('error', reject);
      asked.end(text);
    });
  }

  async #result<T>(method: string, params: object = {}): Promise<T> {
    const { result } = (await this.#call(0, { jsonrpc: '2.0', id: 1, method, params })) as {
      readonly result: T;
    };
    return result;
  }

  async #newest(): Promise<{ readonly height: number; readonly timeMs: number }> {
    const { sync_info } = await this.#result<{
      readonly sync_info: { readonly latest_block_height: string; readonly latest_block_time: string };
    }>('status');
    return { height: Number(sync_info.latest_block_height), timeMs: Date.parse(sync_info.latest_block_time) };
  }

  /** Transactions in the blocks above `first` up to `last`. */
  async #committed(first: number, last: number): Promise<number> {
    let count = 0;
    for (let min = first + 1; min <= last; min += 20) {
      const { block_metas } = await this.#result<{
        readonly block_metas: readonly { readonly num_txs: string }[];
      }>('blockchain', { minHeight: String(min), maxHeight: String(Math.min(last, min + 19)) });
      for (const meta of block_metas) count += Number(meta.num_txs);
    }
    return count;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await Promise.all(
      this.#processes.map((child) => {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        return ended;
      }),
    );
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** CometBFT's own configuration with the ports of this machine and the times that iotw writes (adapters/cometbft/home). */
function configOf(text: string, p2p: readonly number[], index: number, rpc: number): string {
  const peers = /^persistent_peers = "(.*)"$/m
    .exec(text)![1]!
    .split(',')
    .map((peer, i) => `${peer.split('@')[0]}@${HOST}:${p2p[i]}`);
  const values: Readonly<Record<string, string>> = {
    persistent_peers: `"${peers.filter((_, i) => i !== index).join(',')}"`,
    log_level: '"error"',
    addr_book_strict: 'false',
    allow_duplicate_ip: 'true',
    pex: 'false',
    flush_throttle_timeout: '"2ms"',
    send_rate: '104857600',
    recv_rate: '104857600',
    max_request_batch_size: String(BATCH),
    timeout_commit: '"0s"',
    skip_timeout_commit: 'true',
    peer_gossip_sleep_duration: '"5ms"',
    indexer: '"null"',
  };
  let config = text
    .replace(/^laddr = "tcp:\/\/127[^"]*"/m, `laddr = "tcp://${HOST}:${rpc}"`)
    .replace(/^laddr = "tcp:\/\/0[^"]*"/m, `laddr = "tcp://${HOST}:${p2p[index]}"`);
  for (const [name, value] of Object.entries(values))
    config = config.replace(new RegExp(`^${name} = .*$`, 'm'), `${name} = ${value}`);
  return config;
}
