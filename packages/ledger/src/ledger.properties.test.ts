import type { Operation } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { SignedTransaction } from '@iotw/protocol/transaction';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.js';
import { TestNetwork } from './test-network.js';
import { presenceOp, refundOp, tradeOp, transferOp, transferToKeyOp } from './test-operations.js';
import { SavedPages } from './test-saved-pages.js';

const NAMES = ['alice', 'bob', 'carol', 'operator0', 'dora', 'erin'] as const;
const name = fc.constantFrom(...NAMES);
const amount = fc.oneof(fc.nat(2_000), fc.nat(1_500_000), fc.constant(0));

type Step =
  | { readonly kind: 'transfer'; readonly to: number; readonly amount: number }
  | { readonly kind: 'key' | 'trade'; readonly to: string; readonly amount: number }
  | { readonly kind: 'refund'; readonly of: number; readonly amount: number }
  | { readonly kind: 'fund'; readonly lane: number; readonly amount: number }
  | { readonly kind: 'ticket'; readonly device: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('transfer' as const), to: fc.nat(16), amount }),
  fc.record({ kind: fc.constantFrom('key' as const, 'trade' as const), to: name, amount }),
  fc.record({ kind: fc.constant('refund' as const), of: fc.nat(5), amount }),
  fc.record({ kind: fc.constant('fund' as const), lane: fc.nat(3), amount }),
  fc.record({ kind: fc.constant('ticket' as const), device: fc.nat(8) }),
);
const plan = fc.record({
  sender: name,
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  lane: fc.nat(2),
  sequence: fc.integer({ min: 0, max: 70 }),
  endEpoch: fc.nat(9).map((n) => n === 0),
});

function operation(t: TestNetwork, s: Step, earlier: readonly SignedTransaction[]): Operation {
  switch (s.kind) {
    case 'transfer':
      return transferOp(s.to, s.amount);
    case 'key':
      return transferToKeyOp(s.to, s.amount);
    case 'trade':
      return tradeOp(s.to, s.amount);
    case 'refund':
      return refundOp(earlier[s.of]?.id ?? new Uint8Array(32), 0, s.amount);
    case 'fund':
      return { type: 'laneFund', lane: s.lane, credit: s.amount, bond: 1 };
    case 'ticket':
      return presenceOp(t, `device${s.device % 8}`, { device: s.device });
  }
}

describe('whatever is sent', () => {
  it('the supply stays, a failure costs the floor and nothing else, two ledgers agree', () => {
    fc.assert(
      fc.property(fc.array(plan, { minLength: 1, maxLength: 12 }), (plans) => {
        const t = new TestNetwork();
        const twin = Ledger.genesis(t.genesis, { indexSalt: new Uint8Array(32).fill(1) });
        const sent: SignedTransaction[] = [];
        for (const p of plans) {
          const operations = p.steps.map((s) => operation(t, s, sent));
          const tx = t.transaction(p.sender, operations, { sequence: p.sequence });
          sent.push(tx);
          const suspended = t.ledger.trustNodes.read(p.lane)!.suspended;
          const blocks = suspended ? [] : [t.block(p.lane, [tx])];
          const timeMs = t.ledger.timeMs + (p.endEpoch ? 10_000 : 1);
          const input = { ...t.input({ timeMs }), seedProof: p.endEpoch ? t.seedProof() : new Uint8Array(0) };
          const before = NAMES.map((n) => t.balance(n));
          expect(t.ledger.validateRound(input, blocks).ok).toBe(true);
          const outcome = t.ledger.applyRound(input, blocks);
          expect(t.ledger.countSupply()).toBe(t.ledger.chain.supply);
          if (outcome.codes.length > 0 && outcome.codes[0] !== 0 && !p.endEpoch) {
            const fee = outcome.codes[0]! > RESULT_CODES['fee-unpaid'] ? outcome.fees[0]! : 0;
            const after = NAMES.map((n, i) => before[i]! - (n === p.sender ? fee : 0));
            expect(NAMES.map((n) => t.balance(n))).toEqual(after);
          }
          expect(twin.applyRound(input, blocks)).toEqual(outcome);
        }
        expect(twin.stateRoot()).toEqual(t.ledger.stateRoot());
        // Consensus reads it: hashed page by page as they changed, and all pages at once.
        const pages = new SavedPages(t.ledger.save());
        const fresh = Ledger.load(pages.read, t.genesis);
        expect(fresh.ok && fresh.value.stateRoot()).toEqual(t.ledger.stateRoot());
        expect(twin.stateHash).toEqual(t.ledger.stateHash);
      }),
      { numRuns: 60 },
    );
  });

  it('a transaction counts once over any lanes and rounds', () => {
    const inclusion = fc.record({ lane: fc.nat(2), tx: fc.nat(3), round: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(inclusion, { maxLength: 24 }), (inclusions) => {
        const t = new TestNetwork();
        const bob = t.account('bob');
        const txs = [1, 2, 3, 40].map((sequence) =>
          t.transaction('alice', [transferOp(bob, 10 ** (sequence % 5))], { sequence }),
        );
        let applied = 0;
        for (let round = 0; round < 4; round++) {
          const blocks = [0, 1, 2].flatMap((lane) => {
            const chosen = inclusions.filter((i) => i.round === round && i.lane === lane);
            return chosen.length === 0
              ? []
              : [
                  t.block(
                    lane,
                    chosen.map((i) => txs[i.tx]!),
                  ),
                ];
          });
          for (const code of t.round(blocks).codes) if (code === 0) applied++;
        }
        const distinct = [...new Set(inclusions.map((i) => i.tx))];
        expect(applied).toBe(distinct.length);
        const amounts = [10, 100, 1_000, 1];
        expect(t.balance('bob')).toBe(1_000_000 + distinct.reduce((sum, i) => sum + amounts[i]!, 0));
      }),
      { numRuns: 60 },
    );
  });
});
