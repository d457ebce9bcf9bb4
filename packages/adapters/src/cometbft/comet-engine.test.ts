import { equalBytes, utf8 } from '@iotw/kernel/bytes';
import { TestServer } from '@iotw/nodes/engine/conformance';
import type { Voter } from '@iotw/nodes/engine/engine';
import { validatorAddress } from '@iotw/protocol/engine-chain';
import { type RoundInput, RoundInputType } from '@iotw/protocol/round';
import {
  ResponseApplySnapshotChunk_Result as ChunkResult,
  Misbehavior,
  MisbehaviorType,
  ResponseOfferSnapshot_Result as OfferResult,
  RequestFinalizeBlock,
  RequestInfo,
  RequestInitChain,
  RequestPrepareProposal,
  RequestProcessProposal,
  RequestQuery,
  RequestVerifyVoteExtension,
  ResponseProcessProposal_ProposalStatus as Status,
  type ValidatorUpdate,
  ResponseVerifyVoteExtension_VerifyStatus as VoteStatus,
} from 'cosmjs-types/tendermint/abci/types';
import { beforeEach, describe, expect, it } from 'vitest';
import { CometEngine, type CometEngineOptions } from './comet-engine.js';
import { readHeight } from './position.js';

const TIME = { seconds: 1_700_000_000n, nanos: 5_999_999 };
const TIME_MS = 1_700_000_000_005;
const IDLE_MS = 30;

let wishes: number[];
let server: TestServer;
let engine: CometEngine;
let faults: string[];
let nowMs: number;

function begin(height = 0, snapshots?: CometEngineOptions['snapshots']): void {
  engine = new CometEngine(server, {
    chainId: 'iotw-test',
    height,
    snapshots,
    idleMs: IDLE_MS,
    nowMs: () => nowMs,
    settle: () => {},
    onFault: ({ code }) => faults.push(code),
  });
  server.begin(engine);
}

beforeEach(() => {
  wishes = [];
  faults = [];
  nowMs = TIME_MS;
  server = new TestServer(0, wishes, (run) => setImmediate(run));
  server.electorate = () => voters(1, 2);
  begin();
});

function round(number: number, wish: number): Uint8Array {
  const seedProof = Uint8Array.of(wish & 255, (wish >> 8) & 255, wish >> 16, 0);
  const input: RoundInput = {
    number,
    timeMs: TIME_MS,
    seedProof,
    resets: [],
    epochVotes: [],
    beacon: [],
    misbehaviours: [],
    blocks: [],
  };
  return RoundInputType.serialize(input);
}

const key = (server: number): Uint8Array => new Uint8Array(32).fill(server);
const voters = (...servers: number[]): Voter[] => servers.map((server) => ({ server, key: key(server) }));

const addressOf = (server: number): Uint8Array => validatorAddress(key(server));
/** `server:power` of each. */
const shown = (updates: readonly ValidatorUpdate[]): string[] =>
  updates.map(({ pubKey, power }) => `${pubKey!.ed25519![0]}:${power}`);

const block = (height: number, txs: Uint8Array[], hash = height) =>
  RequestFinalizeBlock.fromPartial({ height: BigInt(height), txs, hash: Uint8Array.of(hash), time: TIME });
const proposal = (...txs: Uint8Array[]) => RequestProcessProposal.fromPartial({ txs, time: TIME });
const prepare = (maxTxBytes = 1_000_000) =>
  RequestPrepareProposal.fromPartial({ maxTxBytes: BigInt(maxTxBytes), time: TIME });
const info = (version = '0.38.26') => engine.info(RequestInfo.fromPartial({ version }));

async function finalized(height: number, ...txs: Uint8Array[]): Promise<Uint8Array> {
  const answer = await engine.finalizeBlock(block(height, txs));
  if (!answer.ok) throw new Error(answer.error.code);
  expect(answer.value.txResults.length).toBe(txs.length);
  return answer.value.appHash;
}

async function told(): Promise<{ height: number; hash: Uint8Array }> {
  const answer = await info();
  if (!answer.ok) throw new Error(answer.error.code);
  return { height: Number(answer.value.lastBlockHeight), hash: answer.value.lastBlockAppHash };
}

const keptHeight = (): number =>
  readHeight({ get: (_, key) => server.disk.own.find((one) => equalBytes(one.key, key))?.value });

