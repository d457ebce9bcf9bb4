import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import type { SubmitOutcome } from '@iotw/api/backend';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import type { TransactionVerifier, VerifyRun } from '@iotw/kernel/ports/verifier';
import type { Result } from '@iotw/kernel/result';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import type { PeerMessage } from '@iotw/nodes/messages';
import { bodyCount } from '@iotw/protocol/body';
import { RESULT_CODES } from '@iotw/protocol/result';
import { signTransaction } from '@iotw/protocol/transaction';
import { describe, expect, test } from 'vitest';
import { MessageRouter } from './message-router.js';
import { RemoteEntrance } from './remote-entrance.js';
import type { Shell } from './shell.js';
import { VerifyQueue } from './verify-queue.js';

const network = new Uint8Array(32).fill(3);
const keys = keyPairFromSeed(new Uint8Array(32).fill(4));
const EXPIRY = 1_000_000;

function envelope(sequence: number) {
  return signTransaction(
    network,
    {
      sender: keys.publicKey,
      sequence,
      expiryMs: EXPIRY,
      operations: [{ type: 'transfer', to: 1, amount: 5 }],
      memo: new Uint8Array(0),
    },
    keys,
  );
}

function runOf(...envelopes: Uint8Array[]): VerifyRun {
  const offsets = new Uint32Array(envelopes.length + 1);
  envelopes.forEach((one, i) => {
    offsets[i + 1] = offsets[i]! + one.length;
  });
  return { bytes: new Uint8Array(Buffer.concat(envelopes)), offsets };
}

