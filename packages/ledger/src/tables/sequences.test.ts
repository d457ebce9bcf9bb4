import { SEQUENCE_WINDOW } from '@iotw/protocol/limits';
import { RESULT_CODES } from '@iotw/protocol/result';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Accounts } from './accounts.js';
import { sequenceCode, useSequence } from './sequences.js';

const USED = RESULT_CODES['sequence-used'];
const FAR = RESULT_CODES['sequence-too-far'];

function fresh(): { accounts: Accounts; account: number } {
  const accounts = new Accounts(new Uint8Array(32));
  return { accounts, account: accounts.open(new Uint8Array(32).fill(1)) };
}

/** The rule in words: a set of used numbers. */
function model(used: ReadonlySet<number>, sequence: number): number {
  const highest = Math.max(0, ...used);
  if (sequence > highest + SEQUENCE_WINDOW) return FAR;
  if (sequence < 1 || sequence <= highest - SEQUENCE_WINDOW || used.has(sequence)) return USED;
  return 0;
}

describe('the sequence window', () => {
  it.each([
    ['the first', [], 1, 0],
    ['zero', [], 0, USED],
    ['the 64th of a new account', [], 64, 0],
    ['the 65th of a new account', [], 65, FAR],
    ['one again', [1], 1, USED],
    ['a gap', [3], 2, 0],
    ['the lowest of the window', [64], 1, 0],
    ['one below the window', [64, 65], 1, USED],
    ['bit 31', [40], 9, 0],
    ['bit 32', [40], 8, 0],
    ['bit 32, used', [8, 40], 8, USED],
    ['a jump over the whole window', [10, 74], 10, USED],
    ['behind a jump', [10, 74], 11, 0],
  ] as const)('%s', (_name, used, sequence, code) => {
    const { accounts, account } = fresh();
    for (const n of used) useSequence(accounts, account, n);
    expect(sequenceCode(accounts, account, sequence)).toBe(code);
  });

  it('agrees with a set of used numbers, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -70, max: 66 }), { maxLength: 200 }), (steps) => {
        const { accounts, account } = fresh();
        const used = new Set<number>();
        for (const step of steps) {
          const sequence = Math.max(0, accounts.sequence(account) + step);
          const code = sequenceCode(accounts, account, sequence);
          expect(code).toBe(model(used, sequence));
          if (code !== 0) continue;
          useSequence(accounts, account, sequence);
          used.add(sequence);
        }
      }),
    );
  });
});
