import { describe, expect, it } from 'vitest';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import { serversInOrder, ViewInquiry } from './server-turn.js';

const RESEND_MS = 500;

/** Trust node 1 of region 1; the ledger servers stand in the regions given, one after the other. */
function contextOf(regions: readonly number[]): TrustNodeContext {
  const at = (region: number) => ({ region, standing: true });
  const nodes = { trust: [at(0), at(1)], ledger: regions.map(at) };
  return { index: 1, limits: { resendMs: RESEND_MS }, view: { nodes } } as unknown as TrustNodeContext;
}

function asked(inquiry: ViewInquiry, nowMs: number, after = 7): string[] {
  const effects: TrustNodeEffect[] = [];
  inquiry.ask(after, nowMs, effects);
  return effects.map((effect) => {
    if (effect.kind !== 'send' || effect.message.kind !== 'view-request') return effect.kind;
    return `${effect.to} after ${effect.message.after}`;
  });
}

describe('turning to ledger servers', () => {
  it('begins in its own region', () => {
    expect(serversInOrder(contextOf([0, 1, 2, 1]))).toEqual(['ledger:1', 'ledger:3', 'ledger:0', 'ledger:2']);
  });

  it('asks one server, and the next one where no answer came in time', () => {
    const inquiry = new ViewInquiry(contextOf([0, 1]));
    expect(asked(inquiry, 0)).toEqual(['ledger:1 after 7']);
    expect(asked(inquiry, RESEND_MS - 1)).toEqual([]);
    expect(asked(inquiry, RESEND_MS, 0)).toEqual(['ledger:0 after 0']);
    expect(asked(inquiry, 2 * RESEND_MS)).toEqual(['ledger:1 after 7']);
  });

  it('an answer brings the turn back to the first', () => {
    const inquiry = new ViewInquiry(contextOf([0, 1]));
    asked(inquiry, 0);
    inquiry.answered();
    expect(asked(inquiry, RESEND_MS)).toEqual(['ledger:1 after 7']);
  });

  it('asks nobody where no ledger server stands', () => {
    expect(asked(new ViewInquiry(contextOf([])), 0)).toEqual([]);
  });
});
