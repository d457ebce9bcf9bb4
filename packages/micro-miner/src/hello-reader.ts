/** Reads the hello topic before a login, and checks every hello against what this device knows for certain. */
import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { helloTopic, networkPrefix } from '@iotw/protocol/device-topics';
import { type Hello, PROTOCOL_VERSION, parseHello } from '@iotw/protocol/hello';
import type { Connector } from './connection.js';

export interface HelloReaderOptions {
  readonly connector: Connector;
  /** Network id, 32 bytes: a hello of another network is refused. */
  readonly network: Uint8Array;
  /** The trust node expected at this address; any, if absent. */
  readonly trustNode?: number;
  /** Lane keys by trust node, handed in beforehand; a hello that names others is refused. */
  readonly laneKeys?: readonly Uint8Array[];
  /** How long a hello counts as new, ms; default 0: every login reads its own. */
  readonly freshMs?: number;
}

const READ_TIMEOUT_MS = 5000;

/** One reader serves all devices of a process that log in at one trust node. */
export class HelloReader {
  readonly topic: string;
  readonly #options: HelloReaderOptions;
  #reading: Promise<Result<Hello>> | undefined;
  #bytes = new Uint8Array(0);
  #checked: Result<Hello> | undefined;
  #checkedAtMs = 0;

  constructor(options: HelloReaderOptions) {
    this.#options = options;
    this.topic = helloTopic(networkPrefix(options.network));
  }

  /**
   * The hello of this trust node; one connection serves all who wait.
   * Errors: those of `check`, and `miner-hello-unreachable`.
   */
  read(): Promise<Result<Hello>> {
    const fresh = performance.now() - this.#checkedAtMs < (this.#options.freshMs ?? 0);
    if (fresh && this.#checked?.ok) return Promise.resolve(this.#checked);
    this.#reading ??= this.#fetch().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** After a refused login: the next `read` asks again. */
  forget(): void {
    this.#checkedAtMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Decodes a hello and compares it with what was handed in; equal bytes are looked at once.
   * Errors: `mqtt-hello-malformed`, `miner-protocol-version`, `miner-wrong-network`,
   * `miner-wrong-trust-node`, `miner-lane-keys-differ`.
   */
  check(bytes: Uint8Array): Result<Hello> {
    if (this.#checked === undefined || !equalBytes(bytes, this.#bytes)) {
      this.#bytes = Uint8Array.from(bytes);
      const parsed = parseHello(this.#bytes);
      this.#checked = parsed.ok ? compare(parsed.value, this.#options) : parsed;
    }
    this.#checkedAtMs = performance.now();
    return this.#checked;
  }

  #fetch(): Promise<Result<Hello>> {
    return new Promise((done) => {
      let result: Result<Hello> | undefined;
      const connection = this.#options.connector(
        {
          clientId: `hello-${Math.floor(Math.random() * 2 ** 48).toString(16)}`,
          username: 'hello',
          keepaliveSeconds: 60,
        },
        {
          connected: () => connection.subscribe([this.topic]),
          received: (topic, payload) => {
            if (topic !== this.topic || result !== undefined) return;
            result = this.check(payload);
            connection.end();
            finish('');
          },
          closed: (reason) => finish(reason),
        },
      );
      const timer = setTimeout(() => {
        connection.end();
        finish('no hello came');
      }, READ_TIMEOUT_MS);
      const finish = (reason: string) => {
        clearTimeout(timer);
        done(
          result ?? fail('miner-hello-unreachable', `The trust node gave no hello: ${reason}.`, { reason }),
        );
      };
    });
  }
}

function compare(hello: Hello, options: HelloReaderOptions): Result<Hello> {
  if (hello.protocolVersion !== PROTOCOL_VERSION) {
    return fail(
      'miner-protocol-version',
      `This device speaks version ${PROTOCOL_VERSION}; renew its software.`,
      {
        version: hello.protocolVersion,
      },
    );
  }
  if (!equalBytes(hello.network, options.network)) {
    return fail(
      'miner-wrong-network',
      'The trust node belongs to another network; check address and network id.',
    );
  }
  if (options.trustNode !== undefined && hello.trustNode !== options.trustNode) {
    return fail('miner-wrong-trust-node', `Trust node ${options.trustNode} is expected at this address.`, {
      trustNode: hello.trustNode,
    });
  }
  const pinned = options.laneKeys;
  const same = (key: Uint8Array, i: number) => equalBytes(key, hello.laneKeys[i] ?? new Uint8Array(0));
  if (pinned !== undefined && !(pinned.length === hello.laneKeys.length && pinned.every(same))) {
    return fail(
      'miner-lane-keys-differ',
      'The lane keys are not those handed in; check them against the ledger.',
    );
  }
  return ok(hello);
}
