/** Trust nodes that votes admit and suspend: how one begins, what it may do. */
import { utf8 } from '@iotw/kernel/bytes';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { keys, publicKey, TestNetwork, testGenesis } from '@iotw/ledger/test-network';
import { proposeOp, transferOp, voteOp } from '@iotw/ledger/test-operations';
import { beforeAll, describe, expect, it } from 'vitest';
import { HeldKeys } from '../held-keys.js';
import { newSubmission } from '../intake/submission.js';
import { viewOf } from '../ledger-server/chain-state.js';
import { type ChainViewState, ledgerPeer, type RoundNotice } from '../messages.js';
import type { TrustNodeEffect } from './context.js';
import { TrustNode } from './trust-node.js';

const INDEX = 3;
const members = ['member0', 'member1'].map((name) => ({ key: publicKey(name), amount: 1_000_000 }));
const t = new TestNetwork({ genesis: { accounts: [...testGenesis().accounts, ...members] } });
const genesisView = viewOf(t.ledger);
/** The ledger's view before the admission, after it, when the first epoch with it opens, after its suspension. */
const views: Record<'before' | 'admitted' | 'seated' | 'suspended', ChainViewState> = {} as never;

function adopt(proposal: Parameters<typeof proposeOp>[0]): void {
  t.send('member0', proposeOp(proposal, t.ledger.epoch + 5));
  expect(t.send('member1', voteOp(t.ledger.proposals.rows - 1)).code).toBe('ok');
  t.endEpoch();
}

beforeAll(() => {
  t.endEpoch();
  views.before = viewOf(t.ledger);
  const node = {
    key: publicKey('trust3'),
    linkKey: publicKey('trust3 link'),
    account: publicKey('operator3'),
  };
  adopt({ kind: 'trustNodeAdmit', content: { ...node, region: 1, cloud: 0, operator: utf8('third') } });
  views.admitted = viewOf(t.ledger);
  t.endEpoch();
  t.endEpoch();
  views.seated = viewOf(t.ledger);
  adopt({ kind: 'trustNodeSuspend', content: { index: INDEX } });
  views.suspended = viewOf(t.ledger);
});

function begin(name = 'trust3', next?: string) {
  const node = new TrustNode({
    network: t.network,
    index: INDEX,
    keys: new HeldKeys(keys(name), next === undefined ? undefined : keys(next)),
    accountKeys: keys('operator3'),
    checker: new SignatureChecker(256),
    view: genesisView,
    stale: true,
    blocks: [],
    votes: [],
  });
  const hear = (view: ChainViewState): TrustNodeEffect[] => {
    const effects: TrustNodeEffect[] = [];
    node.step({ kind: 'peer', from: ledgerPeer(0), message: { kind: 'view', view } }, 0, effects);
    return effects;
  };
  return { node, hear };
}

const refusals = (effects: readonly TrustNodeEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'refused' ? [effect.error.code] : []));

