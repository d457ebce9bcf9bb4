import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readU64, utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { keys, testGenesis } from '@iotw/ledger/test-network';
import type { EngineWorld } from '@iotw/nodes/engine/conformance';
import type { Voter } from '@iotw/nodes/engine/engine';
import { genesisOrigin } from '@iotw/nodes/engine/origin';
import { networkId } from '@iotw/protocol/genesis';
import { assert, vi } from 'vitest';
import { freePorts } from '../free-ports.js';
import { CometNode } from './comet-node.js';
import { heightWrite } from './position.js';
import { cometBftForTests } from './test-binary.js';

const HOST = '127.0.0.1';
const indices = [0, 1, 2, 3];
const [template] = testGenesis().ledgerServers;
const genesis = {
  ...testGenesis({ genesis: { timeMs: Date.now(), devices: [] } }),
  ledgerServers: indices.map((i) => ({
    ...template!,
    key: keys(`ledger${i}`).publicKey,
    linkKey: keys(`ledger-link${i}`).publicKey,
  })),
};
/** Places where the engine keeps its height among its own writes. */
const { key: HEIGHT } = heightWrite(0);

/** The ledger servers of that genesis. */
export const EVERYBODY: readonly Voter[] = indices.map((server) => ({
  server,
  key: keys(`ledger${server}`).publicKey,
}));

/** Four servers, each with a CometBFT of its own on this machine. */
export async function openCometWorld(): Promise<EngineWorld> {
  const file = cometBftForTests();
  const dir = await mkdtemp(join(tmpdir(), 'iotw-comet-engine-'));
  const ports = await freePorts(HOST, indices.length);
  const nodes = new Map<number, CometNode>();
  return {
    start: async (server) => {
      const { index, disk } = server;
      const height = disk.own.find(({ key }) => Buffer.compare(key, HEIGHT) === 0)?.value;
      const node = new CometNode(
        server,
        {
          network: networkId(genesis),
          origin: genesisOrigin(genesis),
          index,
          own: () => ({
            keys: keys(`ledger${index}`),
            linkSeed: sha256(utf8(`ledger-link${index}`)),
            linkKeys: genesis.ledgerServers.map(({ linkKey }) => linkKey),
          }),
          justRotated: false,
          store: { get: () => undefined },
          home: join(dir, `${index}`),
          file: file!,
          listen: { host: HOST, port: ports[index]! },
          peers: indices.filter((i) => i !== index).map((i) => ({ server: i, host: HOST, port: ports[i]! })),
          height: height === undefined ? 0 : readU64(height, 0),
          onFault: () => {},
        },
        () => {},
      );
      nodes.set(index, node);
      server.begin(node.engine);
      const started = await node.start();
      assert(started.ok, started.ok ? '' : started.error.message);
    },
    kill: async ({ index }) => {
      // As it dies with its process: no order, no farewell.
      process.kill(Number(await readFile(join(dir, `${index}`, 'cometbft.pid'), 'utf8')), 'SIGKILL');
      await nodes.get(index)!.stop();
    },
    until: (done) => vi.waitUntil(done, { timeout: 30_000, interval: 20 }).then(() => {}),
    close: async () => {
      await Promise.all([...nodes.values()].map((node) => node.stop()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
