import { compareBytes, equalBytes } from '@iotw/kernel/bytes';
import type { Range, Store, Write } from '@iotw/kernel/ports/store';
import type { BlockHeader } from '@iotw/protocol/header';
import { MAX_TRUST_NODES } from '@iotw/protocol/limits';
import { describe, expect, it } from 'vitest';
import { blockErases, VOTE_TABLE, type VoteRecord, voteErase, voteWrite } from './records.js';
import { restoreTrustNode } from './restore.js';

/** What is left on a disk after these writes. */
function diskOf(writes: readonly Write[]): Pick<Store, 'get' | 'range'> {
  const last = writes.filter(
    ({ table, key }, at) =>
      !writes.slice(at + 1).some((later) => later.table === table && equalBytes(later.key, key)),
  );
  const kept = last
    .flatMap(({ table, key, value }) => (value === undefined ? [] : [{ table, key, value }]))
    .sort((a, b) => compareBytes(a.key, b.key));
  const within = (key: Uint8Array, { from, to }: Range) =>
    (from === undefined || compareBytes(key, from) >= 0) && (to === undefined || compareBytes(key, to) < 0);
  return {
    get: (table, key) => kept.find((one) => one.table === table && equalBytes(one.key, key))?.value,
    range: (table, range) =>
      kept.flatMap((one) =>
        one.table === table && within(one.key, range) ? [[one.key, one.value] as const] : [],
      ),
  };
}

const vote = (lane: number, height: number): VoteRecord => ({
  lane,
  height,
  incarnation: lane + 1,
  hash: new Uint8Array(32).fill(height % 251),
});

describe('the votes of one trust node', () => {
  const held: Readonly<Record<number, readonly VoteRecord[]>> = {
    0: [vote(0, 1)],
    1: [vote(0, 255), vote(0, 256), vote(1, 2), vote(256, 2 ** 40)],
    255: [vote(3, 7)],
    256: [vote(3, 8)],
    65534: [vote(3, 9)],
  };
  const disk = diskOf(
    Object.entries(held).flatMap(([node, votes]) => votes.map((record) => voteWrite(Number(node), record))),
  );

  it.each([...Object.keys(held), '2', '65533'])(
    'of node %s are its own, in order of lane and height',
    (node) => {
      expect(restoreTrustNode(disk, Number(node)).votes).toEqual(held[Number(node)] ?? []);
    },
  );

  it('go where they were erased, and nobody else’s', () => {
    const after = diskOf([voteWrite(1, vote(0, 5)), voteWrite(2, vote(0, 5)), voteErase(1, 0, 5)]);
    expect(restoreTrustNode(after, 1).votes).toEqual([]);
    expect(restoreTrustNode(after, 2).votes).toEqual([vote(0, 5)]);
  });

  it('are passed over where a record is damaged', () => {
    const write = voteWrite(1, vote(0, 5));
    const cut = diskOf([{ ...write, value: new Uint8Array(35) }]);
    expect(restoreTrustNode(cut, 1).votes).toEqual([]);
    const short = diskOf([{ table: VOTE_TABLE, key: write.key.slice(0, 10), value: new Uint8Array(36) }]);
    expect(restoreTrustNode(short, 1).votes).toEqual([]);
  });

  it('lie in one table, however many trust nodes a disk has', () => {
    const nodes = Array.from({ length: MAX_TRUST_NODES }, (_, node) => node);
    expect(new Set(nodes.map((node) => voteWrite(node, vote(0, 1)).table)).size).toBe(1);
    const left = { header: { lane: 0, incarnation: 0, height: 1 } as BlockHeader, isVoid: false };
    expect(
      new Set(nodes.flatMap((node) => blockErases(node, left, true).map(({ table }) => table))).size,
    ).toBe(1);
  });
});
