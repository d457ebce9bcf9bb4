import { RESULT_CODES, type ResultCode } from '@iotw/protocol/result';
import { describe, expect, it } from 'vitest';
import { DEVICE_ROWS } from './test-device-rows.js';
import { EVIDENCE_ROWS } from './test-evidence-rows.js';
import { HOST_ROWS } from './test-host-rows.js';
import { MONEY_ROWS } from './test-money-rows.js';
import { TestNetwork } from './test-network.js';
import { TICKET_ROWS } from './test-ticket-rows.js';
import { WITNESS_ROWS } from './test-witness-rows.js';

const ROWS = [...MONEY_ROWS, ...DEVICE_ROWS, ...EVIDENCE_ROWS, ...TICKET_ROWS, ...WITNESS_ROWS, ...HOST_ROWS];

describe('operations, one row per outcome', () => {
  it.each(ROWS)('%s: %s', (_name, expected, run) => {
    const t = new TestNetwork();
    expect(run(t)).toBe(expected);
    expect(t.ledger.countSupply()).toBe(t.ledger.chain.supply);
  });

  it('has a row for every result code', () => {
    // Those of proposals and votes have theirs in proposals/proposals.test.ts and upgrade.test.ts.
    const elsewhere = /^(proposal|vote|committee|emergency|upgrade)-|^maker-exists$/;
    const covered = new Set(ROWS.map(([, code]) => code));
    const codes = Object.keys(RESULT_CODES).filter((code) => !elsewhere.test(code));
    expect(codes.filter((code) => !covered.has(code as ResultCode))).toEqual([]);
  });
});
