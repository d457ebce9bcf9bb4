import { equalBytes } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import { TestNetwork } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { decodeAssignment } from '@iotw/protocol/assignment';
import type { SignedTransaction } from '@iotw/protocol/transaction';
import { describe, expect, it } from 'vitest';
import { BODY_TABLE } from '../body-record.js';
import { newSubmission } from '../intake/submission.js';
import { viewOf } from '../ledger-server/chain-state.js';
import { ledgerPeer, type PeerMessage, type ProposedBlock, trustPeer } from '../messages.js';
import type { TrustNodeEffect } from './context.js';
import type { TrustNodeEvent } from './options.js';
import { BLOCK_TABLE, readBlockRecord, readVoteRecord, VOTE_TABLE } from './records.js';
import { firstTrustNode } from './test-trust-node.js';
import type { TrustNode } from './trust-node.js';

const t = new TestNetwork();
const pay = () => t.transaction('alice', [transferOp(t.account('bob'), 1)]);

/** Trust node 0 with its disk; the world outside is the list of its effects. */
class Machine {
  readonly disk: Write[] = [];
  node: TrustNode;
  nowMs = 0;

  constructor(disk: readonly Write[] = [], keptByRounds = false) {
    this.disk.push(...disk);
    const kept = <R>(table: string, read: (write: Write & { value: Uint8Array }) => R | undefined) =>
      this.disk.flatMap((write) => {
        if (write.table !== table || write.value === undefined) return [];
        return [read({ ...write, value: write.value })!];
      });
    const get = (table: string, key: Uint8Array) =>
      this.disk.findLast((write) => write.table === table && equalBytes(write.key, key))?.value;
    const { node } = firstTrustNode(t, {
      blocks: kept(BLOCK_TABLE, ({ value }) => readBlockRecord({ get }, value)),
      votes: kept(VOTE_TABLE, ({ key, value }) => readVoteRecord(key, value)),
      keptByRounds,
    });
    this.node = node;
  }

  step(event: TrustNodeEvent): TrustNodeEffect[] {
    const effects: TrustNodeEffect[] = [];
    this.node.step(event, this.nowMs, effects);
    return effects;
  }

  tick(afterMs: number): TrustNodeEffect[] {
    this.nowMs += afterMs;
    return this.step({ kind: 'tick', verifying: false });
  }

  offer(tx: SignedTransaction): TrustNodeEffect[] {
    const submission = newSubmission(
      { bytes: tx.envelope, offsets: Uint32Array.of(0, tx.envelope.length) },
      undefined,
    );
    submission.ids = tx.id;
    this.node.queue.offer(submission, 0);
    return this.step({ kind: 'offered', verifying: false });
  }

  /** What was asked to be durable becomes so. */
  persist(effects: readonly TrustNodeEffect[]): TrustNodeEffect[] {
    return effects.flatMap((effect) => {
      if (effect.kind !== 'persist') return [];
      this.disk.push(...effect.writes);
      return this.step({ kind: 'persisted', token: effect.token });
    });
  }
}

const kinds = (effects: readonly TrustNodeEffect[]) => new Set(effects.map((effect) => effect.kind));
const sent = <K extends PeerMessage['kind']>(effects: readonly TrustNodeEffect[], kind: K) =>
  effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === kind
      ? [{ to: effect.to, message: effect.message as Extract<PeerMessage, { kind: K }> }]
      : [],
  );
const proposals = (effects: readonly TrustNodeEffect[]): ProposedBlock[] =>
  sent(effects, 'propose').map(({ message }) => message.block);

describe('a block', () => {
  it('is seen by nobody before header, body and own vote are durable', () => {
    const machine = new Machine();
    machine.tick(0);
    const formed = machine.offer(pay());
    expect(kinds(formed)).toEqual(new Set(['block-left', 'persist']));
    expect(machine.tick(10_000)).toEqual([]);
    const shown = machine.persist(formed);
    expect(proposals(shown)).toHaveLength(2);
    expect(sent(shown, 'assign').length).toBeGreaterThan(0);
    expect(machine.disk.map(({ table }) => table)).toEqual([BODY_TABLE, BLOCK_TABLE, VOTE_TABLE]);
  });

  it('that was shown goes out with the same header after a crash, whatever else is waiting', () => {
    const before = new Machine();
    const [first] = proposals(before.persist(before.offer(pay())));
    const after = new Machine(before.disk);
    after.offer(pay());
    const [next] = proposals(after.persist(after.tick(50)));
    expect(next?.header).toMatchObject({ height: 2, previous: first!.hash });
    const again = proposals(after.tick(10_000)).filter(({ header }) => header.height === 1);
    expect(again.length).toBeGreaterThan(0);
    for (const block of again) expect(block.hash).toEqual(first!.hash);
  });

  it('is never replaced where only the vote for it was kept: the lane asks for a reset instead', () => {
    const before = new Machine();
    before.persist(before.offer(pay()));
    const after = new Machine(before.disk.filter(({ table }) => table === VOTE_TABLE));
    const effects = [...after.offer(pay()), ...Array.from({ length: 8 }, () => after.tick(500)).flat()];
    expect(proposals(effects)).toEqual([]);
    expect(kinds(effects).has('persist')).toBe(false);
    expect(sent(effects, 'reset')[0]?.message.reset).toMatchObject({ lane: 0, incarnation: 0 });
  });
});

