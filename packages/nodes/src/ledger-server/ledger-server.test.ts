import { sign, verify } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import type { Result } from '@iotw/kernel/result';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { keys, signAs, TestNetwork } from '@iotw/ledger/test-network';
import { rotateOp, transferOp } from '@iotw/ledger/test-operations';
import { encodeBody } from '@iotw/protocol/body';
import { CERTIFICATE_MODE, type CertifiedBlock, voteDigest } from '@iotw/protocol/certificate';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import { NODE_ROLE } from '@iotw/protocol/operations';
import { epochVoteDigest, laneResetDigest, type RoundInput } from '@iotw/protocol/round';
import { describe, expect, it } from 'vitest';
import { HeldKeys } from '../held-keys.js';
import { type PeerMessage, trustPeer } from '../messages.js';
import { idsOfBody } from '../trust-node/transaction-ids.js';
import { LedgerServer, type LedgerServerEffect, type LedgerServerEvent } from './ledger-server.js';

type EffectKind = LedgerServerEffect['kind'];

/** Ledger server 0 of a network without devices: three votes make a certificate. */
class Server {
  readonly net = new TestNetwork({ genesis: { devices: [] }, parameters: { stallRounds: 3 } });
  readonly held = new HeldKeys(keys('ledger0'));
  readonly machine = new LedgerServer({
    index: 0,
    keys: this.held,
    vrfKeys: keys('unused'),
    ledger: this.net.ledger,
    checker: new SignatureChecker(256),
  });
  nowMs = this.net.ledger.timeMs;
  /** Effects that nothing has answered yet. */
  readonly effects: LedgerServerEffect[] = [];

  step(event: LedgerServerEvent): void {
    this.machine.step(event, this.nowMs, this.effects);
  }

  take<K extends EffectKind>(kind: K): Extract<LedgerServerEffect, { kind: K }>[] {
    const taken = this.effects.filter((effect) => effect.kind === kind);
    for (const effect of taken) this.effects.splice(this.effects.indexOf(effect), 1);
    return taken as Extract<LedgerServerEffect, { kind: K }>[];
  }

  /** Verifies what is asked for; gives how many runs that were. */
  verify(): number {
    const runs = this.take('verify');
    for (const { token, run } of runs) {
      const ids = idsOfBody(this.net.network, run);
      this.step({ kind: 'verified', token, ids, valid: new Uint8Array(ids.length / 32).fill(1) });
    }
    return runs.length;
  }

  persist(): void {
    for (const { token } of this.take('persist')) this.step({ kind: 'persisted', token });
  }

  certified(block: CertifiedBlock): void {
    this.peer({ kind: 'certified', block });
    this.verify();
  }

  peer(message: PeerMessage, from = trustPeer(0)): void {
    this.step({ kind: 'peer', from, message });
  }

  decide(input: RoundInput | undefined): void {
    expect(input).toBeDefined();
    this.step({ kind: 'decided', input: input! });
    this.verify();
  }

  /** What the server says of a proposal; undefined: nothing yet. */
  judge(input: RoundInput): boolean | undefined {
    return this.verdict(input)?.ok;
  }

  verdict(input: RoundInput): Result<void> | undefined {
    this.step({ kind: 'judge', token: 1, input });
    for (let runs = 0; this.verify() > 0; runs++) expect(runs).toBeLessThan(5);
    return this.take('verdict')[0]?.result;
  }

  sent<K extends PeerMessage['kind']>(kind: K): Extract<PeerMessage, { kind: K }>[] {
    const sent = this.take('send').flatMap(({ to, message }) => (to === trustPeer(0) ? [message] : []));
    return sent.filter((message) => message.kind === kind) as Extract<PeerMessage, { kind: K }>[];
  }

  transfer() {
    return this.net.transaction('alice', [transferOp(this.net.account('bob'), 1)]);
  }

