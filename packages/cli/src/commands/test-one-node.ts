/** A network of one node in this process, its people's keys on disk, and command lines against it, for tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeAddress } from '@iotw/protocol/address';
import { expect } from 'vitest';
import { run } from '../program.js';
import { iotwJson } from '../test-io.js';

/** Whoever has a key file `N.key`: its seed is 32 bytes of N. */
export const [ALICE, SHOP, NOBODY, DEVICE] = [1, 2, 3, 9] as const;
export const seed = (fill: number) => new Uint8Array(32).fill(fill);
export const address = (fill: number) => encodeAddress('tiotw', 0, keyPairFromSeed(seed(fill)).publicKey);

/** What the node prints once it is ready. */
interface Ready {
  readonly apiUrl: string;
  readonly network: string;
  readonly mqtt: readonly { readonly tcpPort: number }[];
}

/** LMDB, worker threads, API and MQTT, epochs of a second; alice has 1,000 coins. Its methods may be taken off it. */
export class OneNode {
  api!: string;
  mqtt!: string;
  network!: string;
  #dir!: string;
  #announceStop!: () => void;
  #ended!: Promise<{ code: number; err: string }>;

  async start(): Promise<void> {
    this.#dir = mkdtempSync(join(tmpdir(), 'iotw-cli-'));
    for (const fill of [ALICE, SHOP, NOBODY, DEVICE])
      writeFileSync(this.file(`${fill}.key`), `${toHex(seed(fill))}\n`, { mode: 0o600 });
    const words = ['--dir', this.file('network'), '--trust-nodes', '1', '--epoch-seconds', '1'];
    const ports = ['--api-port', '0', '--mqtt-port', '0'];
    const created = ['genesis', 'create', ...words, ...ports, '--account', `${address(ALICE)}=1000`];
    expect((await iotwJson(created)).code).toBe(0);
    const stop = new Promise<void>((resolve) => {
      this.#announceStop = resolve;
    });
    const said = await new Promise<Ready>((resolve, reject) => {
      // Its trust node's standing, or why it ends, may be told before.
      const told: string[] = [];
      this.#ended = this.#run(stop, (line) => {
        told.push(line);
        const one = JSON.parse(line);
        if (one.kind === 'ready') resolve(one);
      });
      this.#ended.then(({ err }) => reject(new Error(`${told.join('')}${err}`)), reject);
    });
    this.api = said.apiUrl;
    this.network = said.network;
    this.mqtt = `mqtt://127.0.0.1:${said.mqtt[0]!.tcpPort}`;
  }

  async #run(stop: Promise<void>, out: (line: string) => void): Promise<{ code: number; err: string }> {
    let err = '';
    const code = await run(['node', '--config', this.file('network', 'node.json'), '--json'], {
      out,
      err: (text) => {
        err += text;
      },
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      color: false,
      env: {},
      stopRequested: () => stop,
    });
    return { code, err };
  }

  /** Asks the node to stop; its exit code and what it complained about. */
  end(): Promise<{ code: number; err: string }> {
    this.#announceStop();
    return this.#ended;
  }

  /** Ends it and takes its files away. */
  async remove(): Promise<void> {
    await this.end();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  readonly file = (...path: string[]): string => join(this.#dir, ...path);
  readonly genesis = (): string => this.file('network', 'genesis.json');
  readonly as = (fill: number): string[] => ['--signer-key-file', this.file(`${fill}.key`)];

  /** The answer of a command that succeeds. */
  // biome-ignore lint/suspicious/noExplicitAny: the answers are looked into field by field
  readonly call = async (...words: string[]): Promise<any> => {
    const { code, value } = await iotwJson([...words, '--api', this.api]);
    expect(value.error, JSON.stringify(value.error)).toBeUndefined();
    expect(code).toBe(0);
    return value;
  };

  /** The answer of a command that fails. */
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly failing = async (...words: string[]): Promise<any> => {
    const { code, value } = await iotwJson([...words, '--api', this.api]);
    expect(code).toBe(1);
    return value;
  };

  /** The code of its error. */
  readonly refused = async (...words: string[]): Promise<string> => (await this.failing(...words)).error.code;

  /** The newest ended epoch, once there are `count`. */
  readonly endedEpoch = async (count = 1): Promise<number> => {
    for (;;) {
      const { epoch } = await this.call('epoch', 'show');
      if (epoch >= count) return epoch - 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
}
