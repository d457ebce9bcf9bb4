/** A node process with the only ledger server of a network and a store on disk, for tests that stop it and start it again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { utf8 } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import type { Store } from '@iotw/kernel/ports/store';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { BEACON_TABLE } from '@iotw/nodes/ledger-server/beacon-member';
import { networkId } from '@iotw/protocol/genesis';
import type { Parameters } from '@iotw/protocol/parameters';
import { NodeProcess } from './node-process.js';
import type { NodeProcessOptions } from './process-options.js';

/** One trust node, one ledger server, no devices; alice is its committee. */
export function loneNetwork(timeMs: number, parameters: Partial<Parameters>): TestNetwork {
  const { trustNodes, ledgerServers } = testGenesis();
  return new TestNetwork({
    genesis: {
      timeMs,
      trustNodes: trustNodes.slice(0, 1),
      ledgerServers: ledgerServers.slice(0, 1),
      devices: [],
      committee: [keys('alice').publicKey],
      committeeThreshold: 1,
    },
    parameters,
  });
}

type Shape = Pick<NodeProcessOptions, 'genesis' | 'clock' | 'trust'> & {
  /** Keys that the ledger server holds beside its present ones. */
  readonly nextKeys?: KeyPair;
};

export class LoneServer {
  store!: Store;
  node!: NodeProcess;
  /** What the software of the next start knows. */
  versions: NodeProcessOptions['versions'];
  /** Told why the node can't go on; by default that is a failure of the test. */
  onHalt: NodeProcessOptions['onHalt'] = ({ code, message }) => {
    throw new Error(`${code}: ${message}`);
  };
  readonly #shape: Shape;
  readonly #dir = mkdtempSync(join(tmpdir(), 'iotw-lone-server-'));

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  readonly start = async (): Promise<void> => {
    this.store = await this.#open();
    const { nextKeys, ...shape } = this.#shape;
    const vrfKeys = vrfKeyPairFromSeed(sha256(utf8('vrf0')));
    const opened = await NodeProcess.open({
      ...shape,
      store: this.store,
      verifier: inlineVerifier(networkId(this.#shape.genesis)),
      ledger: { index: 0, keys: keys('ledger0'), vrfKeys, ...(nextKeys === undefined ? {} : { nextKeys }) },
      versions: this.versions,
      onHalt: (fault) => this.onHalt(fault),
    });
    if (!opened.ok) {
      await this.store.close();
      throw new Error(`${opened.error.code}: ${opened.error.message}`);
    }
    this.node = opened.value;
    await this.node.start();
  };

  readonly stop = async (): Promise<void> => {
    await this.node.stop();
    await this.store.close();
  };

  /** Takes its share of the key off the disk while it stands still. */
  async loseShare(): Promise<void> {
    const disk = await this.#open();
    await disk.commit([{ table: BEACON_TABLE, key: utf8('share'), value: undefined }]);
    await disk.close();
  }

  /** Stops it and takes its files away. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #open(): Promise<Store> {
    const lmdb = await openLmdbStore({ path: join(this.#dir, 'ledger') });
    if (!lmdb.ok) throw new Error(lmdb.error.message);
    return lmdb.value;
  }
}