describe('a trust node that the genesis does not know', () => {
  it('starts, waits for the vote, opens its lane, stops when it is suspended', () => {
    const { node, hear } = begin();
    expect(node.standing).toBe('waiting');
    expect(refusals(hear(views.before))).toEqual(['node-suspended']);
    expect(node.standing).toBe('waiting');
    expect(refusals(hear(views.admitted))).toEqual([]);
    expect(node.standing).toBe('admitted');
    const tx = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
    const run = { bytes: tx.envelope, offsets: Uint32Array.of(0, tx.envelope.length) };
    const submission = newSubmission(run, undefined);
    submission.ids = tx.id;
    const leaves = (view: ChainViewState) => hear(view).some(({ kind }) => kind === 'block-left');
    node.queue.offer(submission, 0);
    expect(node.queue.closed).toBe(true);
    expect(leaves({ ...views.admitted, round: views.admitted.round + 1 })).toBe(false);
    expect(leaves(views.seated)).toBe(true);
    expect([node.standing, node.queue.closed, node.blocksInFlight]).toEqual(['serving', false, 1]);
    hear(views.suspended);
    expect([node.standing, node.queue.closed]).toEqual(['suspended', true]);
  });

  it('asks and believes the ledger servers that the running ledger lists', () => {
    const { node, hear } = begin();
    hear(views.admitted);
    const nodes = {
      ...views.seated.nodes,
      ledger: views.seated.nodes.ledger.map((server) => ({ ...server, standing: false })),
    };
    const last = { ...views.seated.nodes.ledger[0]!, standing: true };
    hear({ ...views.seated, nodes: { ...nodes, ledger: [...nodes.ledger, last] } });
    const round = views.suspended.round + 10;
    const effects: TrustNodeEffect[] = [];
    const view = { ...views.suspended, round };
    node.step({ kind: 'peer', from: ledgerPeer(0), message: { kind: 'view', view } }, 0, effects);
    expect(node.round).toBe(views.seated.round);
    const from = ledgerPeer(nodes.ledger.length);
    node.step({ kind: 'peer', from, message: { kind: 'view', view } }, 0, effects);
    expect(node.round).toBe(round);
  });

  it('follows nothing of a version that this software does not know, and goes on by what it does', () => {
    const { node, hear } = begin();
    expect(refusals(hear({ ...views.seated, version: 2 }))).toEqual(['version-unknown']);
    expect(node.standing).toBe('waiting');
    expect(refusals(hear(views.seated))).toEqual([]);
    const seed = { seed: new Uint8Array(32), seedSource: 0, seedKey: new Uint8Array(48) };
    const zero = new Uint8Array(32);
    const notice: RoundNotice = {
      header: {
        version: 2,
        number: node.round + 1,
        timeMs: views.seated.timeMs,
        epoch: views.seated.epoch,
        previous: zero,
        ...seed,
        ...{ poolRoot: zero, blocksRoot: zero, resultsRoot: zero, stateHash: zero },
      },
      signatures: [],
      blocks: [],
      lanes: [],
      removed: [],
      reinstated: [],
    };
    const told = (told: RoundNotice): string[] => {
      const effects: TrustNodeEffect[] = [];
      node.step({ kind: 'peer', from: ledgerPeer(0), message: { kind: 'notice', notice: told } }, 0, effects);
      return refusals(effects);
    };
    expect(told(notice)).toEqual(['version-unknown']);
    expect(node.round).toBe(views.seated.round);
    expect(told({ ...notice, header: { ...notice.header, version: 1 } })).toEqual([]);
    expect(node.round).toBe(views.seated.round + 1);
  });

  it('says nothing under a key that the ledger does not list for it', () => {
    const { node, hear } = begin('mallory');
    expect(refusals(hear(views.seated))).toEqual(['node-key-wrong']);
    expect(node.standing).toBe('waiting');
  });

  it.each([
    ['before its rotation', 'trust3', 'second'],
    ['after it', 'first', 'trust3'],
  ])('begins under the one of its two keys that the ledger lists: %s', (_, present, next) => {
    const { node, hear } = begin(present, next);
    expect(refusals(hear(views.seated))).toEqual([]);
    expect(node.standing).toBe('serving');
  });

  const table: [name: string, change: (view: ChainViewState) => ChainViewState][] = [
    ['without the running epoch', (view) => ({ ...view, snapshots: view.snapshots.slice(0, -1) })],
    [
      'whose pool is not what its root says',
      (view) => ({
        ...view,
        snapshots: view.snapshots.map((s) => ({ ...s, trustNodes: s.trustNodes.slice(1) })),
      }),
    ],
    ['with a lane too few', (view) => ({ ...view, lanes: view.lanes.slice(0, -1) })],
    ['with lanes out of order', (view) => ({ ...view, lanes: [...view.lanes].reverse() })],
    [
      'whose epoch has trust nodes that it does not list',
      (view) => ({
        ...view,
        lanes: view.lanes.slice(0, 2),
        nodes: { ...view.nodes, trust: view.nodes.trust.slice(0, 2) },
      }),
    ],
  ];
  it.each(table)('begins by no view %s', (_, change) => {
    const { node, hear } = begin();
    expect(refusals(hear(change(views.seated)))).toEqual(['view-invalid']);
    expect(node.standing).toBe('waiting');
    expect(refusals(hear(views.seated))).toEqual([]);
  });
});
