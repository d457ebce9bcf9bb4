import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { concatBytes, writeU32 } from '@iotw/kernel/bytes';
import type { ChainViewState, NodeSet, PeerMessage, RoundNotice } from '@iotw/nodes/messages';
import type { Genesis } from '@iotw/protocol/genesis';
import { describe, expect, test } from 'vitest';
import { RemoteDirectory } from './remote-directory.js';

const key = (n: number) => new Uint8Array(32).fill(n);
const genesis = {
  parameters: { epochMs: 60_000 },
  devices: [{ key: key(1) }, { key: key(2) }],
  trustNodes: [
    { key: key(10), linkKey: key(20) },
    { key: key(11), linkKey: key(21) },
  ],
  ledgerServers: [{ key: key(30), linkKey: key(40) }],
} as unknown as Genesis;

function nodes(...trust: [number, number][]): NodeSet {
  const entry = ([own, link]: [number, number], standing = true) => ({
    key: key(own),
    linkKey: key(link),
    region: 0,
    address: '',
    standing,
  });
  return { trust: trust.map((pair) => entry(pair)), ledger: [entry([30, 40])] };
}

function packed(...devices: [number, number][]): Uint8Array {
  return concatBytes(
    ...devices.map(([number, fill]) => {
      const b = new Uint8Array(36).fill(fill);
      writeU32(b, 0, number);
      return b;
    }),
  );
}

function notice(number: number, more: Partial<RoundNotice> = {}): PeerMessage {
  const header = { number, epoch: number } as RoundNotice['header'];
  return { kind: 'notice', notice: { header, ...more } as RoundNotice };
}

function view(round: number, more: Partial<ChainViewState> = {}): PeerMessage {
  const state = { round, epoch: round, nodes: nodes([10, 20], [11, 21]), snapshots: [], ...more };
  return { kind: 'view', view: state as ChainViewState };
}

const NOTHING = { keys: false, devices: false };
const rotated = { nodes: nodes([10, 20], [12, 22]) };

describe('the directory of a process without a ledger', () => {
  test('starts from the genesis', () => {
    const directory = new RemoteDirectory(genesis, openMemoryStore());
    expect(directory.authorize(key(2))).toEqual({ ok: true, value: 1 });
    expect(directory.authorize(key(3))).toMatchObject({ error: { code: 'device-unknown' } });
    expect(directory.peerOf(key(21))).toEqual({ role: 'trust', index: 1 });
    expect(directory.peerOf(key(40))).toEqual({ role: 'ledger', index: 0 });
    expect(directory.peerOf(key(10))).toBeUndefined();
  });

  test('follows notices: devices come and go, keys are replaced', () => {
    const directory = new RemoteDirectory(genesis, openMemoryStore());
    expect(directory.follow(notice(1))).toEqual(NOTHING);
    expect(directory.epoch).toBe(1);
    expect(directory.follow(notice(2, { registered: packed([2, 3]) }))).toEqual(NOTHING);
    expect(directory.authorize(key(3))).toEqual({ ok: true, value: 2 });
    expect(directory.follow(notice(3, { revoked: [2] }))).toEqual({ keys: false, devices: true });
    expect(directory.authorize(key(3))).toMatchObject({ error: { code: 'device-revoked' } });
    expect(directory.follow(notice(4, rotated))).toEqual({ keys: true, devices: true });
    expect(directory.laneKeys()).toEqual([key(10), key(12)]);
    expect(directory.peerOf(key(21))).toBeUndefined();
    expect(directory.peerOf(key(22))).toEqual({ role: 'trust', index: 1 });
  });

  test('takes nothing from a notice after a gap, or an old one', () => {
    const directory = new RemoteDirectory(genesis, openMemoryStore());
    expect(directory.follow(notice(2, rotated))).toEqual(NOTHING);
    expect(directory.peerOf(key(22))).toBeUndefined();
    directory.follow(view(5, rotated));
    expect(directory.follow(notice(5, { nodes: nodes([10, 20], [11, 21]) }))).toEqual(NOTHING);
    expect(directory.laneKeys()).toEqual([key(10), key(12)]);
  });

  test('a view replaces what was known, an older one does not', () => {
    const directory = new RemoteDirectory(genesis, openMemoryStore());
    directory.follow(notice(1, { revoked: [0] }));
    expect(directory.follow(view(4, { ...rotated, devices: packed([0, 1], [7, 9]) }))).toEqual({
      keys: true,
      devices: true,
    });
    expect(directory.authorize(key(1))).toEqual({ ok: true, value: 0 });
    expect(directory.authorize(key(9))).toEqual({ ok: true, value: 7 });
    expect(directory.authorize(key(2)).ok).toBe(false);
    expect(directory.follow(view(3))).toEqual(NOTHING);
    expect(directory.laneKeys()).toEqual([key(10), key(12)]);
  });

  test('finds its peers again after a restart by the keys it saved', async () => {
    const store = openMemoryStore();
    const directory = new RemoteDirectory(genesis, store);
    directory.follow(view(4, rotated));
    await store.commit(directory.saved());
    const restarted = new RemoteDirectory(genesis, store);
    expect(restarted.peerOf(key(22))).toEqual({ role: 'trust', index: 1 });
    expect(restarted.peerOf(key(21))).toBeUndefined();
    expect(restarted.peerOf(key(40))).toEqual({ role: 'ledger', index: 0 });
    expect(restarted.laneKeys()).toEqual([key(10), key(12)]);
  });

  test('tells devices of the assigners of the running epoch and of the one before, whose blocks may still come', () => {
    const directory = new RemoteDirectory(genesis, openMemoryStore());
    const snapshot = (index: number) =>
      ({ parameters: { epochMs: 1, assigner: 1 }, assigners: [{ index, key: key(index) }] }) as never;
    const told = () => directory.assigners().map(({ index }) => index);
    const after = [5, 6, 7].map((index, i) => {
      directory.follow(notice(i + 1, { snapshot: snapshot(index) }));
      return told();
    });
    expect(after).toEqual([[5], [5, 6], [6, 7]]);
    directory.follow(notice(4));
    expect(told()).toEqual([6, 7]);
  });

  test('lets a trust node host while it stands, and while devices of the running pool are drawn at it', () => {
    const directory = new RemoteDirectory(genesis, openMemoryStore());
    const codes = () =>
      [0, 1, 2].map((node) => {
        const hosting = directory.hosting(node);
        return hosting.ok ? 'ok' : hosting.error.code;
      });
    expect(codes()).toEqual(['ok', 'ok', 'node-suspended']);
    const three = nodes([10, 20], [11, 21], [13, 23]);
    const out = { ...three, trust: three.trust.map((node, i) => ({ ...node, standing: i !== 1 })) };
    const seated = (...indices: number[]) =>
      ({ parameters: { epochMs: 1 }, devices: indices.map((host) => ({ host })) }) as never;
    directory.follow(notice(1, { nodes: out, snapshot: seated(0, 1) }));
    expect(codes()).toEqual(['ok', 'ok', 'ok']);
    directory.follow(notice(2, { nodes: out, snapshot: seated(0, 2) }));
    expect(codes()).toEqual(['ok', 'node-suspended', 'ok']);
    expect(directory.peerOf(key(23))).toEqual({ role: 'trust', index: 2 });
  });
});