describe('the engine on CometBFT, call by call', () => {
  it('gives the snapshots that there are, and takes none: it has a state', async () => {
    expect(await engine.listSnapshots()).toEqual({ ok: true, value: { snapshots: [] } });
    const chunk = { height: 7n, format: 1, chunk: 0 };
    expect(await engine.loadSnapshotChunk(chunk)).toEqual({ ok: true, value: { chunk: new Uint8Array(0) } });
    const offer = { height: 7, format: 1, chunks: 1, hash: key(1), metadata: key(2) };
    const files = {
      list: () => [offer],
      chunk: async (...asked: number[]) => (asked.join() === '7,1,0' ? key(3) : undefined),
    };
    begin(0, files);
    expect(await engine.listSnapshots()).toEqual({
      ok: true,
      value: { snapshots: [{ ...offer, height: 7n }] },
    });
    expect(await engine.loadSnapshotChunk(chunk)).toEqual({ ok: true, value: { chunk: key(3) } });
    expect(await engine.loadSnapshotChunk({ ...chunk, chunk: 1 })).toEqual({
      ok: true,
      value: { chunk: new Uint8Array(0) },
    });
    expect(await engine.offerSnapshot()).toMatchObject({ value: { result: OfferResult.REJECT } });
    expect(await engine.applySnapshotChunk()).toMatchObject({ value: { result: ChunkResult.ABORT } });
  });

  it('answers FinalizeBlock with the round applied and nothing durable; Commit makes it durable with its height', async () => {
    const hash = await finalized(1, round(1, 7));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.applied).toBe(1);
    expect(server.disk.rounds).toEqual([]);
    expect(engine.idle).toBe(false);
    expect(await told()).toMatchObject({ height: 0 });
    expect(await engine.commit()).toEqual({ ok: true, value: { retainHeight: 0n } });
    expect(server.disk.rounds.length).toBe(1);
    expect(keptHeight()).toBe(1);
    expect(engine.idle).toBe(true);
    expect(await told()).toEqual({ height: 1, hash });
  });

  it('gives a CometBFT that was restarted in between the same answers, and applies nothing twice', async () => {
    const hash = await finalized(1, round(1, 7));
    expect(await finalized(1, round(1, 7))).toEqual(hash);
    await engine.commit();
    await engine.commit();
    expect(await finalized(1, round(1, 7))).toEqual(hash);
    await engine.commit();
    expect(server.violations).toEqual([]);
    expect(server.disk.rounds.length).toBe(1);
    await finalized(2, round(2, 8));
    await engine.commit();
    expect(server.disk.rounds.length).toBe(2);
  });

  it('replays the blocks above the height on its disk after the end of its own process', async () => {
    await finalized(1, round(1, 7));
    await engine.commit();
    await finalized(2, round(2, 8));
    server.end();
    begin(keptHeight());
    expect(await told()).toMatchObject({ height: 1 });
    await finalized(2, round(2, 8));
    await engine.commit();
    expect(server.disk.rounds.length).toBe(2);
    expect(server.violations).toEqual([]);
  });

  it('keeps the hash over blocks without a round, and their height now and then', async () => {
    const hash = await finalized(1, round(1, 7));
    await engine.commit();
    for (let height = 2; height <= 101; height++) {
      expect(await finalized(height)).toEqual(hash);
      await engine.commit();
      expect(keptHeight()).toBe(height <= 100 ? 1 : 101);
    }
    expect(await told()).toEqual({ height: 101, hash });
  });

  it.each([
    ['a height too far', [1, 3], undefined],
    ['a height again with another block', [1, 1], 9],
    ['the next before Commit', [1, 2], undefined],
  ])('refuses %s', async (what, [first, second], hash) => {
    await finalized(first!, round(1, 7));
    if (what !== 'the next before Commit') await engine.commit();
    expect(await engine.finalizeBlock(block(second!, [round(2, 8)], hash))).toMatchObject({
      ok: false,
      error: { code: 'abci-order' },
    });
  });

  it('votes by what the server says, and against what is no single canonical round', async () => {
    const status = async (...txs: Uint8Array[]) => {
      const answer = await engine.processProposal(proposal(...txs));
      return answer.ok && answer.value.status === Status.ACCEPT;
    };
    expect(await status()).toBe(true);
    expect(await status(round(1, 7))).toBe(true);
    expect(await status(round(1, 1_000_001))).toBe(false);
    expect(await status(round(2, 7))).toBe(false);
    expect(await status(round(1, 7), round(1, 8))).toBe(false);
    expect(await status(round(1, 7).subarray(1))).toBe(false);
    expect(await status(new Uint8Array(0))).toBe(false);
    expect(faults).toEqual(['test-bad', 'test-bad', 'abci-block-form', 'malformed', 'malformed']);
  });

  it('proposes at once what is there, holds on for what comes, and gives up after a while', async () => {
    wishes.push(5);
    const first = await engine.prepareProposal(prepare());
    expect(first.ok && first.value.txs).toEqual([round(1, 5)]);
    await finalized(1, round(1, 5));
    await engine.commit();
    const held = engine.prepareProposal(prepare());
    wishes.push(6);
    engine.poke();
    const second = await held;
    expect(second.ok && second.value.txs).toEqual([round(2, 6)]);
    await finalized(2, round(2, 6));
    await engine.commit();
    expect(await engine.prepareProposal(prepare())).toEqual({ ok: true, value: { txs: [] } });
    engine.poke();
    // Asked once more while it holds on: CometBFT has gone on to another round.
    const older = engine.prepareProposal(prepare());
    const newer = engine.prepareProposal(prepare());
    expect(await older).toEqual({ ok: true, value: { txs: [] } });
    wishes.push(9);
    engine.poke();
    expect((await newer).ok && wishes.length).toBe(3);
  });

  // On its way back a server has its turn at old heights too; while it holds on, CometBFT takes no block of the others.
  it.each([
    ['holds on at the edge of what is new', 1_000, true],
    ['does not hold on at a height that the others are past', 1_001, false],
  ])('%s', async (_, ageMs, holds) => {
    nowMs = TIME_MS + ageMs;
    let answered = false;
    const answer = engine.prepareProposal(prepare()).then((value) => {
      answered = true;
      return value;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(!holds);
    engine.stop();
    expect(await answer).toEqual({ ok: true, value: { txs: [] } });
  });

  it('proposes no round that is above the limit of a block', async () => {
    wishes.push(5);
    const size = round(1, 5).length;
    const held = engine.prepareProposal(prepare(size - 1));
    expect(await held).toEqual({ ok: true, value: { txs: [] } });
    expect(faults).toEqual(['round-too-large']);
    expect((await engine.prepareProposal(prepare(size))).ok).toBe(true);
  });

  it('proposes acts that CometBFT proved, at once and alone if need be; votes against a block that lacks them', async () => {
    const misbehavior = [
      Misbehavior.fromPartial({
        type: MisbehaviorType.DUPLICATE_VOTE,
        validator: { address: addressOf(2), power: 3n },
        height: 4n,
        time: TIME,
      }),
    ];
    const misbehaviours = [{ server: 2, kind: 0, height: 4, timeMs: TIME_MS }];
    const proposed = async (maxTxBytes = 1_000_000) => {
      const answer = await engine.prepareProposal({ ...prepare(maxTxBytes), misbehavior });
      if (!answer.ok) throw new Error(answer.error.code);
      return answer.value.txs;
    };
    const good = async (...txs: Uint8Array[]) => {
      const answer = await engine.processProposal({ ...proposal(...txs), misbehavior });
      return answer.ok && answer.value.status === Status.ACCEPT;
    };
    const [alone] = await proposed();
    expect(RoundInputType.deserialize(alone!)).toMatchObject({ misbehaviours });
    expect(await good(alone!)).toBe(true);
    expect(await good()).toBe(false);
    expect(await good(round(1, 7))).toBe(false);
    expect(faults).toEqual(['test-bad', 'test-bad']);
    wishes.push(5);
    const [both] = await proposed();
    expect(RoundInputType.deserialize(both!)).toMatchObject({
      misbehaviours,
      seedProof: Uint8Array.of(5, 0, 0, 0),
    });
    // What does not fit goes without its blocks.
    expect(await proposed(both!.length - 1)).toHaveLength(1);
    expect(faults.at(-1)).toBe('round-too-large');
  });

  it('runs with the releases it knows, on its own chain', async () => {
    expect(await info('0.38.18')).toMatchObject({ ok: false, error: { code: 'cometbft-version' } });
    expect(await info('1.0.1')).toMatchObject({ ok: false, error: { code: 'cometbft-version' } });
    const init = (chainId: string) => engine.initChain(RequestInitChain.fromPartial({ chainId }));
    expect(await init('iotw-other')).toMatchObject({ ok: false, error: { code: 'cometbft-chain' } });
    expect(await init('iotw-test')).toMatchObject({ ok: true, value: { appHash: server.durable.hash } });
  });

  it('takes no transaction and no snapshot', async () => {
    expect(await engine.checkTx()).toMatchObject({ ok: true, value: { code: 1 } });
    expect(await engine.listSnapshots()).toEqual({ ok: true, value: { snapshots: [] } });
  });

  it('says what its server says with its vote, and hands it what the others say', async () => {
    server.says = Uint8Array.of(5);
    expect(await engine.extendVote()).toEqual({ ok: true, value: { voteExtension: Uint8Array.of(5) } });
    const verify = async (voteExtension: Uint8Array, server = 2) => {
      const validatorAddress = addressOf(server);
      const request = RequestVerifyVoteExtension.fromPartial({ voteExtension, validatorAddress });
      const answer = await engine.verifyVoteExtension(request);
      return answer.ok && answer.value.status === VoteStatus.ACCEPT;
    };
    expect(await verify(new Uint8Array(0), 9)).toBe(true);
    expect(server.heardOf.size).toBe(0);
    expect(await verify(utf8('x'))).toBe(true);
    expect(server.heardOf).toEqual(new Map([[2, '78']]));
    // One that has left: its vote counts for two more heights.
    expect(await verify(utf8('x'), 9)).toBe(true);
    expect(server.heardOf.size).toBe(1);
    expect(await verify(new Uint8Array(1_025))).toBe(false);
    expect(await verify(new Uint8Array(1_025), 9)).toBe(false);
    server.heard = () => false;
    expect(await verify(utf8('x'))).toBe(false);
  });

  it('tells CometBFT who votes: all at the beginning, then what a round has changed', async () => {
    server.electorate = (rounds) =>
      rounds === 0 ? voters(3, 1, 2) : rounds === 1 ? voters(2, 3, 4) : voters(3);
    const init = await engine.initChain(RequestInitChain.fromPartial({ chainId: 'iotw-test' }));
    expect(init.ok && shown(init.value.validators)).toEqual(['1:3', '2:3', '3:3']);
    const changed = async (height: number, ...txs: Uint8Array[]): Promise<string[]> => {
      const answer = await engine.finalizeBlock(block(height, txs));
      if (!answer.ok) throw new Error(answer.error.code);
      return shown(answer.value.validatorUpdates);
    };
    expect(await changed(1, round(1, 7))).toEqual(['1:0', '4:3']);
    // Asked once more, by a CometBFT that was restarted: the same.
    expect(await changed(1, round(1, 7))).toEqual(['1:0', '4:3']);
    await engine.commit();
    expect(await changed(2)).toEqual([]);
    await engine.commit();
    // A process that ended before Commit gives the same answer again.
    expect(await changed(3, round(2, 8))).toEqual(['2:0', '4:0']);
    server.end();
    begin(2);
    expect(await changed(3, round(2, 8))).toEqual(['2:0', '4:0']);
    await engine.commit();
    expect(await changed(4, round(3, 9))).toEqual([]);
  });

  it('tells its last durable round', async () => {
    const ask = (path: string) => engine.query(RequestQuery.fromPartial({ path }));
    expect(await ask('/round')).toMatchObject({ ok: true, value: { code: 0, key: utf8('0') } });
    expect(await ask('/other')).toMatchObject({ ok: true, value: { code: 1 } });
    const hash = await finalized(1, round(1, 7));
    await engine.commit();
    expect(await ask('/round')).toMatchObject({
      ok: true,
      value: { key: utf8('1'), value: hash, height: 1n },
    });
  });

  it('does nothing more after stop', async () => {
    wishes.push(5);
    const held = engine.prepareProposal(prepare(1));
    engine.stop();
    expect(await held).toEqual({ ok: true, value: { txs: [] } });
    expect(await engine.prepareProposal(prepare())).toEqual({ ok: true, value: { txs: [] } });
    expect(await engine.finalizeBlock(block(1, [round(1, 5)]))).toMatchObject({
      ok: false,
      error: { code: 'node-stopping' },
    });
    expect(await engine.commit()).toMatchObject({ ok: false, error: { code: 'node-stopping' } });
    expect(server.violations).toEqual([]);
  });
});
