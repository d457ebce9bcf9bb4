import { serverOrder } from '@iotw/assignment/server-order';
import { ledgerPeer, type PeerId } from '../messages.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';

/** The ledger servers that take part, in the order in which this trust node turns to them (spec: clause 14.10). */
export function serversInOrder({ index, view }: TrustNodeContext): PeerId[] {
  const { trust, ledger } = view.nodes;
  return serverOrder(index, trust, ledger).map(ledgerPeer);
}

/**
 * Asks for a view of the ledger: one server at a time, the first of the order, and the next where none came that
 * took this node forward within `resendMs`. Views are large; all servers have the same one to give.
 */
export class ViewInquiry {
  readonly #context: TrustNodeContext;
  #askedMs = Number.NEGATIVE_INFINITY;
  #turn = 0;

  constructor(context: TrustNodeContext) {
    this.#context = context;
  }

  /** `after`: the round that is known; 0 asks for everything. */
  ask(after: number, nowMs: number, effects: TrustNodeEffect[]): void {
    if (nowMs < this.dueMs) return;
    const servers = serversInOrder(this.#context);
    const to = servers[this.#turn % Math.max(1, servers.length)];
    if (to === undefined) return;
    this.#askedMs = nowMs;
    this.#turn += 1;
    effects.push({ kind: 'send', to, message: { kind: 'view-request', after } });
  }

  /** A view came that took this node forward: the next question goes to the first again. */
  answered(): void {
    this.#turn = 0;
  }

  get dueMs(): number {
    return this.#askedMs + this.#context.limits.resendMs;
  }
}