describe('the body of a block that left the lane', () => {
  const bodyErased = (effects: readonly TrustNodeEffect[]): boolean =>
    effects.some(
      (effect) =>
        effect.kind === 'persist' &&
        effect.writes.some(({ table, value }) => table === BODY_TABLE && value === undefined),
    );
  const view = viewOf(t.ledger);
  /** The lane's block of height 1 comes onto the ledger, or a reset voids it. */
  const left = (machine: Machine, cursor: { readonly incarnation: number; readonly height: number }) => {
    machine.persist(machine.offer(pay()));
    const lanes = view.lanes.map((lane) => (lane.lane === 0 ? { ...lane, ...cursor } : lane));
    const message = { kind: 'view', view: { ...view, round: 1, lanes } } as const;
    return machine.step({ kind: 'peer', from: ledgerPeer(0), message });
  };
  it.each([
    ['stays on the ledger’s own disk', true, { incarnation: 0, height: 1 }, false],
    ['leaves it where a reset voided the block', true, { incarnation: 1, height: 0 }, true],
    ['leaves any other disk', false, { incarnation: 0, height: 1 }, true],
    ['leaves any other disk after a reset', false, { incarnation: 1, height: 0 }, true],
  ])('%s', (_what, keptByRounds, cursor, erased) => {
    expect(bodyErased(left(new Machine([], keptByRounds), cursor))).toBe(erased);
  });

  it('that was taken up again after a crash stays: a round may hold it', () => {
    const before = new Machine([], true);
    before.persist(before.offer(pay()));
    const after = new Machine(before.disk, true);
    const lanes = view.lanes.map((lane) => (lane.lane === 0 ? { ...lane, height: 1 } : lane));
    const message = { kind: 'view', view: { ...view, round: 1, lanes } } as const;
    expect(bodyErased(after.step({ kind: 'peer', from: ledgerPeer(0), message }))).toBe(false);
  });

  it('and is gone leaves no block to take up', () => {
    const before = new Machine();
    before.persist(before.offer(pay()));
    const kept = before.disk.filter(({ table }) => table !== BODY_TABLE);
    const get = () => undefined;
    const { value } = kept.find(({ table }) => table === BLOCK_TABLE)!;
    expect(readBlockRecord({ get }, value!)).toBeUndefined();
  });
});

describe('a reset', () => {
  it('puts the transactions of voided blocks into new ones, and asks the same devices', () => {
    const machine = new Machine();
    const tx = pay();
    const shown = machine.persist(machine.offer(tx));
    const view = viewOf(t.ledger);
    const lanes = view.lanes.map((lane) => (lane.lane === 0 ? { ...lane, incarnation: 1 } : lane));
    const reset = machine.step({
      kind: 'peer',
      from: ledgerPeer(0),
      message: { kind: 'view', view: { ...view, round: 1, lanes } },
    });
    const again = machine.persist(reset);
    const [block] = proposals(again);
    expect(block?.header).toMatchObject({ incarnation: 1, height: 1, count: 1 });
    expect(block?.ids).toEqual(tx.id);
    const ranks = (effects: readonly TrustNodeEffect[]) =>
      sent(effects, 'assign').map(({ to, message }) => [to, message.slot.rank, message.slot.device]);
    expect(ranks(again)).toEqual(ranks(shown));
  });
});

describe('devices', () => {
  it('are asked in order of rank, none of them hosted by the lane itself', () => {
    const machine = new Machine();
    const asked = sent(machine.persist(machine.offer(pay())), 'assign');
    expect(asked.map(({ message }) => message.slot.rank)).toEqual([0, 1, 2, 3]);
    for (const { to, message } of asked) {
      expect(to).not.toBe(trustPeer(0));
      expect(decodeAssignment(message.assignment).ok).toBe(true);
    }
  });

  it('that are silent are hedged by the next ranks, and asked again', () => {
    const machine = new Machine();
    machine.persist(machine.offer(pay()));
    const hedged = sent(machine.tick(1_000), 'assign').map(({ message }) => message.slot.rank);
    expect(hedged).toContain(4);
    expect(hedged).toContain(0);
  });
});

describe('an epoch', () => {
  it('is confirmed once: the one that runs at the start, and one that a view tells of', () => {
    const machine = new Machine();
    const { seed, root: poolRoot } = t.ledger.snapshotOf(0)!;
    const confirmed = sent(machine.tick(0), 'epoch-vote');
    expect(confirmed.map(({ to }) => to)).toEqual(t.genesis.ledgerServers.map((_, i) => ledgerPeer(i)));
    expect(confirmed[0]!.message.vote).toMatchObject({ epoch: 0, seed, poolRoot, witness: 0 });
    expect(sent(machine.tick(1), 'epoch-vote')).toEqual([]);
    const later = new TestNetwork();
    later.endEpoch();
    const view = viewOf(later.ledger);
    const told = machine.step({ kind: 'peer', from: ledgerPeer(0), message: { kind: 'view', view } });
    expect(sent(told, 'epoch-vote')[0]!.message.vote.epoch).toBe(1);
  });
});

describe('messages', () => {
  it('count only from whom they may come', () => {
    const machine = new Machine();
    machine.tick(0);
    const made = new Machine();
    const [proposal] = proposals(made.persist(made.offer(pay())));
    const step = (from: string, message: PeerMessage) => machine.step({ kind: 'peer', from, message });
    // A lane's block comes from its own trust node, views and notices from a ledger server.
    expect(step(trustPeer(2), { kind: 'propose', block: proposal! })).toEqual([]);
    const view = { ...viewOf(t.ledger), round: 50 };
    step(trustPeer(2), { kind: 'view', view });
    expect(machine.node.round).toBe(0);
    step(ledgerPeer(0), { kind: 'view', view });
    expect(machine.node.round).toBe(50);
  });
});
