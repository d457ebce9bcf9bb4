import { equalBytes } from '@iotw/kernel/bytes';
import { TestServer } from '@iotw/nodes/engine/conformance';
import { type RoundInput, RoundInputType } from '@iotw/protocol/round';
import { RequestFinalizeBlock } from 'cosmjs-types/tendermint/abci/types';
import { beforeEach, describe, expect, it } from 'vitest';
import { CometEngine } from './comet-engine.js';
import { readHeight, readRetain } from './position.js';

const TIME = { seconds: 1_700_000_000n, nanos: 0 };

let server: TestServer;
let engine: CometEngine;
let needed: number;

/** What the engine had made durable in the server's store. */
const disk = {
  get: (_: string, key: Uint8Array) => server.disk.own.findLast((one) => equalBytes(one.key, key))?.value,
};

function begin(told: number): void {
  engine = new CometEngine(server, {
    ...{ chainId: 'iotw-test', height: readHeight(disk), idleMs: 30 },
    retain: { told, needed: () => needed },
    settle: () => {},
    onFault: ({ code }) => {
      throw new Error(code);
    },
  });
  server.begin(engine);
}

function round(number: number): Uint8Array {
  const input: RoundInput = {
    ...{ number, timeMs: 1_700_000_000_000, seedProof: new Uint8Array(4) },
    ...{ resets: [], epochVotes: [], beacon: [], misbehaviours: [], blocks: [] },
  };
  return RoundInputType.serialize(input);
}

/** CometBFT decides a height; what it is told to keep. */
async function retained(height: number, ...txs: Uint8Array[]): Promise<number> {
  const hash = Uint8Array.of(height);
  const block = RequestFinalizeBlock.fromPartial({ height: BigInt(height), txs, hash, time: TIME });
  const finalized = await engine.finalizeBlock(block);
  const committed = await engine.commit();
  if (!finalized.ok || !committed.ok) throw new Error('not committed');
  return Number(committed.value.retainHeight);
}

beforeEach(() => {
  server = new TestServer(0, [], (run) => setImmediate(run));
  needed = 0;
  begin(0);
});

describe('what CometBFT is told to keep', () => {
  it('is all, until some of it is not needed; then a few blocks less with each height', async () => {
    expect(await retained(1, round(1))).toBe(0);
    needed = 120;
    expect(await retained(2, round(2))).toBe(50);
    expect(await retained(3)).toBe(100);
    expect(await retained(4, round(3))).toBe(120);
    expect(await retained(5, round(4))).toBe(120);
  });

  it('never grows again: those blocks are gone', async () => {
    needed = 40;
    expect(await retained(1, round(1))).toBe(40);
    needed = 20;
    expect(await retained(2, round(2))).toBe(40);
  });

  it('is on disk with the next round, so that a start goes on from there', async () => {
    needed = 120;
    await retained(1, round(1));
    expect(readRetain(disk)).toBe(50);
    await retained(2);
    // Without a round nothing is written: the start tells CometBFT the rest again.
    expect(readRetain(disk)).toBe(50);
    server.end();
    begin(readRetain(disk));
    expect(await retained(2)).toBe(100);
    expect(await retained(3, round(2))).toBe(120);
    expect(readRetain(disk)).toBe(120);
  });
});
