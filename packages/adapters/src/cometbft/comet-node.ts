import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import type { EngineClient } from '@iotw/nodes/engine/engine';
import type { Failpoints } from '../failpoints/failpoints.js';
import { AbciServer } from './abci-server.js';
import { cometBftVersion, findCometBft, GET_COMETBFT } from './binary.js';
import { CometEngine } from './comet-engine.js';
import { CometProcess } from './comet-process.js';
import { chainIdOf, type HomePlan, writeHome } from './home.js';
import { makeSocketFolder } from './socket-folder.js';

export interface CometOptions
  extends Pick<HomePlan, 'genesis' | 'index' | 'keys' | 'linkSeed' | 'listen' | 'peers'> {
  /** CometBFT's own folder: blocks, votes, and what iotw writes for it. */
  readonly home: string;
  /** The binary; none: see findCometBft. */
  readonly file?: string;
  /** Last height that the durable rounds stand for; see readHeight. */
  readonly height: number;
  readonly onFault: (fault: Failure) => void;
  readonly failpoints?: Failpoints | undefined;
}

/** An idle network makes an empty block this often; a proposal that is due goes out at once. */
const IDLE_MS = 500;
/** A proposer may hold its proposal for IDLE_MS, and a large round takes its time. */
const TIMES = { proposeMs: 1_500, voteMs: 500 };

/** A ledger server's CometBFT: the engine, the ABCI socket and the process. */
export class CometNode {
  readonly engine: CometEngine;
  readonly #options: CometOptions;
  readonly #server: AbciServer;
  #process: CometProcess | undefined;
  #socketFolder: string | undefined;

  constructor(client: EngineClient, options: CometOptions, settle: () => void) {
    const { genesis, height, onFault, failpoints } = options;
    this.#options = options;
    this.engine = new CometEngine(client, {
      chainId: chainIdOf(genesis),
      height,
      idleMs: IDLE_MS,
      settle,
      onFault,
      failpoints,
    });
    const onConnection = (): (() => void) | undefined => this.#process?.connected();
    this.#server = new AbciServer({ application: this.engine, onFault, onConnection });
  }

  /** Errors: `cometbft-missing`, `cometbft-version`, `cometbft-home`, `cometbft-peer`, `abci-socket`. */
  async start(): Promise<Result<void>> {
    const { home, onFault } = this.#options;
    const file = findCometBft(this.#options.file);
    if (file === undefined) return fail('cometbft-missing', `There is no CometBFT: ${GET_COMETBFT}.`);
    const version = await cometBftVersion(file);
    if (!version.ok) return version;
    const folder = await makeSocketFolder(home);
    if (!folder.ok) return folder;
    this.#socketFolder = folder.value;
    const abciSocket = join(folder.value, 'abci.sock');
    const written = await writeHome(home, { ...this.#options, abciSocket, times: TIMES });
    if (!written.ok) return written;
    const listening = await this.#server.listen(abciSocket);
    if (!listening.ok) return listening;
    this.#process = new CometProcess({ file, home, onFault });
    await this.#process.start();
    return ok(undefined);
  }

  async stop(): Promise<void> {
    this.engine.stop();
    await this.#process?.stop();
    await this.#server.close();
    if (this.#socketFolder !== undefined) await rm(this.#socketFolder, { recursive: true, force: true });
  }
}