/** An entrance with two trust nodes, a clock by hand, and a count of verified envelopes. */
function setUp() {
  const sent: [to: string, message: PeerMessage][] = [];
  const world = { nowMs: 0, verified: 0, targets: ['trust:0', 'trust:1'], spent: false };
  const router = new MessageRouter();
  router.connect((_, to, message) => sent.push([to, message]));
  const inline = inlineVerifier(network);
  const verifier: TransactionVerifier = {
    verify: (run) => {
      world.verified += run.offsets.length - 1;
      return inline.verify(run);
    },
    close: () => inline.close(),
  };
  const shell = {
    network,
    router,
    verifier: new VerifyQueue(verifier),
    failpoints: undefined,
    stopping: false,
    halted: false,
    nowMs: () => world.nowMs,
    settle: () => router.deliverAll(),
    halt: (fault: unknown) => {
      throw new Error(String(fault));
    },
  } as unknown as Shell;
  const entrance = new RemoteEntrance(shell, {
    self: 'ledger:0',
    trustNodes: () => world.targets,
    screen: { check: () => 0, promise: () => 0 },
    spent: () => world.spent,
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const deliver = () => router.deliverAll();
  return { sent, world, entrance, settled, deliver };
}

function round(...results: [id: Uint8Array, code: number][]): RoundOutcome {
  return {
    ids: new Uint8Array(Buffer.concat(results.map(([id]) => id))),
    codes: Uint16Array.from(results.map(([, code]) => code)),
  } as RoundOutcome;
}

const codes = (outcome: Result<SubmitOutcome>): number[] => (outcome.ok ? [...outcome.value.codes] : []);

describe('the entrance of a process without trust nodes', () => {
  test('hands out by turns and answers with what the rounds decide', async () => {
    const { sent, world, entrance, settled } = setUp();
    const [a, b] = [envelope(1), envelope(2)];
    const first = entrance.submit(runOf(a.envelope), 'final');
    await settled();
    world.nowMs = 250;
    const second = entrance.submit(runOf(b.envelope), 'final');
    await settled();
    expect(sent.map(([to]) => to)).toEqual(['trust:0', 'trust:1']);
    entrance.onRound(round([b.id, RESULT_CODES['balance-too-low']], [a.id, 0]), 0);
    expect([codes(await first), codes(await second)]).toEqual([[0], [RESULT_CODES['balance-too-low']]]);
    expect(entrance.busy).toBe(false);
  });

  test('few transactions go to one trust node together, a block of them to each in turn', async () => {
    const { sent, world, entrance, settled } = setUp();
    const give = async (first: number, count: number) => {
      const envelopes = Array.from({ length: count }, (_, i) => envelope(first + i).envelope);
      void entrance.submit(runOf(...envelopes), 'accepted');
      await settled();
      return sent.at(-1)![0];
    };
    expect([await give(1, 1), await give(2, 255), await give(300, 1)]).toEqual([
      'trust:0',
      'trust:0',
      'trust:1',
    ]);
    world.nowMs = 500;
    expect(await give(400, 1)).toBe('trust:0');
  });

  test('refuses the malformed, the forged and the repeated at once', async () => {
    const { sent, entrance, settled } = setUp();
    const { envelope: good } = envelope(1);
    const forged = envelope(2).envelope.slice();
    forged[20]! ^= 1;
    const outcome = entrance.submit(runOf(good, Uint8Array.of(1, 2, 3), forged, good), 'accepted');
    await settled();
    const [one, malformed, bad, again] = codes(await outcome);
    expect(one).toBe(0xffff);
    expect([malformed, bad, again]).toEqual([
      RESULT_CODES['transaction-malformed'],
      RESULT_CODES['signature-invalid'],
      RESULT_CODES['transaction-duplicate'],
    ]);
    const submitted = sent[0]![1];
    expect(submitted.kind === 'submit' && bodyCount(submitted.envelopes)).toBe(1);
    expect(codes(await entrance.submit(runOf(good), 'final'))).toEqual([
      RESULT_CODES['transaction-duplicate'],
    ]);
  });

  test('hands out again, to the next, what no round decided; answers when it never can', async () => {
    const { sent, world, entrance, settled, deliver } = setUp();
    const outcome = entrance.submit(runOf(envelope(1).envelope), 'final');
    await settled();
    world.nowMs = 2_999;
    entrance.tick(world.nowMs);
    deliver();
    expect(sent.length).toBe(1);
    world.nowMs = 4_000;
    entrance.tick(world.nowMs);
    deliver();
    expect(sent.map(([to]) => to)).toEqual(['trust:0', 'trust:1']);
    world.nowMs = 8_000;
    world.spent = true;
    entrance.tick(world.nowMs);
    expect(codes(await outcome)).toEqual([RESULT_CODES['sequence-used']]);
  });

  test('keeps what it could not hand out until a trust node is there', async () => {
    const { sent, world, entrance, settled, deliver } = setUp();
    world.targets = [];
    expect(codes(await entrance.submit(runOf(envelope(1).envelope), 'accepted'))).toEqual([0xffff]);
    await settled();
    expect(sent).toEqual([]);
    world.targets = ['trust:3'];
    world.nowMs = 3_500;
    entrance.tick(world.nowMs);
    deliver();
    expect(sent.map(([to]) => to)).toEqual(['trust:3']);
  });

  test('a transaction that expired on its way is answered', async () => {
    const { entrance, settled } = setUp();
    const outcome = entrance.submit(runOf(envelope(1).envelope), 'final');
    await settled();
    entrance.onRound(round(), EXPIRY);
    expect(entrance.busy).toBe(true);
    entrance.onRound(round(), EXPIRY + 1);
    expect(codes(await outcome)).toEqual([RESULT_CODES['transaction-expired']]);
  });

  test('a forged copy in a round decides nothing about ours', async () => {
    const { entrance, settled } = setUp();
    const { id, envelope: good } = envelope(1);
    const outcome = entrance.submit(runOf(good), 'final');
    await settled();
    entrance.onRound(round([id, RESULT_CODES['signature-invalid']]), 0);
    expect(entrance.busy).toBe(true);
    entrance.onRound(round([id, 0]), 0);
    expect(codes(await outcome)).toEqual([0]);
  });

  test('verifies each signature once, and trusts nothing but the same bytes', async () => {
    const { world, entrance, settled } = setUp();
    const own = [1, 2, 3].map(envelope);
    void entrance.submit(runOf(...own.map((one) => one.envelope)), 'final');
    await settled();
    expect(world.verified).toBe(3);
    const known = await entrance.verifyBlock(runOf(...own.map((one) => one.envelope)));
    expect([world.verified, [...known.valid]]).toEqual([3, [1, 1, 1]]);
    expect(known.ids).toEqual(new Uint8Array(Buffer.concat(own.map(({ id }) => id))));
    // The same first half of a signature on another transaction; a stranger's; one of ours between them.
    const forged = own[0]!.envelope.slice();
    forged[forged.length - 1]! ^= 1;
    const mixed = await entrance.verifyBlock(runOf(forged, own[1]!.envelope, envelope(9).envelope));
    expect([world.verified, [...mixed.valid]]).toEqual([5, [0, 1, 1]]);
    expect(mixed.ids.subarray(64)).toEqual(envelope(9).id);
  });
});
