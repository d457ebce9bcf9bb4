import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { networkId } from '@iotw/protocol/genesis';
import { describe, expect, it } from 'vitest';
import { fillFromGenesis } from './genesis-state.js';
import { State } from './state.js';
import { stateHashAfter } from './state-hash.js';
import { testGenesis } from './test-network.js';

const ROOT = new Uint8Array(32);

function fresh(): State {
  const genesis = testGenesis();
  const network = networkId(genesis);
  const state = new State(network, genesis, new SignatureChecker(64), network);
  fillFromGenesis(state, 0);
  state.beginRound(1, genesis.timeMs);
  return state;
}

/** The hash after `change`. */
function hashOf(change: (state: State) => void): string {
  const state = fresh();
  change(state);
  return Buffer.from(stateHashAfter(state, ROOT)).toString('hex');
}

/** A change of one byte of one table, as an operation would make it. */
const changeRow = (table: number) => (state: State) => {
  const t = state.tables[table]!;
  const row = t.rows === 0 ? t.append() : 0;
  t.touch(row);
  const [column] = Object.keys(t.col);
  const array = t.col[column!]!;
  array[0] = array[0]! ^ 1;
};

describe('the state hash', () => {
  const quiet = hashOf(() => {});

  const others = fresh()
    .tables.map((table, i) => [table.name, i] as const)
    .slice(1);

  it.each(others)('covers %s', (_name, i) => {
    const touched = hashOf((state) => state.tables[i]!.touch(0));
    const changed = hashOf(changeRow(i));
    expect(changed).not.toBe(touched);
    expect(changed).not.toBe(quiet);
  });

  it('covers balance, sequence and bitmap of a touched account', () => {
    const account = (change: (state: State) => void) =>
      hashOf((state) => {
        state.accounts.touch(1);
        change(state);
      });
    const hashes = [
      account(() => {}),
      account((s) => s.accounts.setBalance(1, 5)),
      account((s) => s.accounts.setWindow(1, 1, 0, 0)),
      account((s) => s.accounts.setWindow(1, 0, 1, 0)),
      account((s) => s.accounts.setWindow(1, 0, 0, 1)),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('covers the keys of the accounts a round opens, their number and their balances', () => {
    const open = (first: number, balance: number, more: number) =>
      hashOf((state) => {
        const number = state.accounts.open(new Uint8Array(32).fill(first));
        state.accounts.setBalance(number, balance);
        for (let i = 0; i < more; i++) state.accounts.open(new Uint8Array(32).fill(100 + i));
      });
    const hashes = [quiet, open(1, 0, 0), open(2, 0, 0), open(1, 9, 0), open(1, 0, 1)];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('covers the hash before and the results', () => {
    const other = fresh();
    other.chain.setBytes('stateHash', 0, new Uint8Array(32).fill(1));
    expect(Buffer.from(stateHashAfter(other, ROOT)).toString('hex')).not.toBe(quiet);
    const results = Buffer.from(stateHashAfter(fresh(), new Uint8Array(32).fill(1))).toString('hex');
    expect(results).not.toBe(quiet);
  });

  it('forgets a row that was dropped again', () => {
    const dropped = hashOf((state) => {
      state.journal.begin();
      state.trades.append();
      state.accounts.open(new Uint8Array(32).fill(7));
      state.journal.rollback();
      state.trades.append();
    });
    const never = hashOf((state) => {
      state.trades.append();
    });
    expect(dropped).toBe(never);
  });
});
