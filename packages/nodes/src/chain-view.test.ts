import { TestNetwork } from '@iotw/ledger/test-network';
import { describe, expect, it } from 'vitest';
import { ChainView } from './chain-view.js';
import { viewOf } from './ledger-server/chain-state.js';
import type { RoundNotice } from './messages.js';

const zero = new Uint8Array(32);

function notice(number: number, fields: Partial<RoundNotice> = {}): RoundNotice {
  const seed = { seed: zero, seedSource: 0, seedKey: new Uint8Array(48) };
  const roots = { previous: zero, ...seed, poolRoot: zero, blocksRoot: zero, resultsRoot: zero };
  return {
    header: { version: 1, number, timeMs: 1_000_000 + number, epoch: 0, ...roots, stateHash: zero },
    signatures: [],
    blocks: [],
    lanes: [],
    removed: [],
    reinstated: [],
    ...fields,
  };
}

function view(): ChainView {
  return new ChainView(viewOf(new TestNetwork().ledger));
}

describe('a view of the chain', () => {
  it('follows notices in order, forgives old ones, and says where one is missing', () => {
    const chain = view();
    expect(chain.apply(notice(1))).toBe(true);
    expect(chain.apply(notice(3))).toBe(false);
    expect(chain.round).toBe(1);
    expect(chain.apply(notice(1))).toBe(true);
    expect(chain.apply(notice(2))).toBe(true);
    expect(chain.round).toBe(2);
  });

  /** Rounds as [number, removed, reinstated] of device 5, then for which refRounds it is left out. */
  const TABLE: readonly (readonly [
    string,
    readonly (readonly [number, boolean, boolean])[],
    readonly number[],
  ])[] = [
    ['removed', [[2, true, false]], [2, 3, 4, 5, 6]],
    ['removed and reinstated in one round', [[2, true, true]], [2]],
    [
      'reinstated later',
      [
        [2, true, false],
        [4, false, true],
      ],
      [2, 3, 4],
    ],
    [
      'removed twice without an end',
      [
        [2, true, false],
        [4, true, false],
      ],
      [2, 3, 4, 5, 6],
    ],
    [
      'named as right though it is not removed',
      [
        [2, true, true],
        [5, false, true],
      ],
      [2],
    ],
    [
      'removed again',
      [
        [2, true, true],
        [4, true, false],
      ],
      [2, 4, 5, 6],
    ],
    [
      'removed and reinstated twice',
      [
        [1, true, true],
        [3, true, true],
        [5, true, false],
      ],
      [1, 3, 5, 6],
    ],
  ];

  it.each(TABLE)('leaves a device out as the ledger does: %s', (_what, rounds, out) => {
    const chain = view();
    for (let number = 1; number <= 6; number++) {
      const round = rounds.find(([at]) => at === number);
      const removed = round?.[1] ? [5] : [];
      chain.apply(notice(number, { removed, reinstated: round?.[2] ? [5] : [] }));
    }
    const left = Array.from({ length: 7 }, (_, refRound) => refRound).filter((r) => chain.removed(5, r));
    expect(left).toEqual(out);
  });

  it('forgets who was left out when no block may refer to it any more: at the second edge after', () => {
    const t = new TestNetwork();
    const chain = new ChainView(viewOf(t.ledger));
    const edge = { snapshot: t.ledger.snapshotOf(0)! };
    const left = (n: number) =>
      Array.from({ length: n + 1 }, (_, at) => at).filter((at) => chain.removed(5, at));
    chain.apply(notice(1, { removed: [5] }));
    chain.apply(notice(2, { reinstated: [5] }));
    chain.apply(notice(3, edge));
    expect(left(4)).toEqual([1, 2]);
    chain.apply(notice(4, { removed: [5], ...edge }));
    expect(left(5)).toEqual([4, 5]);
    chain.apply(notice(5, { reinstated: [5] }));
    chain.apply(notice(6, edge));
    chain.apply(notice(7, edge));
    expect(left(8)).toEqual([]);
  });

  it('jumps ahead, never back', () => {
    const chain = view();
    const state = viewOf(new TestNetwork().ledger);
    chain.replace({ ...state, round: 9, removed: [[3, 4, 0]] });
    expect([chain.round, chain.removed(3, 4), chain.removed(3, 3)]).toEqual([9, true, false]);
    chain.replace({ ...state, round: 8, removed: [] });
    expect([chain.round, chain.removed(3, 4)]).toEqual([9, true]);
  });

  it('knows the devices of a revoked batch', () => {
    const network = new TestNetwork();
    network.ledger.makers.batches.set('revokedFrom', 0, 7);
    const chain = new ChainView(viewOf(network.ledger));
    expect([chain.removed(2, 6), chain.removed(2, 7)]).toEqual([false, true]);
  });
});
