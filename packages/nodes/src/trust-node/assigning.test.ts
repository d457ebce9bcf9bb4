import { sign } from '@iotw/kernel/ed25519';
import { keys, TestNetwork } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { decodeAssignment, encodeAssignment } from '@iotw/protocol/assignment';
import { blockHash } from '@iotw/protocol/header';
import { ASSIGNER } from '@iotw/protocol/parameters';
import { expect, it } from 'vitest';
import { Assigner } from '../assigner/assigner.js';
import { ChainView } from '../chain-view.js';
import { HeldKeys } from '../held-keys.js';
import { newSubmission } from '../intake/submission.js';
import { viewOf } from '../ledger-server/chain-state.js';
import { type PeerMessage, trustPeer } from '../messages.js';
import type { TrustNodeEffect } from './context.js';
import { fitsSlot } from './fit-assignment.js';
import type { TrustNodeEvent } from './options.js';
import { firstTrustNode } from './test-trust-node.js';

type Of<K extends PeerMessage['kind']> = Extract<PeerMessage, { readonly kind: K }>;

/** Trust node 0 of a network whose ledger servers sign assignments. */
function machine() {
  const t = new TestNetwork({ parameters: { assigner: ASSIGNER['ledger-server'] } });
  const { node, checker } = firstTrustNode(t);
  let nowMs = 0;
  const step = (event: TrustNodeEvent): TrustNodeEffect[] => {
    const effects: TrustNodeEffect[] = [];
    node.step(event, nowMs, effects);
    return effects.flatMap((effect) =>
      effect.kind === 'persist' ? [effect, ...step({ kind: 'persisted', token: effect.token })] : [effect],
    );
  };
  const tick = (afterMs: number): TrustNodeEffect[] => {
    nowMs += afterMs;
    return step({ kind: 'tick', verifying: false });
  };
  return {
    t,
    checker,
    view: new ChainView(viewOf(t.ledger)),
    step,
    tick,
    /** A block of one transaction; behind others it leaves after its linger. */
    block: () => {
      const tx = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
      const run = { bytes: tx.envelope, offsets: Uint32Array.of(0, tx.envelope.length) };
      const submission = newSubmission(run, undefined);
      submission.ids = tx.id;
      node.queue.offer(submission, 0);
      return [...step({ kind: 'offered', verifying: false }), ...tick(50)];
    },
  };
}

const sent = <K extends PeerMessage['kind']>(effects: readonly TrustNodeEffect[], kind: K) =>
  effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === kind
      ? [{ to: effect.to, message: effect.message as Of<K> }]
      : [],
  );

/** What ledger server `index` says to a request. */
function answer(m: ReturnType<typeof machine>, index: number, request: Of<'assign-request'>) {
  const own = keys(`ledger${index}`);
  const assigner = new Assigner(m.t.ledger, m.checker, [
    { role: 'ledger-server', index, keys: new HeldKeys(own) },
  ]);
  return assigner.answer(trustPeer(0), request);
}

it('devices are asked once the assigner has signed, and are shown its statement', () => {
  const m = machine();
  const formed = m.block();
  expect(sent(formed, 'assign')).toEqual([]);
  const [{ to, message }] = sent(formed, 'assign-request') as [ReturnType<typeof sent<'assign-request'>>[0]];
  const server = Number(to.split(':')[1]);
  const statement = answer(m, server, message)!;
  const asked = sent(m.step({ kind: 'peer', from: to, message: statement }), 'assign');
  expect(asked.map(({ message: { slot } }) => slot.rank)).toEqual([0, 1, 2, 3]);
  for (const { message: question } of asked) {
    const read = decodeAssignment(question.assignment);
    expect(read.ok && read.value.assigned?.signature).toEqual(statement.assigned.signature);
  }
  // Said once more, it changes nothing.
  expect(sent(m.step({ kind: 'peer', from: to, message: statement }), 'assign')).toEqual([]);
});

it('an assigner that is silent delays a block by one hedge, the next by none', () => {
  const m = machine();
  const servers = m.t.ledger.ledgerServers.rows;
  for (let i = 0; i < servers; i++) {
    const formed = m.block();
    expect(sent(formed, 'assign')).toEqual([]);
    expect(sent(formed, 'assign-request')).toHaveLength(1);
    // A quarter of the answer timeout, as long as no answers were seen.
    expect(sent(m.tick(199), 'assign').filter(({ message }) => message.slot.height === i + 1)).toEqual([]);
    const asked = sent(m.tick(51), 'assign').filter(({ message }) => message.slot.height === i + 1);
    expect([...new Set(asked.map(({ message }) => message.slot.rank))]).toEqual([0, 1, 2, 3]);
    for (const { message } of asked) {
      const read = decodeAssignment(message.assignment);
      expect(read.ok && read.value.assigned).toBeUndefined();
    }
  }
  // All of them are known to be silent: the lane does not wait, and goes on asking.
  const formed = m.block();
  const heights = sent(formed, 'assign').map(({ message }) => message.slot.height);
  expect(heights.filter((height) => height === servers + 1)).toHaveLength(4);
  const [probe] = sent(formed, 'assign-request');
  const statement = answer(m, Number(probe!.to.split(':')[1]), probe!.message)!;
  m.step({ kind: 'peer', from: probe!.to, message: statement });
  const next = sent(m.block(), 'assign').filter(({ message }) => message.slot.height === servers + 2);
  expect(next).toEqual([]);
});