  /** A certified block of lane 0 with one transaction, after `fields`. */
  block(fields: Partial<BlockHeader> = {}, transaction = this.transfer()): CertifiedBlock {
    const { net } = this;
    const body = encodeBody([transaction.envelope]);
    const cursor = net.ledger.lanes.read(0)!;
    const header: BlockHeader = {
      lane: 0,
      incarnation: 0,
      height: cursor.height + 1,
      previous: cursor.hash,
      root: merkleRoot(idsOfBody(net.network, body), 1, 1024),
      count: 1,
      timeMs: this.nowMs,
      epoch: 0,
      refRound: net.ledger.round,
      ...fields,
    };
    const hash = blockHash(net.network, header);
    const { lane, incarnation, height } = header;
    const votes = [0, 1, 2].map((witness) => {
      const content = { lane, incarnation, height, hash, witness };
      return {
        ...content,
        signature: sign(voteDigest(net.network, content), keys(`trust${witness}`).secretKey),
      };
    });
    const certificate = {
      attempt: 0,
      mode: CERTIFICATE_MODE.noDevices,
      attestations: [],
      misses: [],
      thresholdMisses: [],
      votes,
      incoherent: [],
      assigned: [],
    };
    return { header, signature: sign(hash, keys('trust0').secretKey), certificate, body: body.bytes };
  }

  input(blocks: CertifiedBlock[]): RoundInput {
    const number = this.net.ledger.round + 1;
    return {
      number,
      timeMs: this.nowMs,
      seedProof: new Uint8Array(0),
      resets: [],
      epochVotes: [],
      beacon: [],
      misbehaviours: [],
      blocks,
    };
  }
}

