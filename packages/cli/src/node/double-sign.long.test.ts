import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { freePorts } from '@iotw/adapters/free-ports';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Child } from '../devnet/child.js';
import type { NodeConfig } from './node-config.js';
import { all, CometMesh, HOST, json, LEDGERS } from './test-comet-mesh.js';

const OFFENDER = 3;
/** Meets the offender's second process in the place of the first. */
const DECEIVED = 2;
const WAIT = { timeout: 120_000, interval: 500 };

let second: Child;
let secondPort: number;

/** CometBFT takes one peer of a name: each of the others meets one of the two processes. */
function shaped(index: number, config: NodeConfig): NodeConfig {
  const cometbft = config.cometbft!;
  const peers = cometbft.peers.flatMap((peer) => {
    if (index === OFFENDER && peer.server === DECEIVED) return [];
    return [index === DECEIVED && peer.server === OFFENDER ? { ...peer, port: secondPort } : peer];
  });
  return { ...config, cometbft: { ...cometbft, peers } };
}

const mesh = new CometMesh(undefined, shaped);

/** A standby that somebody started beside the running one: the same keys, a data directory of its own. */
async function startSecond(): Promise<void> {
  const [meshPort] = await freePorts(HOST, 1);
  const config = mesh.configs[OFFENDER]!;
  const { port } = mesh.configs[DECEIVED]!.cometbft!.listen;
  second = await mesh.startNode('second-process', {
    ...config,
    data: `${config.data}-second`,
    mesh: [{ self: `ledger:${OFFENDER}`, listen: { host: HOST, port: meshPort! }, peers: [] }],
    cometbft: {
      file: config.cometbft!.file!,
      listen: { host: HOST, port: secondPort },
      peers: [{ server: DECEIVED, host: HOST, port }],
    },
  });
}

/** What the API of a server says of the offender. */
const standing = async (server: number) =>
  (await json(`${mesh.apis[server]}/v1/ledger-servers`)).items[OFFENDER];

const validators = async (): Promise<number> =>
  Number((await json(`${mesh.rpc(0)}/validators`)).result.total);

const honest = all(LEDGERS).filter((server) => server !== OFFENDER);

describe.skipIf(cometBftForTests() === undefined)(
  'two processes under the keys of one of four ledger servers',
  () => {
    beforeAll(async () => {
      [secondPort] = (await freePorts(HOST, 1)) as [number];
      await mesh.open();
    }, 120_000);
    afterAll(() => mesh.close(), 60_000);

    test('CometBFT proves it, all others suspend the server, once, and the network goes on', {
      timeout: 300_000,
    }, async () => {
      expect(await mesh.submit(0, mesh.transfers(10))).toEqual({ ok: 10 });
      expect(await validators()).toBe(4);
      await startSecond();
      await vi.waitFor(async () => {
        for (const server of honest) expect((await standing(server)).suspended).toBe('for-misbehaviour');
      }, WAIT);
      for (const server of honest) {
        const { misbehaviours } = await standing(server);
        expect(misbehaviours).toMatchObject([{ kind: 'double-vote', suspended: true }]);
        expect(misbehaviours).toEqual((await standing(0)).misbehaviours);
      }
      await vi.waitFor(async () => expect(await validators()).toBe(3), WAIT);
      for (const server of honest) expect(await mesh.submit(server, mesh.transfers(10))).toEqual({ ok: 10 });
      for (const server of honest) expect((await standing(server)).misbehaviours).toHaveLength(1);
    });

    test('the other process stopped, a vote reinstates it: it votes again, and all have one state', {
      timeout: 300_000,
    }, async () => {
      await second.stop(10_000);
      await mesh.adopt({ kind: 'ledgerServerReinstate', content: { index: OFFENDER } });
      await vi.waitFor(async () => {
        for (const server of honest) expect((await standing(server)).suspended).toBe(null);
        expect(await validators()).toBe(4);
      }, WAIT);
      await mesh.sameState();
      expect(await mesh.submit(OFFENDER, mesh.transfers(10))).toEqual({ ok: 10 });
      // Without one of the others nothing is decided but by the vote of the one that came back.
      await mesh.ledgers[0]!.stop(10_000);
      expect(await mesh.submit(1, mesh.transfers(10))).toEqual({ ok: 10 });
      for (const server of [1, 2]) expect((await standing(server)).misbehaviours).toHaveLength(1);
    });
  },
);