it('a forged statement lets nobody be asked', () => {
  const m = machine();
  const [request] = sent(m.block(), 'assign-request');
  const statement = answer(m, Number(request!.to.split(':')[1]), request!.message)!;
  const { assigned } = statement;
  for (const forged of [
    { ...statement, assigned: { ...assigned, signature: new Uint8Array(64) } },
    { ...statement, assigned: { ...assigned, attempt: 1 } },
    { ...statement, assigned: { ...assigned, index: assigned.index + 1 } },
    { ...statement, assigned: { ...assigned, role: ASSIGNER['api-server'] } },
    { ...statement, height: 2 },
  ])
    expect(sent(m.step({ kind: 'peer', from: request!.to, message: forged }), 'assign')).toEqual([]);
});

it('an assigner signs only what its lane signed, at a place that can be certified, in its turn', () => {
  const m = machine();
  const [{ message }] = sent(m.block(), 'assign-request') as [ReturnType<typeof sent<'assign-request'>>[0]];
  const own = keys('ledger0');
  const by = (role: 'ledger-server' | 'api-server') =>
    new Assigner(m.t.ledger, m.checker, [{ role, index: 0, keys: new HeldKeys(own) }]);
  expect(by('ledger-server').answer(trustPeer(0), message)).toBeDefined();
  expect(by('ledger-server').answer(trustPeer(1), message)).toBeUndefined();
  expect(by('api-server').answer(trustPeer(0), message)).toBeUndefined();
  /** The lane signs whatever it likes. */
  const asked = (change: Partial<typeof message.header>) => {
    const header = { ...message.header, ...change };
    const signature = sign(blockHash(m.t.network, header), keys('trust0').secretKey);
    return by('ledger-server').answer(trustPeer(0), { ...message, header, signature });
  };
  expect(asked({ height: 2, refRound: m.t.ledger.round + 64 })).toBeDefined();
  expect(asked({ refRound: m.t.ledger.round + 65 })).toBeUndefined();
  expect(asked({ epoch: 7 })).toBeUndefined();
  expect(asked({ incarnation: 1 })).toBeUndefined();
  expect(asked({ height: 0 })).toBeUndefined();
  expect(asked({ lane: 9 })).toBeUndefined();
  for (const wrong of [
    { ...message, signature: new Uint8Array(64) },
    { ...message, attempt: 9 },
    { ...message, header: { ...message.header, height: 2 } },
  ])
    expect(by('ledger-server').answer(trustPeer(0), wrong)).toBeUndefined();
  // A key that is not the frozen one: what nobody would take is not sent.
  const rotated = [{ role: 'ledger-server', index: 0, keys: new HeldKeys(keys('other')) }] as const;
  expect(new Assigner(m.t.ledger, m.checker, rotated).answer(trustPeer(0), message)).toBeUndefined();
});

it('nobody signs a miss for an assignment with a forged statement', () => {
  const m = machine();
  const [request] = sent(m.block(), 'assign-request');
  const statement = answer(m, Number(request!.to.split(':')[1]), request!.message)!;
  const [question] = sent(m.step({ kind: 'peer', from: request!.to, message: statement }), 'assign');
  const { slot, key, assignment } = question!.message;
  const host = Number(question!.to.split(':')[1]);
  const context = { network: m.t.network, view: m.view, checker: m.checker };
  expect(fitsSlot(context, slot, host, key, assignment)).toBe(true);
  const read = decodeAssignment(assignment);
  if (!read.ok || read.value.assigned === undefined) throw new Error('no statement');
  const { assigned, ...plain } = read.value;
  expect(fitsSlot(context, slot, host, key, encodeAssignment(plain))).toBe(true);
  for (const forged of [
    { ...assigned, signature: new Uint8Array(64) },
    { ...assigned, index: assigned.index + 1 },
    { ...assigned, role: ASSIGNER['api-server'] },
  ]) {
    const bytes = encodeAssignment({ ...plain, assigned: forged });
    expect(fitsSlot(context, slot, host, key, bytes)).toBe(false);
  }
});
