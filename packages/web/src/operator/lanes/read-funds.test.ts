import { describe, expect, it } from 'vitest';
import { readFunds } from './read-funds.ts';

const PARAMETERS = { feeFloor: 10, feePerOperation: 5, feeBps: 100 };
const BALANCE = 10_000_000;
const read = (credit: string, bond: string) => readFunds({ credit, bond }, BALANCE, PARAMETERS);

describe('money for a lane', () => {
  it('is credit, bond or both, and leaves with the fee of one operation', () => {
    expect(read('1.5', '2')).toEqual({
      ok: true,
      value: { credit: 1_500_000, bond: 2_000_000, total: 3_500_015 },
    });
    expect(read('', ' 2 ')).toMatchObject({ ok: true, value: { credit: 0, bond: 2_000_000 } });
    expect(read('9.999985', '0')).toMatchObject({ ok: true, value: { total: BALANCE } });
  });

  it.each([
    ['', '', 'funds-none', undefined],
    ['0', '', 'funds-none', undefined],
    ['-1', '', 'amount-format', 'credit'],
    ['1', '1e3', 'amount-format', 'bond'],
    ['1.0000001', '', 'amount-format', 'credit'],
    ['9.999986', '', 'wallet-balance', undefined],
    ['5', '5', 'wallet-balance', undefined],
  ])('credit %j, bond %j is refused', (credit, bond, code, of) => {
    const answer = read(credit, bond);
    expect(answer).toMatchObject({ ok: false, error: { code } });
    expect(answer.ok || answer.error.data?.of).toBe(of);
  });
});
