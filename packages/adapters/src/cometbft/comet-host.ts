import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import type { AbciApplication } from './abci-application.js';
import { AbciServer } from './abci-server.js';
import { cometBftVersion, findCometBft, GET_COMETBFT } from './binary.js';
import { CometProcess, type CometProcessOptions } from './comet-process.js';
import { type HomePlan, writeHome } from './home.js';
import { makeSocketFolder } from './socket-folder.js';

/** Where a ledger server's CometBFT runs, and as whom. */
export interface CometPlace
  extends Pick<
    HomePlan,
    'network' | 'origin' | 'index' | 'keys' | 'linkSeed' | 'linkKeys' | 'listen' | 'peers' | 'rpc'
  > {
  /** CometBFT's own folder: blocks, votes, and what iotw writes for it. */
  readonly home: string;
  /** The binary; none: see findCometBft. */
  readonly file?: string;
  readonly onFault: (fault: Failure) => void;
}

/** What the ledger lists: this server's keys, and the link keys by which it knows the others. */
export type OwnKeys = Pick<HomePlan, 'keys' | 'linkSeed'> & Required<Pick<HomePlan, 'linkKeys'>>;

/** An idle network makes an empty block this often; a proposal that is due goes out at once. */
export const IDLE_MS = 500;
/** A proposer may hold its proposal for IDLE_MS, and a large round takes its time. */
const TIMES = { proposeMs: 1_500, voteMs: 500 };

/** The ABCI socket of an application and the CometBFT that is connected to it. */
export class CometHost {
  readonly #place: CometPlace;
  readonly #server: AbciServer;
  #process: CometProcess | undefined;
  #plan: HomePlan | undefined;
  #socketFolder: string | undefined;

  constructor(application: AbciApplication, place: CometPlace) {
    this.#place = place;
    const onConnection = (): (() => void) | undefined => this.#process?.connected();
    this.#server = new AbciServer({ application, onFault: place.onFault, onConnection });
  }

  /** Errors: `cometbft-missing`, `cometbft-version`, `cometbft-home`, `cometbft-peer`, `abci-socket`. */
  async start(
    more: Pick<HomePlan, 'stateSync' | 'keepValidatorKey'> & Pick<CometProcessOptions, 'beforeStart'> = {},
  ): Promise<Result<void>> {
    const { home, onFault } = this.#place;
    const file = findCometBft(this.#place.file);
    if (file === undefined) return fail('cometbft-missing', `There is no CometBFT: ${GET_COMETBFT}.`);
    const version = await cometBftVersion(file);
    if (!version.ok) return version;
    const folder = await makeSocketFolder(home);
    if (!folder.ok) return folder;
    this.#socketFolder = folder.value;
    const abciSocket = join(folder.value, 'abci.sock');
    const rpcSocket = join(folder.value, 'rpc.sock');
    this.#plan = { ...this.#place, ...more, abciSocket, rpcSocket, times: TIMES };
    const written = await writeHome(home, this.#plan);
    if (!written.ok) return written;
    const listening = await this.#server.listen(abciSocket);
    if (!listening.ok) return listening;
    const beforeStart = (): void => {
      // One that was killed has left it, and the next could not listen there.
      rmSync(rpcSocket, { force: true });
      more.beforeStart?.();
    };
    this.#process = new CometProcess({ file, home, onFault, beforeStart });
    await this.#process.start();
    return ok(undefined);
  }

  /** Where CometBFT answers this process, once it was started. */
  get rpcSocket(): string | undefined {
    return this.#plan?.rpcSocket;
  }

  /** CometBFT reads its keys at its start only: with others it is started again. */
  async restart(keys: OwnKeys): Promise<void> {
    const { home, onFault } = this.#place;
    await this.#process?.restart(async () => {
      const written = await writeHome(home, { ...this.#plan!, ...keys, keepValidatorKey: false });
      if (!written.ok) onFault(written.error);
    });
  }

  /** `kill`: see CometProcess.stop. */
  async stop(kill = false): Promise<void> {
    await this.#process?.stop(kill);
    await this.#server.close();
    if (this.#socketFolder !== undefined) await rm(this.#socketFolder, { recursive: true, force: true });
  }
}