describe('a ledger server', () => {
  it('orders a certified block, applies the round and tells it when it is durable', () => {
    const server = new Server();
    server.certified(server.block());
    server.decide(server.machine.buildRound(server.nowMs));
    expect(server.take('applied')).toHaveLength(0);
    expect(server.sent('notice')).toHaveLength(0);
    server.persist();
    expect(server.take('applied')).toHaveLength(1);
    expect(server.sent('notice').map(({ notice }) => [...notice.blocks[0]!.codes])).toEqual([[0]]);
    expect(server.net.balance('bob')).toBe(1_000_001);
  });

  const rotations: [name: string, present: string, next: string | undefined, signers: readonly string[]][] = [
    [
      'with the next keys at hand: from its very round on',
      'ledger0',
      'second',
      ['ledger0', 'second', 'second'],
    ],
    ['with the new keys in place of the old', 'second', undefined, ['second', 'second', 'second']],
    ['with other next keys: the old ones go on', 'ledger0', 'third', ['ledger0', 'ledger0', 'ledger0']],
    ['without next keys', 'ledger0', undefined, ['ledger0', 'ledger0', 'ledger0']],
  ];
  it.each(rotations)('signs rounds around the rotation of its keys, %s', (_, present, next, signers) => {
    const server = new Server();
    server.held.replace(keys(present), next === undefined ? undefined : keys(next));
    const { net } = server;
    const rotation = rotateOp(net, 'operator0', 'second', { role: NODE_ROLE.ledger });
    const transactions = [
      () => server.transfer(),
      () => net.transaction('operator0', [rotation]),
      () => server.transfer(),
    ];
    const signed = transactions.map((transaction) => {
      server.decide(server.input([server.block({}, transaction())]));
      server.persist();
      const [{ record, outcome }] = server.take('applied') as [ReturnType<typeof server.take<'applied'>>[0]];
      const [{ signature }] = record.signatures as [(typeof record.signatures)[0]];
      return ['ledger0', 'second', 'third'].find((name) =>
        verify(signature, outcome.hash, keys(name).publicKey),
      );
    });
    expect(net.ledger.ledgerServers.key(0)).toEqual(keys('second').publicKey);
    expect(signed).toEqual(signers);
  });

  it('refuses a proposal with a body that can not be read, and goes on', () => {
    const server = new Server();
    const good = server.block();
    expect(server.judge(server.input([{ ...good, body: Uint8Array.of(1, 2, 3) }]))).toBe(false);
    expect(server.judge(server.input([good]))).toBe(true);
  });

  it('refuses a proposal with a body that is not the header’s, and verifies it once only', () => {
    const server = new Server();
    const good = server.block();
    expect(server.judge(server.input([{ ...good, body: server.block().body }]))).toBe(false);
    server.decide(server.input([good]));
    expect(server.net.ledger.round).toBe(1);
  });

  it('refuses another body for a header whose own body it has verified', () => {
    const server = new Server();
    const good = server.block();
    server.certified(good);
    expect(server.judge(server.input([{ ...good, body: server.block().body }]))).toBe(false);
    expect(server.judge(server.input([{ ...good }]))).toBe(true);
  });

  it('refuses a forged certificate', () => {
    const server = new Server();
    const good = server.block();
    const votes = good.certificate.votes.slice(0, 2);
    server.certified({ ...good, certificate: { ...good.certificate, votes } });
    expect(server.machine.buildRound(server.nowMs)).toBeUndefined();
    expect(server.machine.refused).toBe(1);
  });

  it.each<[string, string, (good: CertifiedBlock) => Partial<CertifiedBlock['certificate']>]>([
    ['too few votes', 'certificate-votes', ({ certificate: { votes } }) => ({ votes: votes.slice(1) })],
    [
      'one vote twice',
      'certificate-duplicate',
      ({ certificate: { votes } }) => ({ votes: [votes[0]!, ...votes.slice(0, -1)] }),
    ],
    [
      'a forged vote',
      'certificate-vote-signature',
      ({ certificate: { votes } }) => ({
        votes: [{ ...votes[0]!, signature: new Uint8Array(64) }, ...votes.slice(1)],
      }),
    ],
  ])('votes against a proposal whose certificate has %s: %s', (_, code, change) => {
    const server = new Server();
    const good = server.block();
    const bad = { ...good, certificate: { ...good.certificate, ...change(good) } };
    expect(server.verdict(server.input([bad]))).toMatchObject({ ok: false, error: { code } });
    expect(server.judge(server.input([good]))).toBe(true);
  });

  it('judges a reset when it comes: a bad one displaces no good one', () => {
    const server = new Server();
    const content = { lane: 1, incarnation: 0, reason: 0 };
    const good = { ...content, signature: signAs('trust1', laneResetDigest(server.net.network, content)) };
    const forged = { ...content, signature: signAs('trust2', laneResetDigest(server.net.network, content)) };
    const stalled = { ...content, reason: 1, signature: new Uint8Array(64) };
    for (const reset of [good, forged, stalled, { ...good, lane: 9 }]) {
      server.peer({ kind: 'reset', reset }, trustPeer(reset.lane));
    }
    expect(server.machine.refused).toBe(3);
    const input = server.machine.buildRound(server.nowMs);
    expect(input?.resets).toEqual([good]);
    server.decide(input);
    server.peer({ kind: 'reset', reset: good }, trustPeer(1));
    expect(server.machine.refused).toBe(4);
    expect(server.net.ledger.lanes.read(1)?.incarnation).toBe(1);
  });

  it('judges an epoch vote when it comes', () => {
    const server = new Server();
    const { seed, root: poolRoot } = server.net.ledger.snapshotOf(0)!;
    const vote = (witness: number, signer: string, fields = {}) => {
      const content = { epoch: 0, poolRoot, seed, witness, ...fields };
      return { ...content, signature: signAs(signer, epochVoteDigest(server.net.network, content)) };
    };
    const votes = [
      vote(0, 'trust0'),
      vote(0, 'trust1'),
      vote(1, 'trust1', { seed: poolRoot }),
      vote(1, 'trust1', { poolRoot: seed }),
      vote(9, 'trust1'),
    ];
    for (const one of votes) server.peer({ kind: 'epoch-vote', vote: one }, trustPeer(one.witness));
    expect(server.machine.refused).toBe(4);
    server.nowMs += 60_000;
    const round = server.machine.buildRound(server.nowMs);
    expect(round?.epochVotes).toEqual([votes[0]]);
    // Said again when it was counted it would make a round for nothing.
    server.decide(round);
    server.peer({ kind: 'epoch-vote', vote: votes[0]! }, trustPeer(0));
    expect(server.machine.refused).toBe(5);
    server.nowMs += 60_000;
    expect(server.machine.buildRound(server.nowMs)).toBe(undefined);
  });

  it('shows a view only when it is durable', () => {
    const server = new Server();
    server.certified(server.block());
    server.decide(server.machine.buildRound(server.nowMs));
    server.peer({ kind: 'view-request', after: 0 });
    expect(server.sent('view')).toHaveLength(0);
    server.persist();
    expect(server.sent('view').map(({ view }) => view.round)).toEqual([1]);
    server.peer({ kind: 'view-request', after: 0 });
    expect(server.sent('view').map(({ view }) => view.round)).toEqual([1]);
  });

  it('stands still at an epoch’s edge until that is durable, for the snapshot', () => {
    const server = new Server();
    server.nowMs += server.net.genesis.parameters.epochMs;
    const edge = { ...server.input([server.block()]), seedProof: server.net.seedProof() };
    server.step({ kind: 'decided', input: edge });
    server.step({ kind: 'decided', input: { ...server.input([]), number: 2 } });
    server.verify();
    expect(server.take('edge')).toHaveLength(1);
    expect(server.net.ledger.round).toBe(1);
    server.persist();
    expect(server.net.ledger.round).toBe(2);
  });

  it('sends who missed rounds their notices, and who is up to date the last one', () => {
    const server = new Server();
    for (let round = 1; round <= 3; round++) {
      server.certified(server.block());
      server.decide(server.machine.buildRound(server.nowMs));
      server.persist();
    }
    server.take('send');
    server.peer({ kind: 'view-request', after: 1 });
    expect(server.sent('notice').map(({ notice }) => notice.header.number)).toEqual([2, 3]);
    server.peer({ kind: 'view-request', after: 3 });
    expect(server.sent('notice').map(({ notice }) => notice.header.number)).toEqual([3]);
  });

  it('waits with a block that refers to a round it has not applied', () => {
    const server = new Server();
    const first = server.block();
    const hash = blockHash(server.net.network, first.header);
    server.certified(server.block({ height: 2, previous: hash, refRound: 1 }));
    expect(server.machine.waitingBlocks).toBe(0);
    server.decide(server.input([first]));
    server.verify();
    expect(server.machine.waitingBlocks).toBe(1);
  });

  it('resets a lane that stalls before a gap, not one whose next block is here', () => {
    const server = new Server();
    const hash = blockHash(server.net.network, server.block().header);
    server.certified(server.block({ height: 2, previous: hash }));
    for (let round = 1; round <= 3; round++) {
      server.step({ kind: 'tick' });
      expect(server.machine.buildRound(server.nowMs)).toBeUndefined();
      server.decide(server.input([]));
      server.persist();
    }
    server.step({ kind: 'tick' });
    const input = server.machine.buildRound(server.nowMs);
    expect(input?.resets.map(({ lane, reason }) => [lane, reason])).toEqual([[0, 1]]);
    server.certified(server.block());
    server.decide(input);
    expect(server.net.ledger.lanes.read(0)?.incarnation).toBe(1);
  });

  it('takes resets and votes from their own nodes only', () => {
    const server = new Server();
    const reset = { lane: 1, incarnation: 0, reason: 0, signature: new Uint8Array(64) };
    server.peer({ kind: 'reset', reset }, trustPeer(2));
    expect(server.machine.buildRound(server.nowMs)).toBeUndefined();
    expect(server.machine.refused).toBe(0);
    server.peer({ kind: 'reset', reset }, trustPeer(1));
    expect(server.machine.buildRound(server.nowMs)).toBeUndefined();
    expect(server.machine.refused).toBe(1);
  });
});
